"""The response clock: when an answer is due, and when each rung of the ladder is reached.

One call decides: `project(policy, schedule, opened_at, now)`. It is called when a clock opens and again, with
the same `opened_at`, when calendar, leave, cover, pauses, policy or therapist change, or the client grants more
time. Instants are UTC.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from domain import strict
from domain.policies import ResponsePolicy, Rung, RungName
from domain.reply_by import Paused, Reading, read_table
from domain.schedules import Schedule, utc

NO_EXTENSION: Final = timedelta()

# Without any open time for so long the clock is held and a supervisor told now; counted from the projection.
HORIZON: Final = timedelta(days=60)

LAST_TENTH: Final = 90
"""Per cent of a promise. An answer that comes after it is looked at in breach review."""


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

    `remaining`: the open time still to run once a pause without end is over; None where a reply-by table is
    read anew then, and for states other than paused. `last_tenth_at`: when the last tenth of the time begins.
    """

    state: DueState
    due_at: datetime | None = None
    alarms: tuple[Alarm, ...] = ()
    remaining: timedelta | None = None
    last_tenth_at: datetime | None = None

    def next_alarm(self, fired: frozenset[RungName] = frozenset()) -> Alarm | None:
        """The first alarm whose rung has not fired."""
        return next((alarm for alarm in self.alarms if alarm.rung not in fired), None)


def project(
    policy: ResponsePolicy,
    schedule: Schedule,
    opened_at: datetime,
    now: datetime,
    *,
    extension: timedelta = NO_EXTENSION,
) -> Projection:
    """When a clock that opened at `opened_at` is due, as seen at `now`.

    `extension`: open time that the client granted on top of the promise. The ladder is of the whole.
    Raises `Invalid` for an instant without offset and a negative extension.
    """
    opened_at = utc(opened_at, "opened_at")
    limit = max(utc(now, "now"), opened_at) + HORIZON
    if extension < NO_EXTENSION:
        raise strict.refuse("extension", "negative")
    if policy.allowance is None:
        return _by_table(policy, schedule, opened_at, limit, extension)
    return _by_open_time(policy, policy.allowance + extension, schedule, opened_at, limit)


def _by_open_time(
    policy: ResponsePolicy, allowance: timedelta, schedule: Schedule, opened_at: datetime, limit: datetime
) -> Projection:
    stop = _paused_before(schedule, opened_at, limit)
    paused = stop is not None
    stop = limit if stop is None else stop
    targets = [allowance * rung.percent / 100 for rung in policy.ladder]
    tenth = _with_last_tenth(policy.ladder, allowance, targets)
    reached = reach(schedule, opened_at, stop, targets)
    last_tenth_at = reached.pop(tenth) if len(reached) > tenth else None
    breach = next(n for n, rung in enumerate(policy.ladder) if rung.name is RungName.BREACH)
    if len(reached) > breach:
        due_at = reached[breach]
        alarms = _alarms(policy.ladder, reached, opened_at, due_at, schedule)
        return Projection(DueState.DUE, due_at, alarms, last_tenth_at=last_tenth_at)
    if paused:
        return Projection(DueState.PAUSED, remaining=allowance - schedule.open_duration(opened_at, stop))
    return Projection(DueState.NO_CAPACITY)


def _with_last_tenth(ladder: Sequence[Rung], whole: timedelta, targets: list[timedelta]) -> int:
    """Put the last tenth among the targets of a ladder, which are in order; where it stands."""
    place = bisect_left([rung.percent for rung in ladder], LAST_TENTH)
    targets.insert(place, whole * LAST_TENTH / 100)
    return place


def _paused_before(schedule: Schedule, start: datetime, limit: datetime) -> datetime | None:
    """When, from `start` on, a pause without end begins; None where none begins before `limit`."""
    paused_from = schedule.paused_for_good_from
    return max(paused_from, start) if paused_from is not None and paused_from < limit else None


def _by_table(
    policy: ResponsePolicy, schedule: Schedule, opened_at: datetime, limit: datetime, extension: timedelta
) -> Projection:
    reading = read_table(policy, schedule, opened_at, limit)
    if reading is None:
        return Projection(DueState.NO_CAPACITY)
    if isinstance(reading, Paused):
        return Projection(DueState.PAUSED)
    if not extension:
        return _due_by_table(policy, schedule, opened_at, reading.due_at, limit)
    return _extended(policy, schedule, opened_at, reading, limit, extension)


def _extended(
    policy: ResponsePolicy,
    schedule: Schedule,
    opened_at: datetime,
    reading: Reading,
    limit: datetime,
    extension: timedelta,
) -> Projection:
    """A table's deadline and so much open time after it."""
    paused_from = _paused_before(schedule, reading.due_at, limit)
    stop = limit if paused_from is None else paused_from
    if reached := reach(schedule, reading.due_at, stop, [extension]):
        return _due_by_table(policy, schedule, opened_at, reached[0], limit)
    if paused_from is None:
        return Projection(DueState.NO_CAPACITY)
    left = extension - schedule.open_duration(reading.due_at, paused_from)
    return Projection(DueState.PAUSED, remaining=left)


def _due_by_table(
    policy: ResponsePolicy, schedule: Schedule, opened_at: datetime, due_at: datetime, limit: datetime
) -> Projection:
    total = schedule.open_duration(opened_at, due_at)
    wall = due_at - opened_at
    reached: list[datetime] = []
    if total:
        early = [total * rung.percent / 100 for rung in policy.ladder if rung.percent < 100]
        tenth = _with_last_tenth(policy.ladder, total, early)
        late = [total * (rung.percent - 100) / 100 for rung in policy.ladder if rung.percent > 100]
        reached = [*reach(schedule, opened_at, due_at, early), due_at, *reach(schedule, due_at, limit, late)]
        last_tenth_at = reached.pop(tenth)
    else:
        reached = [opened_at + wall * rung.percent / 100 for rung in policy.ladder]
        last_tenth_at = opened_at + wall * LAST_TENTH / 100
    alarms = _alarms(policy.ladder, reached, opened_at, due_at, schedule)
    return Projection(DueState.DUE, due_at, alarms, last_tenth_at=last_tenth_at)


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
