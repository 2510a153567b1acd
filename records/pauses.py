"""A room's clock stands still: the client is away until their next message, or the clinic holds it until a review."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from domain.access import VisibleRoomId
from domain.errors import Conflict
from domain.ids import new_id
from domain.room_clocks import HoldReason, check_review
from records import consent_holds
from records.clocks import reproject
from records.database import Row, Transaction
from records.events import Event, EventKind
from records.journeys import advance
from records.locks import lock_room
from records.notices import notify, notify_role

REASON = "client"
_HOLDS = [reason.value for reason in HoldReason]


async def pause(tx: Transaction, client_id: UUID) -> None:
    """The client pauses. Saying it twice changes nothing."""
    begun = await tx.run(
        "UPDATE clients SET paused_at = %s WHERE id = %s AND paused_at IS NULL", (tx.now, client_id)
    )
    if not begun:
        return
    await tx.audit("pause_journey", subject_id=client_id)
    for room_id in await _open_rooms(tx, client_id):
        await lock_room(tx, room_id)
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
        await lock_room(tx, room_id)
        await _end(tx, room_id, [REASON])
        await tx.run("UPDATE rooms SET client_away = false WHERE id = %s", (room_id,))
        await reproject(tx, room_id, "pause")
    await advance(tx, client_id)


async def hold(tx: Transaction, room: VisibleRoomId, reason: HoldReason, review_by: datetime) -> UUID:
    """The clinic holds the room's reply times until somebody ends it; whoever asks answers for it.

    On a room that is held already it is the review: reason, owner and next review are new, the hold goes on.
    Messages are accepted meanwhile, their clock opens held. Risk and help never pause: not begun while risk is open.
    Raises Invalid (`not_in_the_future`, `too_late`), Conflict (`risk_is_open`, `room_closed`).
    """
    check_review(review_by, tx.now)
    found = await lock_room(tx, room.id)
    if found["state"] != "open":
        raise Conflict("room_closed")
    going_on = await current_hold(tx, room.id)
    if going_on is None and await at_risk(tx, room.id):
        raise Conflict("risk_is_open")
    await _end(tx, room.id, _HOLDS)
    pause_id = new_id()
    await tx.insert(
        "pauses",
        id=pause_id,
        room_id=room.id,
        reason=reason.value,
        starts_at=tx.now,
        ends_at=None,
        owner_id=room.actor.account_id,
        review_by=review_by,
    )
    await tx.audit("hold_room", room_id=room.id, subject_id=pause_id, reason=reason, review_by=review_by)
    await reproject(tx, room.id, "hold")
    if going_on is None:
        await notify(tx, found["client_id"], "room_held", pause_id, room.id)
        await notify(tx, found["therapist_id"], "room_held", pause_id, room.id)
    tx.announce(Event(EventKind.PROMISE, room_id=room.id))
    return pause_id


async def end_hold(tx: Transaction, room: VisibleRoomId) -> None:
    """Reply times count again from now. The client is told. Raises Conflict (`not_held`)."""
    found = await lock_room(tx, room.id)
    going_on = await current_hold(tx, room.id)
    if going_on is None:
        raise Conflict("not_held")
    await _end(tx, room.id, _HOLDS)
    await tx.audit("end_hold", room_id=room.id, subject_id=going_on["id"])
    await reproject(tx, room.id, "hold")
    await notify(tx, found["client_id"], "hold_ended", going_on["id"], room.id)
    await notify(tx, found["therapist_id"], "hold_ended", going_on["id"], room.id)
    tx.announce(Event(EventKind.PROMISE, room_id=room.id))


async def current_hold(tx: Transaction, room_id: UUID) -> Row | None:
    """The clinic's hold of the room, with its owner's name; None when there is none."""
    return await tx.one(
        "SELECT p.id, p.reason, p.starts_at, p.review_by, a.display_name AS owner FROM pauses p"
        " LEFT JOIN accounts a ON a.id = p.owner_id"
        " WHERE p.room_id = %s AND p.ends_at IS NULL AND p.reason = ANY(%s)",
        (room_id, _HOLDS),
    )


async def at_risk(tx: Transaction, room_id: UUID) -> bool:
    """Whether a risk flag of the room's client is open."""
    row = await tx.one(
        "SELECT 1 AS open FROM risk_flags f JOIN rooms r ON r.client_id = f.client_id"
        " WHERE r.id = %s AND f.state <> 'closed' LIMIT 1",
        (room_id,),
    )
    return row is not None


async def tell_reviews_due(tx: Transaction) -> int:
    """Tell owners and supervisors of holds whose review has passed, each once. How many holds."""
    rows = await tx.all(
        "SELECT p.id, p.room_id, p.owner_id FROM pauses p WHERE p.ends_at IS NULL AND p.review_by <= %s"
        " AND NOT EXISTS (SELECT 1 FROM notices n WHERE n.account_id = p.owner_id AND n.subject_id = p.id"
        "                 AND n.template = 'hold_review_due') ORDER BY p.review_by LIMIT 500",
        (tx.now,),
    )
    for row in rows:
        await notify(tx, row["owner_id"], "hold_review_due", row["id"], row["room_id"])
        await notify_role(tx, "supervisor", "hold_review_due", row["id"], row["room_id"])
    return len(rows)


async def end_all(tx: Transaction, room_id: UUID) -> None:
    """The room closes: nothing of it is on hold or paused any more. The caller holds the room."""
    await _end(tx, room_id, [REASON, consent_holds.REASON, *_HOLDS])


async def _end(tx: Transaction, room_id: UUID, reasons: Sequence[str]) -> None:
    await tx.run(  # a span is half-open and never empty
        "UPDATE pauses SET ends_at = greatest(%s, starts_at + interval '1 microsecond')"
        " WHERE room_id = %s AND reason = ANY(%s) AND ends_at IS NULL",
        (tx.now, room_id, list(reasons)),
    )


async def _open_rooms(tx: Transaction, client_id: UUID) -> list[UUID]:
    rows = await tx.all(
        "SELECT id FROM rooms WHERE client_id = %s AND state = 'open' ORDER BY id", (client_id,)
    )
    return [row["id"] for row in rows]
