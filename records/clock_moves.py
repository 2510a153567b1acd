"""Running clocks of many rooms at once: read, projected, written; before and after kept, workflows told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from domain.clocks import project
from domain.errors import NotFound
from domain.policies import ResponsePolicy, policy_from_json, policy_to_json
from records.calendars import Counted, RoomSchedule, schedules
from records.database import Row, Transaction, dumps
from records.events import Event, EventKind
from records.notices import notify_role
from records.policies import InForce, in_force_of
from records.projections import Projected, projected

_CLOCKS = """
SELECT c.id, c.room_id, c.kind, c.opened_at, c.extension_seconds, c.policy, c.policy_name, c.policy_id,
       c.calendar_version, c.therapist_id, c.held, c.due_at, c.remaining_seconds, c.alarms, c.next_alarm_at,
       r.therapist_id AS assigned_id, p.id AS in_force_id, p.name AS in_force_name, p.definition,
       ARRAY(SELECT f.rung FROM clock_rungs f WHERE f.clock_id = c.id) AS fired
FROM response_clocks c JOIN rooms r ON r.id = c.room_id
CROSS JOIN LATERAL policy_in_force(c.room_id, c.kind, %(now)s) p
WHERE c.room_id = ANY(%(rooms)s::uuid[]) AND c.state = 'running' ORDER BY c.room_id
"""
_STAMP = """
UPDATE response_clocks c SET calendar_version = g.calendar_version
FROM unnest(%(id)s::uuid[], %(calendar_version)s::bigint[]) g(id, calendar_version) WHERE c.id = g.id
"""
_MOVE = """
WITH given AS (
    SELECT * FROM unnest(
        %(id)s::uuid[], %(room_id)s::uuid[], %(therapist_id)s::uuid[], %(calendar_version)s::bigint[],
        %(policy)s::text[], %(policy_name)s::text[], %(policy_id)s::uuid[], %(held)s::text[],
        %(due_before)s::timestamptz[], %(due_at)s::timestamptz[], %(remaining_seconds)s::int[], %(alarms)s::text[],
        %(next_alarm_at)s::timestamptz[], %(told)s::boolean[])
    AS g(id, room_id, therapist_id, calendar_version, policy, policy_name, policy_id, held, due_before, due_at,
         remaining_seconds, alarms, next_alarm_at, told)
), moved AS (
    UPDATE response_clocks c
    SET therapist_id = g.therapist_id, calendar_version = g.calendar_version, policy = g.policy::jsonb,
        policy_name = g.policy_name, policy_id = g.policy_id, held = g.held, due_at = g.due_at,
        remaining_seconds = g.remaining_seconds, alarms = g.alarms::jsonb, next_alarm_at = g.next_alarm_at
    FROM given g WHERE c.id = g.id
), room AS (
    UPDATE rooms r SET version = r.version + 1 FROM given g WHERE r.id = g.room_id RETURNING r.id, r.version, r.state
), kept AS (
    INSERT INTO clock_projections (clock_id, version, at, reason, due_before, due_after)
    SELECT g.id, room.version, %(now)s, %(reason)s, g.due_before, g.due_at FROM given g JOIN room ON room.id = g.room_id
)
INSERT INTO outbox (kind, subject_id, version, payload, created_at, attempts)
SELECT 'clock_changed', room.id, room.version, jsonb_build_object(
    'clock_id', g.id, 'next_alarm_at', g.next_alarm_at, 'closed', room.state = 'closed'), %(now)s, 0
FROM given g JOIN room ON room.id = g.room_id WHERE g.told ORDER BY g.room_id
"""


@dataclass(frozen=True, slots=True)
class _Moved:
    """A running clock as it was found and as it is to be."""

    before: Row
    promised: InForce
    version: int
    after: Projected

    @property
    def changed(self) -> bool:
        """Whether anything but the calendar's version is different."""
        old, new = self.before, self.after
        return bool(
            (old["due_at"], old["next_alarm_at"], old["held"], old["remaining_seconds"], old["alarms"])
            != (new.due_at, new.next_alarm_at, new.held, new.remaining_seconds, new.alarms)
            or old["therapist_id"] != old["assigned_id"]
            or (old["policy_id"], old["policy_name"]) != (self.promised.policy_id, self.promised.name)
            or old["policy"] != _written(self.promised.policy)[0]
        )

    @property
    def lost_capacity(self) -> bool:
        """Whether no working time is in sight any more."""
        return self.after.held == "no_capacity" and self.before["held"] != "no_capacity"

    def columns(self) -> dict[str, Any]:
        """What `_MOVE` takes of this clock."""
        return {
            "id": self.before["id"],
            "room_id": self.before["room_id"],
            "therapist_id": self.before["assigned_id"],
            "calendar_version": self.version,
            "policy": _written(self.promised.policy)[1],
            "policy_name": self.promised.name,
            "policy_id": self.promised.policy_id,
            "held": self.after.held,
            "due_before": self.before["due_at"],
            "due_at": self.after.due_at,
            "remaining_seconds": self.after.remaining_seconds,
            "alarms": dumps(self.after.alarms),
            "next_alarm_at": self.after.next_alarm_at,
            "told": self.before["next_alarm_at"] != self.after.next_alarm_at,
        }


async def move_clocks(tx: Transaction, room_ids: Sequence[UUID], reason: str) -> int:
    """Project the running clocks of these rooms anew and write what has changed. How many have.

    The caller holds the rooms (`calendars.hold_rooms`). Raises NotFound (`no_calendar`).
    """
    rows = await tx.all(_CLOCKS, {"rooms": list(room_ids), "now": tx.now})
    asked = [Counted(row["room_id"], row["assigned_id"], row["opened_at"]) for row in rows]
    time = await schedules(tx, asked)
    found = [_projected(tx, row, time[row["room_id"]]) for row in rows]
    moved = [each for each in found if each.changed]
    await _stamp(tx, [each for each in found if not each.changed])
    await _move(tx, moved, reason)
    return len(moved)


def _projected(tx: Transaction, clock: Row, time: RoomSchedule) -> _Moved:
    promised = _promised(clock)
    extension = timedelta(seconds=clock["extension_seconds"])
    projection = project(promised.policy, time.schedule, clock["opened_at"], tx.now, extension=extension)
    return _Moved(clock, promised, time.version, projected(projection, frozenset(clock["fired"])))


def _promised(clock: Row) -> InForce:
    named = {"id": clock["in_force_id"], "name": clock["in_force_name"], "definition": clock["definition"]}
    try:
        return in_force_of(named)
    except NotFound:  # terms that name nothing take no promise away: the clock keeps its own
        policy = policy_from_json(clock["policy_name"], clock["policy"])
        return InForce(clock["policy_id"], clock["policy_name"], policy)


async def _stamp(tx: Transaction, found: list[_Moved]) -> None:
    stale = [each for each in found if each.before["calendar_version"] != each.version]
    if stale:
        ids, versions = [each.before["id"] for each in stale], [each.version for each in stale]
        await tx.run(_STAMP, {"id": ids, "calendar_version": versions})


async def _move(tx: Transaction, moved: list[_Moved], reason: str) -> None:
    if not moved:
        return
    rows = [each.columns() for each in moved]
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    await tx.run(_MOVE, {**columns, "now": tx.now, "reason": reason})
    for each in moved:
        room_id = each.before["room_id"]
        tx.announce(Event(EventKind.PROMISE, room_id=room_id))
        if each.lost_capacity:
            await notify_role(tx, "supervisor", "no_capacity", each.before["id"], room_id)
    tx.announce(Event(EventKind.BOARD))


@lru_cache(maxsize=1 << 12)
def _written(policy: ResponsePolicy) -> tuple[dict[str, object], str]:
    """A policy as it is stored: to compare, and to send."""
    plain = policy_to_json(policy)
    return plain, dumps(plain)
