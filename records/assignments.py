"""Who answers in a room: moved by staff under the same hard rules as matching."""

from uuid import UUID

from domain.access import VisibleRoomId
from domain.errors import Conflict, NotFound
from records.clocks import reproject
from records.database import Row, Transaction
from records.notices import notify


async def reassign(tx: Transaction, room: VisibleRoomId, therapist_id: UUID) -> tuple[UUID, UUID]:
    """Give the room to another therapist: same room, clock and risk handed over, the client told at once.

    A licence has no override: without one in the client's present state it is refused. Returns the client and the
    former therapist. Raises NotFound, Conflict (`no_licence`, `no_capacity`, `already_assigned`).
    """
    row = await tx.one(
        "SELECT r.client_id, r.therapist_id, c.state FROM rooms r JOIN clients c ON c.id = r.client_id"
        " WHERE r.id = %s AND r.state = 'open' FOR UPDATE OF r",
        (room.id,),
    )
    if row is None:
        raise NotFound
    if row["therapist_id"] == therapist_id:
        raise Conflict("already_assigned")
    await _require_licence(tx, therapist_id, row["state"])
    taken = await tx.run(
        "UPDATE therapists SET active_rooms = active_rooms + 1 WHERE id = %s AND active_rooms < capacity",
        (therapist_id,),
    )
    if not taken:
        raise Conflict("no_capacity")
    await tx.run(
        "UPDATE therapists SET active_rooms = greatest(active_rooms - 1, 0) WHERE id = %s",
        (row["therapist_id"],),
    )
    await tx.run("UPDATE rooms SET therapist_id = %s WHERE id = %s", (therapist_id, room.id))
    await tx.audit("reassign", room_id=room.id, subject_id=therapist_id)
    for who in (row["client_id"], row["therapist_id"], therapist_id):
        await notify(tx, who, "room_reassigned", room.id, room.id)
    await reproject(tx, room.id, "reassigned")
    return row["client_id"], row["therapist_id"]


async def could_take(tx: Transaction, room: VisibleRoomId) -> list[Row]:
    """Who would pass the rules of `reassign` now, by name: id, name and free places."""
    return await tx.all(
        "SELECT t.id, a.display_name AS name, t.capacity - t.active_rooms AS places"
        " FROM therapists t JOIN accounts a ON a.id = t.id AND a.disabled_at IS NULL"
        " JOIN rooms r ON r.id = %(room)s AND r.state = 'open' AND r.therapist_id <> t.id"
        " JOIN clients c ON c.id = r.client_id"
        " WHERE t.active_rooms < t.capacity AND EXISTS (SELECT 1 FROM licences l WHERE l.therapist_id = t.id"
        " AND l.state = c.state AND l.active_from <= %(now)s::date AND %(now)s::date <= l.expires_on)"
        " ORDER BY a.display_name, t.id",
        {"room": room.id, "now": tx.now},
    )


async def _require_licence(tx: Transaction, therapist_id: UUID, state: str | None) -> None:
    licence = await tx.one(
        "SELECT 1 AS ok FROM licences WHERE therapist_id = %s AND state = %s"
        " AND active_from <= %s::date AND %s::date <= expires_on",
        (therapist_id, state, tx.now, tx.now),
    )
    if licence is None:
        raise Conflict("no_licence")
