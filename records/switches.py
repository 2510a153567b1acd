"""A client who would like another therapist: asked for at any time, without a reason; care goes on meanwhile."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from domain.access import WritableClientId
from domain.errors import Conflict
from domain.match_states import LIVE
from encryption.keys import KeyScope
from encryption.rooms import open_field, seal_field
from records import journeys, pauses
from records.database import Row, Transaction
from records.matches import newest, start_match, withdraw_search


@dataclass(frozen=True, slots=True)
class Switch:
    """A search for another therapist that is under way."""

    match_id: UUID
    asked_at: datetime
    share_history: bool
    reason: str | None = field(repr=False)


async def ask(tx: Transaction, client: WritableClientId, reason: str | None, *, share_history: bool) -> UUID:
    """Look for another therapist; the search. Asked again, the reason and what may be shared are as said last.

    The present room stays open, its promises stand, until somebody has said yes. Its therapist is never told why.
    Raises NotFound, Conflict (`no_room`, `journey_closed`).
    """
    await pauses.resume(tx, client.id)  # whoever asks for something is back
    await journeys.hold(tx, client.id)
    room = await _open_room(tx, client.id)
    await start_match(tx, client.id, from_room_id=room["id"], share_history=share_history)
    match = await newest(tx, client.id)
    assert match is not None  # noqa: S101  begun above
    await tx.run(
        "UPDATE matches SET share_history = %s, from_room_id = %s WHERE id = %s",
        (share_history, room["id"], match["id"]),
    )
    await _keep_reason(tx, client.id, match["id"], room["therapist_id"], reason)
    await tx.audit("switch_therapist", subject_id=match["id"], share_history=share_history)
    await journeys.advance(tx, client.id)
    match_id: UUID = match["id"]
    return match_id


async def stay(tx: Transaction, client: WritableClientId) -> None:
    """The client stays where they are: the search ends. Raises Conflict (`not_switching`)."""
    await journeys.hold(tx, client.id)
    if await _live(tx, client.id) is None:
        raise Conflict("not_switching")
    await withdraw_search(tx, client.id)
    await tx.audit("stay_with_therapist", subject_id=client.id)
    await journeys.advance(tx, client.id)


async def under_way(tx: Transaction, client_id: UUID) -> Switch | None:
    """The client's switch, if one is under way. The reason is None for whoever may not read it."""
    match = await _live(tx, client_id)
    if match is None:
        return None
    reason = await reason_of(tx, client_id, match["id"])
    return Switch(match["id"], match["created_at"], match["share_history"], reason)


async def reason_of(tx: Transaction, client_id: UUID, match_id: UUID) -> str | None:
    """What the client said about it: for themselves and for whoever places clients, never for the one they leave."""
    row = await tx.one("SELECT reason_sealed FROM switch_reasons WHERE match_id = %s", (match_id,))
    if row is None or not row["reason_sealed"]:
        return None
    key = await tx.key(KeyScope.CHART, client_id)
    return str(open_field(key, client_id, "switch_reasons", "reason_sealed", match_id, row["reason_sealed"]))


async def _keep_reason(
    tx: Transaction, client_id: UUID, match_id: UUID, therapist_id: UUID, reason: str | None
) -> None:
    key = await tx.key(KeyScope.CHART, client_id)
    sealed = (
        seal_field(key, client_id, "switch_reasons", "reason_sealed", match_id, reason) if reason else b""
    )
    await tx.run(
        "INSERT INTO switch_reasons (match_id, client_id, therapist_id, reason_sealed, at) VALUES (%s, %s, %s, %s, %s)"
        " ON CONFLICT (match_id) DO UPDATE SET reason_sealed = excluded.reason_sealed",
        (match_id, client_id, therapist_id, sealed, tx.now),
    )


async def _open_room(tx: Transaction, client_id: UUID) -> Row:
    room = await tx.one(
        "SELECT r.id, r.therapist_id, k.closed_at FROM clients k"
        " LEFT JOIN rooms r ON r.client_id = k.id AND r.state = 'open' WHERE k.id = %s",
        (client_id,),
    )
    assert room is not None  # noqa: S101  held by the caller
    if room["id"] is None:
        raise Conflict("journey_closed" if room["closed_at"] else "no_room")
    return room


async def _live(tx: Transaction, client_id: UUID) -> Row | None:
    return await tx.one(
        "SELECT * FROM matches WHERE client_id = %s AND from_room_id IS NOT NULL AND status = ANY (%s)",
        (client_id, list(LIVE)),
    )
