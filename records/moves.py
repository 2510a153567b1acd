"""Moving many rooms to other therapists: what would come of it, and the move itself, row by row under the rules.

What is shown before is worked out by the same code as what is done: the room's promise projected on the other
therapist's time. Lock order: calendars, rooms, clocks, then therapists.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from heapq import nsmallest
from typing import Final
from uuid import UUID

from domain.assignments import AssignmentReason, MoveRefusal, Needs
from domain.clocks import DueState, Projection, project
from domain.schedules import Schedule
from records import needs
from records.assignments import assign, hold_therapists
from records.calendars import Counted, hold_rooms, schedules
from records.clock_moves import promised
from records.database import Row, Transaction
from records.reprojections import reproject_rooms
from records.standings import Place, Standing, standings

BATCH: Final = 50
"""Rooms moved in one transaction: a message to one of them may have to wait for as long as that takes."""

CONSIDERED: Final = 5
"""Of the therapists who may take a room, those with the most free places are projected; the first to answer has it."""

_CLOCKS = """
SELECT c.id AS clock_id, c.room_id, c.state, c.opened_at, c.extension_seconds, c.policy::text, c.policy_name,
       c.policy_id,
       c.due_at, r.state AS room_state, r.therapist_id, r.client_id, k.code AS client_code, k.state AS place,
       p.id AS in_force_id, p.name AS in_force_name, p.definition,
       (SELECT y.code FROM coverages v LEFT JOIN payers y ON y.id = v.payer_id
        WHERE v.client_id = r.client_id AND v.status = 'active'
          AND (v.ended_at IS NULL OR v.ended_at > %(now)s)
        ORDER BY v.ended_at IS NULL DESC, v.created_at DESC LIMIT 1) AS payer, kept_apart(r.client_id) AS apart
FROM response_clocks c JOIN rooms r ON r.id = c.room_id JOIN clients k ON k.id = r.client_id
CROSS JOIN LATERAL policy_in_force(c.room_id, c.kind, %(now)s) p
WHERE c.id = ANY (%(clocks)s)
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A clock whose room is to go to a therapist; None: to whoever may take it and answers first."""

    clock_id: UUID
    therapist_id: UUID | None


@dataclass(frozen=True, slots=True)
class Move:
    """What comes of one row. `refused` is a code, and then nothing changes."""

    clock_id: UUID
    room_id: UUID | None = None
    client_code: str | None = None
    therapist_before: UUID | None = None
    therapist_after: UUID | None = None
    due_before: datetime | None = None
    due_after: datetime | None = None
    refused: str | None = None

    def refuse(self, code: str) -> "Move":
        """The same row, left as it is."""
        return replace(self, therapist_after=None, due_after=None, refused=str(code))


async def plan_moves(tx: Transaction, wanted: Sequence[Wanted]) -> list[Move]:
    """What would come of it, in the order asked for; a repeated clock counts once. Changes nothing."""
    once = list({each.clock_id: each for each in wanted}.values())
    rows = await tx.all(_CLOCKS, {"clocks": [each.clock_id for each in once], "now": tx.now})
    found = {row["clock_id"]: row for row in rows}
    open_rows = [row for row in rows if _ended(row) is None]
    time = await schedules(tx, [_counted(row) for row in open_rows])
    since = min((row["opened_at"] for row in rows), default=tx.now)
    people = await standings(tx, since, _named(once))
    known = await needs.known(tx, open_rows)
    projected = {room_id: each.schedule for room_id, each in time.items()}
    choosing = _Choosing(tx.now, people, projected, known, Counter(), {})
    return [choosing.move(each, found.get(each.clock_id)) for each in once]


async def carry_out(
    tx: Transaction, planned: Sequence[Move], reason: AssignmentReason, action_id: UUID
) -> list[Move]:
    """Move the planned rows that are still allowed, looked at again under their locks. At most BATCH in one go.

    What was refused stays refused. Clients and both therapists are told; the moved clocks are re-projected.
    """
    asked = [each for each in planned if each.refused is None]
    rooms = [each.room_id for each in asked if each.room_id is not None]
    takers = {each.therapist_after for each in asked if each.therapist_after is not None}
    before = await hold_rooms(tx, rooms, sorted(takers))
    await hold_therapists(tx, takers | {room["therapist_id"] for room in before})
    again = {
        each.clock_id: each
        for each in await plan_moves(tx, [Wanted(each.clock_id, each.therapist_after) for each in asked])
    }
    moved: list[UUID] = []
    for move in again.values():
        if move.refused is None and move.room_id is not None and move.therapist_after is not None:
            await assign(tx, move.room_id, move.therapist_after, reason, action_id)
            moved.append(move.room_id)
    await reproject_rooms(tx, moved, "reassigned")
    return await _with_due(tx, [again.get(each.clock_id, each) for each in planned])


async def _with_due(tx: Transaction, moves: list[Move]) -> list[Move]:
    """The due times as they stand now, in the rows that were moved."""
    rows = await tx.all(
        "SELECT id, due_at FROM response_clocks WHERE id = ANY (%s)",
        ([each.clock_id for each in moves if each.refused is None],),
    )
    due = {row["id"]: row["due_at"] for row in rows}
    return [replace(each, due_after=due[each.clock_id]) if each.clock_id in due else each for each in moves]


@dataclass(frozen=True, slots=True)
class _Choosing:
    """One pass over the rows: who has been given how many, so that the next row sees fewer free places."""

    now: datetime
    people: dict[UUID, Standing]
    time: dict[UUID, Schedule]
    needs: dict[UUID, Needs]  # by client, as far as they are known
    given: Counter[UUID]
    able: dict[Place, list[Standing]]  # who may take a client of a place at all, by name

    def move(self, wanted: Wanted, row: Row | None) -> Move:
        if row is None:
            return Move(wanted.clock_id, refused=MoveRefusal.NOT_FOUND.value)
        move = Move(
            wanted.clock_id,
            row["room_id"],
            row["client_code"],
            row["therapist_id"],
            due_before=row["due_at"],
        )
        ended = _ended(row)
        if ended is not None:
            return move.refuse(ended)
        place = Place(row["place"], row["payer"], frozenset(row["apart"]), self.needs.get(row["client_id"]))
        if wanted.therapist_id is None:
            return self._to_anybody(move, row, place)
        return self._to(move, row, place, wanted.therapist_id)

    def _to(self, move: Move, row: Row, place: Place, therapist_id: UUID) -> Move:
        taker = self.people.get(therapist_id)
        if taker is None:
            return move.refuse(MoveRefusal.NOT_FOUND)
        if therapist_id == row["therapist_id"]:
            return move.refuse(MoveRefusal.ALREADY_ASSIGNED)
        against = taker.refused(place, self.now, load=self.given[therapist_id])
        if against is not None:
            return move.refuse(against)
        projection = self._projected(row, taker)
        if projection.state is DueState.NO_CAPACITY:
            return move.refuse(MoveRefusal.NO_HOURS)
        return self._given(move, taker, projection)

    def _to_anybody(self, move: Move, row: Row, place: Place) -> Move:
        free = (
            each
            for each in self._able(replace(place, needs=None))
            if each.therapist_id != row["therapist_id"]
            and self._left(each) > 0
            and each.suits(place, self.now)
        )
        considered = nsmallest(CONSIDERED, free, key=lambda each: (-self._left(each), each.therapist_id))
        offers = [(each, self._projected(row, each)) for each in considered]
        able = [offer for offer in offers if offer[1].state is not DueState.NO_CAPACITY]
        if not able:
            return move.refuse(MoveRefusal.NOBODY_FREE)
        far = self.now + timedelta(days=3650)
        taker, projection = min(
            able, key=lambda offer: (offer[1].due_at or far, -self._left(offer[0]), offer[0].therapist_id)
        )
        return self._given(move, taker, projection)

    def _given(self, move: Move, taker: Standing, projection: Projection) -> Move:
        self.given[taker.therapist_id] += 1
        return replace(move, therapist_after=taker.therapist_id, due_after=projection.due_at)

    def _able(self, place: Place) -> list[Standing]:
        if place not in self.able:
            everybody = self.people.values()
            self.able[place] = [each for each in everybody if each.refused(place, self.now) is None]
        return self.able[place]

    def _left(self, standing: Standing) -> int:
        return standing.places - self.given[standing.therapist_id]

    def _projected(self, row: Row, taker: Standing) -> Projection:
        return project(
            promised(row).policy,
            taker.schedule(self.time[row["room_id"]]),
            row["opened_at"],
            self.now,
            extension=timedelta(seconds=row["extension_seconds"]),
        )


def _ended(row: Row) -> MoveRefusal | None:
    if row["room_state"] != "open":
        return MoveRefusal.ROOM_CLOSED
    return None if row["state"] == "running" else MoveRefusal.CLOCK_ENDED


def _counted(row: Row) -> Counted:
    return Counted(row["room_id"], row["therapist_id"], row["opened_at"])


def _named(wanted: Sequence[Wanted]) -> Collection[UUID] | None:
    """Whom to look up: those who are named, or everybody where somebody is to be found."""
    named = {each.therapist_id for each in wanted if each.therapist_id is not None}
    return named if all(each.therapist_id is not None for each in wanted) else None
