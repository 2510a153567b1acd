"""The client's own pause: reminders, check-ins and promises stand still; a message of theirs ends it."""

from uuid import UUID

from domain.ids import new_id
from records.clocks import reproject
from records.database import Transaction
from records.journeys import advance

REASON = "client"


async def pause(tx: Transaction, client_id: UUID) -> None:
    """The client pauses. Saying it twice changes nothing."""
    begun = await tx.run(
        "UPDATE clients SET paused_at = %s WHERE id = %s AND paused_at IS NULL", (tx.now, client_id)
    )
    if not begun:
        return
    await tx.audit("pause_journey", subject_id=client_id)
    for room_id in await _open_rooms(tx, client_id):
        await tx.insert("pauses", id=new_id(), room_id=room_id, reason=REASON, starts_at=tx.now, ends_at=None)
        await tx.run("UPDATE rooms SET client_away = true WHERE id = %s", (room_id,))
        await reproject(tx, room_id, "pause")
    await advance(tx, client_id)


async def resume(tx: Transaction, client_id: UUID) -> None:
    """The client goes on. The pause stays on record, so that its weeks are not taken for silence."""
    ended = await tx.run(
        "UPDATE clients SET paused_at = NULL WHERE id = %s AND paused_at IS NOT NULL", (client_id,)
    )
    if not ended:
        return
    await tx.audit("resume_journey", subject_id=client_id)
    for room_id in await _open_rooms(tx, client_id):
        await tx.run(  # a span is half-open and never empty
            "UPDATE pauses SET ends_at = greatest(%s, starts_at + interval '1 microsecond')"
            " WHERE room_id = %s AND reason = %s AND ends_at IS NULL",
            (tx.now, room_id, REASON),
        )
        await tx.run("UPDATE rooms SET client_away = false WHERE id = %s", (room_id,))
        await reproject(tx, room_id, "pause")
    await advance(tx, client_id)


async def _open_rooms(tx: Transaction, client_id: UUID) -> list[UUID]:
    rows = await tx.all(
        "SELECT id FROM rooms WHERE client_id = %s AND state = 'open' ORDER BY id", (client_id,)
    )
    return [row["id"] for row in rows]
