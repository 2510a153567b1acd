"""Running clocks of many rooms at once: read, projected, written; before and after kept, workflows told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from domain.clocks import project
from domain.errors import NotFound
from domain.policies import ResponsePolicy, policy_to_json
from records import parsed
from records.calendars import Counted, RoomSchedule, schedules
from records.database import Row, Transaction, dumps
from records.events import Event, EventKind
from records.notices import notify_role
from records.policies import InForce, in_force_of
from records.projections import Projected, projected

_CLOCKS = """
SELECT c.id, c.room_id, c.kind, c.opened_at, c.extension_seconds, c.policy::text, c.policy_name, c.policy_id,
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
    SELECT g.*, p.policy FROM json_to_recordset(%(clocks)s::json) AS g(
        id uuid, room_id uuid, therapist_id uuid, calendar_version bigint, policy_name text, policy_id uuid,
        promise int, held text, due_before timestamptz, due_at timestamptz, remaining_seconds int, alarms jsonb,
        next_alarm_at timestamptz, told boolean)
    JOIN jsonb_array_elements(%(promises)s::jsonb) WITH ORDINALITY AS p(policy, n) ON p.n = g.promise
), moved AS (
    UPDATE response_clocks c
    SET therapist_id = g.therapist_id, calendar_version = g.calendar_version, policy = g.policy,
        policy_name = g.policy_name, policy_id = g.policy_id, held = g.held, due_at = g.due_at,
        remaining_seconds = g.remaining_seconds, alarms = g.alarms, next_alarm_at = g.next_alarm_at
    FROM given g WHERE c.id = g.id
), room AS (
    UPDATE rooms r SET version = r.version + 1 FROM given g WHERE r.id = g.room_id RETURNING r.id, r.version, r.state
), kept AS (
    INSERT INTO clock_projections (clock_id, version, at, reason, due_before, due_after)
    SELECT g.id, room.version, %(now)s, %(reason)s, g.due_before, g.due_at FROM given g JOIN room ON room.id = g.room_id
)
INSERT INTO outbox (kind, subject_id, version, payload, created_at, attempts)
SELECT 'clock_changed', room.id, room.version, jsonb_build_object(
    'clock_id', g.id, 'next_alarm_at', g.next_alarm_at, 'closed', room.state <> 'open'), %(now)s, 0
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
            or old["policy_id"] != self.promised.policy_id
            or parsed.policy(old["policy_name"], old["policy"]) != self.promised.policy
        )

    @property
    def lost_capacity(self) -> bool:
        """Whether no working time is in sight any more."""
        return self.after.held == "no_capacity" and self.before["held"] != "no_capacity"

    def as_json(self, promise: int) -> dict[str, Any]:
        """What `_MOVE` takes of this clock; `promise` is the place of its policy among those of the batch."""
        return {
            "id": str(self.before["id"]),
            "room_id": str(self.before["room_id"]),
            "therapist_id": str(self.before["assigned_id"]),
            "calendar_version": self.version,
            "policy_name": self.promised.name,
            "policy_id": self.promised.policy_id and str(self.promised.policy_id),
            "promise": promise,
            "due_before": self.before["due_at"] and self.before["due_at"].isoformat(),
            "told": self.before["next_alarm_at"] != self.after.next_alarm_at,
            **self.after.as_json(),
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
    in_force = promised(clock)
    extension = timedelta(seconds=clock["extension_seconds"])
    projection = project(in_force.policy, time.schedule, clock["opened_at"], tx.now, extension=extension)
    return _Moved(clock, in_force, time.version, projected(projection, frozenset(clock["fired"])))


def promised(clock: Row) -> InForce:
    """The policy that holds for a clock now: `in_force_id`, `in_force_name`, `definition`; else its own.

    `policy` and `definition` as text.
    """
    named = {"id": clock["in_force_id"], "name": clock["in_force_name"], "definition": clock["definition"]}
    try:
        return in_force_of(named)
    except NotFound:  # terms that name nothing take no promise away: the clock keeps its own
        policy = parsed.policy(clock["policy_name"], clock["policy"])
        return InForce(clock["policy_id"], clock["policy_name"], policy)


async def _stamp(tx: Transaction, found: list[_Moved]) -> None:
    stale = [each for each in found if each.before["calendar_version"] != each.version]
    if stale:
        ids, versions = [each.before["id"] for each in stale], [each.version for each in stale]
        await tx.run(_STAMP, {"id": ids, "calendar_version": versions})


async def _move(tx: Transaction, moved: list[_Moved], reason: str) -> None:
    if not moved:
        return
    promises: dict[ResponsePolicy, int] = {}
    clocks = [each.as_json(promises.setdefault(each.promised.policy, len(promises) + 1)) for each in moved]
    await tx.run(
        _MOVE,
        {
            "clocks": dumps(clocks),
            "promises": dumps([policy_to_json(policy) for policy in promises]),
            "now": tx.now,
            "reason": reason,
        },
    )
    for each in moved:
        room_id = each.before["room_id"]
        tx.announce(Event(EventKind.PROMISE, room_id=room_id))
        if each.lost_capacity:
            await notify_role(tx, "supervisor", "no_capacity", each.before["id"], room_id)
    tx.announce(Event(EventKind.BOARD))
