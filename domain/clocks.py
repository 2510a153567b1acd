"""The response clock: when an answer is due, and when each rung of the ladder is reached.

One call decides: `project(policy, schedule, opened_at, now)`. It is called when a clock opens and again, with
the same `opened_at`, when calendar, leave, cover, pauses, policy or therapist change. Instants are UTC.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from domain.policies import ResponsePolicy, Rung, RungName
from domain.reply_by import Paused, read_table
from domain.schedules import Schedule, utc

# Without any open time for so long the clock is held and a supervisor told now; counted from the projection.
HORIZON: Final = timedelta(days=60)


class DueState(StrEnum):
    """What a projection found."""

    DUE = "due"
    PAUSED = "paused"
    NO_CAPACITY = "no_capacity"


class Alarm(NamedTuple):
    """When a rung of the ladder is reached."""

    rung: RungName
    at: datetime


@dataclass(frozen=True, slots=True)
class Projection:
    """The outcome for one clock. `due_at` and `alarms` (in order) only where the state is due.

    `remaining`: the open time still to run once a pause without end is over; None for a reply-by table, which
    is read anew then, and for states other than paused.
    """

    state: DueState
    due_at: datetime | None = None
    alarms: tuple[Alarm, ...] = ()
    remaining: timedelta | None = None

    def next_alarm(self, fired: frozenset[RungName] = frozenset()) -> Alarm | None:
        """The first alarm whose rung has not fired."""
        return next((alarm for alarm in self.alarms if alarm.rung not in fired), None)


def project(policy: ResponsePolicy, schedule: Schedule, opened_at: datetime, now: datetime) -> Projection:
    """When a clock that opened at `opened_at` is due, as seen at `now`.

    Raises `Invalid` for an instant without offset.
    """
    opened_at = utc(opened_at, "opened_at")
    limit = max(utc(now, "now"), opened_at) + HORIZON
    if policy.allowance is None:
        return _by_table(policy, schedule, opened_at, limit)
    return _by_open_time(policy, policy.allowance, schedule, opened_at, limit)


def _by_open_time(
    policy: ResponsePolicy, allowance: timedelta, schedule: Schedule, opened_at: datetime, limit: datetime
) -> Projection:
    paused_from = schedule.paused_for_good_from
    paused = paused_from is not None and paused_from < limit
    stop = max(paused_from, opened_at) if paused and paused_from is not None else limit
    targets = [allowance * rung.percent / 100 for rung in policy.ladder]
    reached = reach(schedule, opened_at, stop, targets)
    breach = next(n for n, rung in enumerate(policy.ladder) if rung.name is RungName.BREACH)
    if len(reached) > breach:
        due_at = reached[breach]
        return Projection(DueState.DUE, due_at, _alarms(policy.ladder, reached, opened_at, due_at, schedule))
    if paused:
        return Projection(DueState.PAUSED, remaining=allowance - schedule.open_duration(opened_at, stop))
    return Projection(DueState.NO_CAPACITY)


def _by_table(policy: ResponsePolicy, schedule: Schedule, opened_at: datetime, limit: datetime) -> Projection:
    reading = read_table(policy, schedule, opened_at, limit)
    if reading is None:
        return Projection(DueState.NO_CAPACITY)
    if isinstance(reading, Paused):
        return Projection(DueState.PAUSED)
    due_at = reading.due_at
    total = schedule.open_duration(opened_at, due_at)
    wall = due_at - opened_at
    reached: list[datetime] = []
    if total:
        early = [total * rung.percent / 100 for rung in policy.ladder if rung.percent < 100]
        late = [total * (rung.percent - 100) / 100 for rung in policy.ladder if rung.percent > 100]
        reached = [*reach(schedule, opened_at, due_at, early), due_at, *reach(schedule, due_at, limit, late)]
    else:
        reached = [opened_at + wall * rung.percent / 100 for rung in policy.ladder]
    return Projection(DueState.DUE, due_at, _alarms(policy.ladder, reached, opened_at, due_at, schedule))


def reach(
    schedule: Schedule, start: datetime, until: datetime, targets: Sequence[timedelta]
) -> list[datetime]:
    """The smallest instant for each (ascending) amount of open time since `start`, as far as `until`."""
    reached: list[datetime] = []
    wanted = iter(targets)
    target = next(wanted, None)
    counted = timedelta()
    if target is None:
        return reached
    for begins, ends in schedule.open_time(start, until):
        total = counted + (ends - begins)
        while target <= total:
            reached.append(begins + (target - counted))
            target = next(wanted, None)
            if target is None:
                return reached
        counted = total
    return reached


def _alarms(
    ladder: Sequence[Rung],
    reached: Sequence[datetime],
    opened_at: datetime,
    due_at: datetime,
    schedule: Schedule,
) -> tuple[Alarm, ...]:
    """The alarms of a ladder, given the instants reached in open time; later rungs fall back on wall time."""
    wall = due_at - opened_at
    instants = list(reached)
    for rung in ladder[len(reached) :]:
        instants.append(max(instants[-1], opened_at + wall * rung.percent / 100))
    # A rung that may not wait for open time pulls those before it along: the order of the ladder holds.
    latest: datetime | None = None
    for n in reversed(range(len(ladder))):
        if ladder[n].percent <= 100:
            break
        if ladder[n].by_next_working_day:
            cap = schedule.end_of_next_working_day(due_at, HORIZON)
            latest = cap if cap and (latest is None or cap < latest) else latest
        if latest is not None:
            instants[n] = min(instants[n], latest)
    return tuple(Alarm(rung.name, at) for rung, at in zip(ladder, instants, strict=True))
