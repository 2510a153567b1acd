"""Who answers in a room: moved by staff under hard rules that nothing outweighs."""

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from domain.access import VisibleRoomId
from domain.assignments import AssignmentReason, MoveRefusal
from domain.clocks import DueState, project
from domain.errors import Conflict, NotFound
from domain.ids import new_id
from records.calendars import hold_rooms, room_schedule
from records.clock_moves import promised
from records.cover_spans import end_with_assignment, tell_leave
from records.covers import withdraw
from records.database import Row, Transaction
from records.events import Event, EventKind
from records.licences import recheck_room
from records.needs import known
from records.notices import notify
from records.reprojections import reproject_rooms
from records.standings import Place, Standing, standings

_ROOM = """
SELECT r.id AS room_id, r.client_id, r.therapist_id, k.state AS place, c.opened_at, c.extension_seconds, c.policy::text,
       c.policy_name, c.policy_id, p.id AS in_force_id, p.name AS in_force_name, p.definition,
       (SELECT y.code FROM coverages v LEFT JOIN payers y ON y.id = v.payer_id
        WHERE v.client_id = r.client_id AND v.status = 'active'
          AND (v.ended_at IS NULL OR v.ended_at > %(now)s)
        ORDER BY v.ended_at IS NULL DESC, v.created_at DESC LIMIT 1) AS payer, kept_apart(r.client_id) AS apart
FROM rooms r JOIN clients k ON k.id = r.client_id
LEFT JOIN response_clocks c ON c.room_id = r.id AND c.state = 'running'
LEFT JOIN LATERAL policy_in_force(c.room_id, c.kind, %(now)s) p ON c.id IS NOT NULL
WHERE r.id = %(room)s AND r.state = 'open'
"""


async def reassign(
    tx: Transaction,
    room: VisibleRoomId,
    therapist_id: UUID,
    reason: AssignmentReason,
    action_id: UUID | None = None,
) -> tuple[UUID, UUID]:
    """Give the room to another therapist: same room, clock and risk handed over, the client told at once.

    A licence has no override: without one in the client's present state it is refused. Returns the client and the
    former therapist. Raises NotFound, Conflict (`no_licence`, `no_credential`, `no_capacity`, `messaging_off`,
    `blocked`, `on_leave`, `no_hours`, `already_assigned`).
    """
    await hold_rooms(tx, [room.id], [therapist_id])
    row = await _open_room(tx, room.id)
    await hold_therapists(tx, {row["therapist_id"], therapist_id})
    if row["therapist_id"] == therapist_id:
        raise Conflict(MoveRefusal.ALREADY_ASSIGNED)
    people = await standings(tx, row["opened_at"] or tx.now, [therapist_id])
    if therapist_id not in people:
        raise NotFound
    against = await _against(tx, row, people[therapist_id])
    if against is not None:
        raise Conflict(against)
    await assign(tx, room.id, therapist_id, reason, action_id)
    await reproject_rooms(tx, [room.id], "reassigned")
    return row["client_id"], row["therapist_id"]


async def assign(
    tx: Transaction, room_id: UUID, therapist_id: UUID, reason: AssignmentReason, action_id: UUID | None
) -> None:
    """Write the move down and tell everybody it concerns. The caller has checked it, holds the rows, re-projects.

    Covers and open offers of cover that the room had end with it, but for a cover of the therapist it goes to; for
    leave of theirs that is still to come cover of it is looked for.
    """
    row = await tx.one(
        "UPDATE rooms r SET therapist_id = %s FROM rooms was WHERE r.id = %s AND was.id = r.id"
        " RETURNING r.client_id, was.therapist_id AS former",
        (therapist_id, room_id),
    )
    if row is None:
        raise NotFound
    await tx.run("UPDATE therapists SET active_rooms = active_rooms + 1 WHERE id = %s", (therapist_id,))
    await tx.run(
        "UPDATE therapists SET active_rooms = greatest(active_rooms - 1, 0) WHERE id = %s", (row["former"],)
    )
    assignment_id = new_id()
    await tx.insert(
        "room_assignments",
        id=assignment_id,
        room_id=room_id,
        from_therapist_id=row["former"],
        therapist_id=therapist_id,
        by_id=tx.actor.account_id if tx.actor else None,
        reason=reason,
        at=tx.now,
        action_id=action_id,
    )
    await tx.audit("reassign", room_id=room_id, subject_id=therapist_id, reason=reason)
    for who in (row["client_id"], row["former"], therapist_id):
        await notify(tx, who, "room_reassigned", assignment_id, room_id)
        tx.announce(Event(EventKind.DEVICES, account_id=who))  # their streams hear of other rooms from now on
    await _end_covers(tx, room_id, therapist_id, assignment_id)
    await recheck_room(tx, room_id)


async def _end_covers(tx: Transaction, room_id: UUID, therapist_id: UUID, assignment_id: UUID) -> None:
    for who in await end_with_assignment(tx, room_id, therapist_id):
        await notify(tx, who, "cover_not_needed", assignment_id)
    await withdraw(tx, room_id)
    leaves = await tx.all(
        "SELECT id FROM leaves WHERE therapist_id = %s AND cancelled_at IS NULL AND returned_at IS NULL"
        " AND ends_at > %s AND proposed_at IS NOT NULL ORDER BY id FOR NO KEY UPDATE",
        (therapist_id, tx.now),
    )
    for leave in leaves:
        await tx.run("UPDATE leaves SET proposed_at = NULL WHERE id = %s", (leave["id"],))
        await tell_leave(tx, leave["id"])


async def hold_therapists(tx: Transaction, therapist_ids: Collection[UUID]) -> None:
    """Lock the places of these therapists, in order of id: after calendars, rooms and clocks."""
    await tx.all(
        "SELECT id FROM therapists WHERE id = ANY (%s) ORDER BY id FOR NO KEY UPDATE", (list(therapist_ids),)
    )


async def could_take(tx: Transaction, room: VisibleRoomId) -> list[Row]:
    """Who would pass the rules of `reassign` now, by name: id, name and free places."""
    try:
        row = await _open_room(tx, room.id)
    except NotFound:
        return []
    people = (await standings(tx, row["opened_at"] or tx.now)).values()
    return [
        {"id": each.therapist_id, "name": each.name, "places": each.places}
        for each in people
        if each.therapist_id != row["therapist_id"] and each.refused(_place(row), tx.now) is None
    ]


async def _against(tx: Transaction, row: Row, taker: Standing) -> str | None:
    """What stands against the taker: the plain filters, then whether they have time in sight for what is owed."""
    refused = taker.refused(_place(row), tx.now)
    if refused is not None or row["opened_at"] is None:
        return refused
    found = await room_schedule(tx, row["room_id"], row["therapist_id"], row["opened_at"])
    extension = timedelta(seconds=row["extension_seconds"])
    time = taker.schedule(found.schedule)
    projection = project(promised(row).policy, time, row["opened_at"], tx.now, extension=extension)
    return MoveRefusal.NO_HOURS if projection.state is DueState.NO_CAPACITY else None


async def _open_room(tx: Transaction, room_id: UUID) -> Row:
    row = await tx.one(_ROOM, {"room": room_id, "now": tx.now})
    if row is None:
        raise NotFound
    kept = await known(tx, [row])
    return {**row, "needs": kept.get(row["client_id"])}


def _place(row: Row) -> Place:
    return Place(row["place"], row["payer"], frozenset(row["apart"]), row["needs"])
