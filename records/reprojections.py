"""Re-projection: what moved a clock's time moves the clock, at once and once, with before and after kept.

A change of hours or leave moves the clocks of one therapist: the first batch in the change's own transaction, the
rest by the workflow `Reprojection`. A change of policy or terms is worked off by that workflow alone.
"""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from domain.errors import NotFound
from domain.ids import new_id
from domain.policies import PRESETS
from records.calendars import hold_rooms
from records.clock_moves import move_clocks
from records.database import Row, Transaction

BATCH: Final = 500
"""Rooms to a transaction: a message to one of them may have to wait for as long as that takes."""

_COUNTING = """
FROM response_clocks c JOIN rooms r ON r.id = c.room_id AND r.therapist_id IN (SELECT moves_with(%(who)s))
WHERE c.state = 'running'
"""
# Terms that name a policy which is not there take no promise away: such a clock keeps its own.
_OTHER_POLICY = """
((c.policy_name, c.policy_id) IS DISTINCT FROM (p.name, p.id) AND (p.id IS NOT NULL OR p.name = ANY(%(presets)s)))
"""
_UNDER = """
FROM response_clocks c JOIN rooms r ON r.id = c.room_id JOIN calendars k ON k.therapist_id = r.therapist_id
CROSS JOIN LATERAL policy_in_force(c.room_id, c.kind, %(now)s) p WHERE c.state = 'running'
"""
_MISGOVERNED = f"{_UNDER} AND {_OTHER_POLICY}"
_STALE = (
    f"{_UNDER} AND (c.calendar_version <> k.version OR c.therapist_id <> r.therapist_id OR {_OTHER_POLICY})"
)


async def reproject_rooms(tx: Transaction, room_ids: Sequence[UUID], reason: str) -> int:
    """Move the running clocks of these rooms to today's calendar, policy, cover, pauses and therapist. How many moved.

    What has not changed gets the calendar's version and nothing more: doing it twice moves nothing twice. Rungs that
    fired stay fired; closed clocks stay as they are. Raises NotFound (`no_calendar`) where a therapist has no hours.
    """
    if not room_ids:
        return 0
    await hold_rooms(tx, room_ids)
    return await move_clocks(tx, room_ids, reason)


async def reproject_therapist(tx: Transaction, therapist_id: UUID, reason: str) -> int:
    """Move every running clock that a change of this person's time reaches: in their own rooms, and in all rooms of
    therapists for whom they cover one, whose calendar has a new version as well.

    The first batch now; where there are more, the rest is asked for. How many moved now. The caller has called
    `calendars.hold_calendars` before it changed anything.
    """
    rooms = await _rooms(tx, _COUNTING, BATCH + 1, who=therapist_id)
    moved = await reproject_rooms(tx, rooms[:BATCH], reason)
    if len(rooms) > BATCH:
        total = await _count(tx, _COUNTING, who=therapist_id)
        begun = {"total": total, "done": BATCH, "moved": moved, "after_room": rooms[BATCH - 1]}
        await _ask(tx, reason, therapist_id=therapist_id, **begun)
    return moved


async def ask_policy_reprojection(tx: Transaction, policy_name: str | None, reason: str) -> UUID:
    """Have every running clock moved to the policy now in force for it. `policy_name`: which one changed; None: terms.

    The id under which it is worked off.
    """
    return await _ask(tx, reason, policy_name=policy_name)


async def _ask(tx: Transaction, reason: str, **scope: Any) -> UUID:
    asked = new_id()
    row = {"total": 0, "done": 0, "moved": 0, **scope}
    await tx.insert("reprojections", id=asked, reason=reason, asked_at=tx.now, **row)
    await tx.tell("reprojection_asked", asked, 1)
    return asked


async def retell(tx: Transaction) -> int:
    """Tell the workflows of re-projections that are not finished again. How many."""
    rows = await tx.all("SELECT id FROM reprojections WHERE finished_at IS NULL ORDER BY asked_at")
    for row in rows:
        await tx.tell("reprojection_asked", row["id"], 1)
    return len(rows)


async def run_batch(tx: Transaction, reprojection_id: UUID, *, last_pass: bool) -> bool:
    """Move the next batch of what was asked. Whether the pass goes on; the end of the last one finishes it.

    A repeat goes on where the batch before it ended, and does nothing after the end. Raises NotFound.
    """
    asked = await tx.one("SELECT * FROM reprojections WHERE id = %s FOR UPDATE", (reprojection_id,))
    if asked is None:
        raise NotFound
    if asked["finished_at"] is not None:
        return False
    statement, scope = _scope_of(asked)
    total = asked["total"] or await _count(tx, statement, **scope)
    rooms = await _rooms(tx, statement, BATCH, after=asked["after_room"], **scope)
    moved = await reproject_rooms(tx, rooms, asked["reason"])
    goes_on = len(rooms) == BATCH
    ends = last_pass and not goes_on
    await tx.run(
        "UPDATE reprojections SET total = %s, done = done + %s, moved = moved + %s, after_room = %s,"
        " finished_at = %s WHERE id = %s",
        (total, len(rooms), moved, rooms[-1] if goes_on else None, tx.now if ends else None, reprojection_id),
    )
    if ends and asked["policy_name"] is not None:
        await _mark_applied(tx, asked)
    return goes_on


async def _mark_applied(tx: Transaction, asked: Row) -> None:
    await tx.run(
        "UPDATE policies SET applied_at = %s WHERE kind = 'response' AND name = %s AND effective_from <= %s"
        " AND applied_at IS NULL AND superseded_at IS NULL",
        (tx.now, asked["policy_name"], asked["asked_at"]),
    )


async def stale_rooms(tx: Transaction, limit: int) -> list[UUID]:
    """Rooms whose running clock was projected on another version of the calendar, under another policy than is in
    force, or for another therapist than answers in the room now. In order of id."""
    return await _rooms(tx, _STALE, limit)


async def under_way(tx: Transaction) -> list[Row]:
    """Those that are not finished, oldest first: id, reason, policy_name, therapist_id, total, done.

    `total` is 0 until the first batch has counted; the pass at the end may take `done` above it.
    """
    return await tx.all(
        "SELECT id, reason, policy_name, therapist_id, total, done FROM reprojections WHERE finished_at IS NULL"
        " ORDER BY asked_at, id"
    )


async def look_again(tx: Transaction) -> int:
    """Clocks held for want of working time: days pass, and what lay beyond the horizon comes into sight.

    A batch of them, any; where nothing has come into sight nothing is written. How many moved.
    """
    rows = await tx.all(
        "SELECT c.room_id FROM response_clocks c JOIN rooms r ON r.id = c.room_id"
        " JOIN calendars k ON k.therapist_id = r.therapist_id"
        " WHERE c.state = 'running' AND c.held = 'no_capacity' ORDER BY random() LIMIT %s",
        (BATCH,),
    )
    return await reproject_rooms(tx, [row["room_id"] for row in rows], "time")


async def due_policies(tx: Transaction) -> list[str]:
    """Response policies of which a version has come into force since and moves no clocks yet: to be asked for."""
    rows = await tx.all(
        "SELECT DISTINCT p.name FROM policies p WHERE p.kind = 'response' AND p.effective_from <= %s"
        " AND p.applied_at IS NULL AND p.superseded_at IS NULL"
        " AND NOT EXISTS (SELECT FROM reprojections a WHERE a.policy_name = p.name"
        " AND a.finished_at IS NULL AND a.asked_at >= p.effective_from) ORDER BY p.name",
        (tx.now,),
    )
    return [row["name"] for row in rows]


def _scope_of(asked: Row) -> tuple[str, dict[str, Any]]:
    """Which running clocks are meant. For a policy those it does not hold for yet: a second pass finds none of them."""
    if asked["therapist_id"] is not None:
        return _COUNTING, {"who": asked["therapist_id"]}
    return _MISGOVERNED, {}


async def _count(tx: Transaction, statement: str, **scope: Any) -> int:
    row = await tx.one(f"SELECT count(*) AS n {statement}", _given(tx, scope))
    assert row is not None  # noqa: S101  an aggregate has one row
    n: int = row["n"]
    return n


async def _rooms(
    tx: Transaction, statement: str, limit: int, *, after: UUID | None = None, **scope: Any
) -> list[UUID]:
    rows = await tx.all(
        f"SELECT c.room_id {statement} AND (%(after)s::uuid IS NULL OR c.room_id > %(after)s)"
        " ORDER BY c.room_id LIMIT %(limit)s",
        {**_given(tx, scope), "after": after, "limit": limit},
    )
    return [row["room_id"] for row in rows]


def _given(tx: Transaction, scope: dict[str, Any]) -> dict[str, Any]:
    return {**scope, "now": tx.now, "presets": list(PRESETS)}
