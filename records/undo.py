"""Deeds that their doer may take back for a while: who did what, until when, and whether it was taken back."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from domain.assignments import UNDO_WITHIN, AssignmentReason, MoveRefusal
from domain.errors import Conflict, NotFound, Unauthenticated
from domain.ids import new_id
from records.assignments import assign, hold_therapists
from records.calendars import hold_rooms
from records.database import Row, Transaction
from records.reprojections import reproject_rooms
from records.standings import Place, standings

REASSIGN = "reassign"


@dataclass(frozen=True, slots=True)
class PutBack:
    """A room of a deed that was taken back. `refused`: why it stayed where it is."""

    room_id: UUID
    client_code: str
    clock_id: UUID | None  # what runs in it now
    therapist_before: UUID
    therapist_after: UUID | None
    due_before: datetime | None
    due_after: datetime | None = None
    refused: str | None = None


async def begin(tx: Transaction) -> UUID:
    """A new deed of whoever acts: moves of rooms that name it can be taken back for ten minutes."""
    if tx.actor is None:
        raise Unauthenticated
    action_id = new_id()
    await tx.insert(
        "undoable_actions",
        id=action_id,
        account_id=tx.actor.account_id,
        kind=REASSIGN,
        detail={},
        done_at=tx.now,
        expires_at=tx.now + UNDO_WITHIN,
    )
    return action_id


async def open_deed(tx: Transaction, action_id: UUID) -> Row:
    """One's own deed that can still be taken back.

    Raises NotFound (not yours, or not there), Conflict (`already_undone`, `too_late`).
    """
    row = await tx.one(
        "SELECT * FROM undoable_actions WHERE id = %s AND account_id = %s",
        (action_id, tx.actor.account_id if tx.actor else None),
    )
    if row is None:
        raise NotFound
    if row["undone_at"] is not None:
        raise Conflict("already_undone")
    if row["expires_at"] <= tx.now:
        raise Conflict("too_late")
    return row


async def rooms_of(tx: Transaction, action_id: UUID) -> list[UUID]:
    """The rooms that a deed moved, in order of id."""
    rows = await tx.all(
        "SELECT DISTINCT room_id FROM room_assignments WHERE action_id = %s AND reason <> %s ORDER BY room_id",
        (action_id, AssignmentReason.UNDONE),
    )
    return [row["room_id"] for row in rows]


async def put_back(tx: Transaction, action_id: UUID, room_ids: Sequence[UUID]) -> list[PutBack]:
    """Give rooms of a deed back to whom they were taken from; those that moved on since stay (`moved_since`).

    The place they had is theirs even where it has been filled meanwhile; a licence that has ended has no override.
    Covers that ended with the move do not come back: where the former therapist is to be away, cover is looked for.
    """
    held = {room["id"]: room for room in await hold_rooms(tx, room_ids, await _former(tx, action_id))}
    rows = await tx.all(_MOVED, {"action": action_id, "rooms": list(room_ids)})
    former = {row["from_therapist_id"] for row in rows}
    await hold_therapists(tx, former | {room["therapist_id"] for room in held.values()})
    people = await standings(tx, tx.now, former)
    done = []
    for row in rows:
        refused = None
        if row["state"] != "open":
            refused = MoveRefusal.ROOM_CLOSED.value
        elif not row["still_there"]:
            refused = MoveRefusal.MOVED_SINCE.value
        elif row["from_therapist_id"] not in people:
            refused = MoveRefusal.NOT_FOUND.value
        elif people[row["from_therapist_id"]].refused(Place(row["place"], None), tx.now) == "no_licence":
            refused = "no_licence"
        else:
            await assign(tx, row["room_id"], row["from_therapist_id"], AssignmentReason.UNDONE, action_id)
        done.append(_put_back(row, refused))
    await reproject_rooms(tx, [each.room_id for each in done if each.refused is None], "undone")
    return await _with_due(tx, done)


async def close(tx: Transaction, action_id: UUID) -> None:
    """The deed is taken back: once. Raises Conflict (`already_undone`)."""
    done = await tx.run(
        "UPDATE undoable_actions SET undone_at = %s WHERE id = %s AND undone_at IS NULL", (tx.now, action_id)
    )
    if not done:
        raise Conflict("already_undone")
    await tx.audit("undo", subject_id=action_id)


async def latest(tx: Transaction) -> Row | None:
    """One's own last deed that can still be taken back: its id, when, until when, and how many rooms it moved."""
    return await tx.one(
        "SELECT u.id, u.done_at, u.expires_at, count(a.id) AS rooms FROM undoable_actions u"
        " JOIN room_assignments a ON a.action_id = u.id WHERE u.account_id = %s AND u.undone_at IS NULL"
        " AND u.expires_at > %s GROUP BY u.id ORDER BY u.done_at DESC LIMIT 1",
        (tx.actor.account_id if tx.actor else None, tx.now),
    )


_MOVED = """
SELECT a.room_id, a.from_therapist_id, r.therapist_id, r.state, k.code AS client_code, k.state AS place,
       c.id AS clock_id, c.due_at,
       r.therapist_id = a.therapist_id AND NOT EXISTS (
           SELECT 1 FROM room_assignments n WHERE n.room_id = a.room_id AND n.at > a.at) AS still_there
FROM room_assignments a JOIN rooms r ON r.id = a.room_id JOIN clients k ON k.id = r.client_id
LEFT JOIN response_clocks c ON c.room_id = r.id AND c.state = 'running'
WHERE a.action_id = %(action)s AND a.reason <> 'undone' AND a.room_id = ANY (%(rooms)s) ORDER BY a.room_id
"""


async def _former(tx: Transaction, action_id: UUID) -> list[UUID]:
    rows = await tx.all(
        "SELECT DISTINCT from_therapist_id AS id FROM room_assignments WHERE action_id = %s ORDER BY 1",
        (action_id,),
    )
    return [row["id"] for row in rows]


def _put_back(row: Row, refused: str | None) -> PutBack:
    return PutBack(
        room_id=row["room_id"],
        client_code=row["client_code"],
        clock_id=row["clock_id"],
        therapist_before=row["therapist_id"],
        therapist_after=None if refused else row["from_therapist_id"],
        due_before=row["due_at"],
        refused=refused,
    )


async def _with_due(tx: Transaction, done: list[PutBack]) -> list[PutBack]:
    rows = await tx.all(
        "SELECT id, due_at FROM response_clocks WHERE id = ANY (%s)", ([each.clock_id for each in done],)
    )
    due = {row["id"]: row["due_at"] for row in rows}
    return [
        each if each.refused or each.clock_id is None else replace(each, due_after=due.get(each.clock_id))
        for each in done
    ]
