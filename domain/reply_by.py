"""Reply-by tables: a deadline by the wall clock of whoever is to answer, on a day they work.

A window belongs to the date it starts on. Where its deadline falls on a day that is not worked, or in leave,
the table's next deadline that does not holds: a message of Sunday noon is answered by the first deadline of
Monday, and a later message is never due before an earlier one. Where a pause of the room begins between the
message and the deadline, the table is read again at the end of the pause, as if the message came then.
"""

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from domain.calendars import DAY, Calendar
from domain.policies import ResponsePolicy, Window
from domain.schedules import FOREVER, Schedule, Span, holes, works_on


@dataclass(frozen=True, slots=True)
class Reading:
    """A table read for a message: the window it fell in and when the answer is due (UTC)."""

    read_at: datetime
    window: Window
    moved: bool  # the window's own deadline fell on a day off or on leave, so a later one holds
    tz: str
    due_at: datetime
    clinician: str | None = None  # the cover whose table gave the deadline; None: the therapist


@dataclass(frozen=True, slots=True)
class Paused:
    """A pause without end comes before any deadline."""

    since: datetime


def read_table(
    policy: ResponsePolicy, schedule: Schedule, opened_at: datetime, limit: datetime
) -> Reading | Paused | None:
    """The deadline of a message by the table of `policy`; None when there is none before `limit`."""
    at = opened_at
    reading = _earliest(policy, schedule, at, limit)
    for pause_start, pause_end in holes(schedule.pauses):
        if pause_end <= at:
            continue
        if pause_start >= (limit if reading is None else reading.due_at):
            break
        if pause_end == FOREVER:
            return Paused(max(pause_start, at))
        at = pause_end
        reading = _earliest(policy, schedule, at, limit)
    return reading


def _earliest(policy: ResponsePolicy, schedule: Schedule, at: datetime, limit: datetime) -> Reading | None:
    """The first deadline among the therapist's and those of covers that fall within their own window."""
    readings = [_read(policy, schedule.calendar, schedule.leave, at, limit)]
    for cover in schedule.covers:
        opens, closes = cover.window.interval
        readings.append(
            _read(policy, cover.calendar, cover.leave, max(at, opens), min(limit, closes), by=cover.clinician)
        )
    return min((each for each in readings if each), key=lambda each: each.due_at, default=None)


def _read(
    policy: ResponsePolicy,
    calendar: Calendar,
    leave: tuple[Span, ...],
    at: datetime,
    limit: datetime,
    *,
    by: str | None = None,
) -> Reading | None:
    if at >= limit:
        return None
    day, window = _window_of(policy, calendar, at)
    if window.next_working_day:
        day += DAY
    nominal = _instant(calendar, day, window.deadline)
    deadlines = sorted({row.deadline for row in policy.table})
    while True:
        worked = works_on(calendar, leave, day)
        for deadline in deadlines:
            due = _instant(calendar, day, deadline)
            if due > limit:
                return None
            if worked and due >= nominal and not any(span.holds(due) for span in leave):
                return Reading(at, window, due != nominal, calendar.tz, due, by)
        day += DAY


def _window_of(policy: ResponsePolicy, calendar: Calendar, at: datetime) -> tuple[date, Window]:
    """The window that holds the instant and the date it started on."""
    day = calendar.date_of(at)
    # Where clocks run back over midnight, the date read earlier may already have been the next one.
    for start_day in (day, day - DAY, day + DAY):
        for window in policy.table:
            starts = _instant(calendar, start_day, window.start)
            if starts <= at < _instant(calendar, start_day, window.hours.minutes_to_end):
                return start_day, window
    raise AssertionError("the windows of a table cover every moment of a day")


@lru_cache(maxsize=1 << 14)
def _instant(calendar: Calendar, day: date, minutes: int) -> datetime:
    """`Calendar.instant`, remembered: a table asks for the same few instants of a day all day long."""
    return calendar.instant(day, minutes)
