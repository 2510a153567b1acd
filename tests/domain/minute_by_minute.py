"""The response clock once more, the slow and plain way: it reads wall clocks minute by minute and notes what it sees.

Written from the rules alone and without any of the product's code, so that the two can be held against each other.
It takes the plain form of a schedule and a policy, counts whole minutes, and looks a few days ahead.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, cached_property
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
BEFORE = 3 * 24 * 60
"""Minutes looked at before the start: shifts that began earlier, and what was worked earlier that day."""
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Plain = dict[str, Any]
Span = tuple[datetime, datetime | None]


@cache
def zone(name: str) -> ZoneInfo:
    """The zone as the pinned database has it, not the machine."""
    with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as data:
        return ZoneInfo.from_file(data)


class Clock:
    """A wall clock that never runs back: at each minute the latest time it has shown so far.

    A time that is skipped is reached at the jump, one that comes twice the first time.
    """

    def __init__(self, tz: str, start: datetime, minutes: int) -> None:
        place = zone(tz)
        self.readings: list[datetime] = []
        shown = datetime.min  # noqa: DTZ901  what a wall clock shows has no zone
        for n in range(-BEFORE, minutes):
            shown = max(shown, (start + n * MINUTE).astimezone(place).replace(tzinfo=None))
            self.readings.append(shown)


class Person:
    """One person's hours by their own wall clock."""

    def __init__(self, calendar: Plain, leave: list[Plain], start: datetime, minutes: int) -> None:
        self.start, self.minutes, self.place = start, minutes, zone(calendar["tz"])
        self.holidays = {date.fromisoformat(day) for day in calendar.get("holidays", [])}
        self.shifts = [[_shift(*each) for each in calendar["weekly"].get(day, [])] for day in WEEK]
        self.leave = _spans(leave)
        self._readings = Clock(calendar["tz"], start, minutes).readings
        self._shifts_on = [tuple(self._on_shift(reading)) for reading in self._readings]

    def reading(self, n: int) -> datetime:
        """What the wall clock has shown by minute n."""
        return self._readings[n + BEFORE]

    def shifts_on(self, n: int) -> tuple[date, ...]:
        """The dates on which the shifts began that are on in minute n, holidays included."""
        return self._shifts_on[n + BEFORE]

    def _on_shift(self, reading: datetime) -> Iterator[date]:
        for day in (reading.date(), reading.date() - timedelta(days=1)):
            since_midnight = (reading - datetime.combine(day, time())) // MINUTE
            if any(begins <= since_midnight < ends for begins, ends in self.shifts[day.weekday()]):
                yield day

    def works_at(self, n: int) -> bool:
        """Whether a shift is on, no holiday took it, and the person is not on leave."""
        return self.scheduled_at(n) and not _within(self.leave, self.start + n * MINUTE)

    def scheduled_at(self, n: int) -> bool:
        """The same before leave is taken off."""
        return any(day not in self.holidays for day in self.shifts_on(n))

    def on_holiday_at(self, n: int) -> bool:
        """Whether a shift would be on but for a holiday."""
        return any(day in self.holidays for day in self.shifts_on(n))

    @cached_property
    def working_dates(self) -> set[date]:
        """Dates of whose shifts something is left besides holidays and leave."""
        return {
            day
            for n in range(-BEFORE, self.minutes)
            if self.shifts_on(n) and not _within(self.leave, self.start + n * MINUTE)
            for day in self.shifts_on(n)
            if day not in self.holidays
        }

    def reaches(self, wall: datetime, first: int = 0) -> int | None:
        """The first minute whose reading is `wall` or later."""
        return next((n for n in range(first, self.minutes) if self.reading(n) >= wall), None)

    def end_of_next_working_day(self, n: int) -> int | None:
        """When the last shift ends of the next date with a shift on it, counted from the date of minute n."""
        today = (self.start + n * MINUTE).astimezone(self.place).date()
        ends: dict[date, int] = {}
        for minute in range(self.minutes):
            for day in self.shifts_on(minute):
                if day > today and day not in self.holidays:
                    ends[day] = minute + 1
        if not ends:
            return None
        end = ends[min(ends)]
        return end if end < self.minutes else None


class Reference:
    """A room's time from `start` on, for so many days."""

    def __init__(self, schedule: Plain, start: datetime, days: int) -> None:
        self.start, self.minutes = start, days * 24 * 60
        self.therapist = Person(schedule["calendar"], schedule.get("leave", []), start, self.minutes)
        self.covers = [
            (_span(each), Person(each["calendar"], each.get("leave", []), start, self.minutes))
            for each in schedule.get("covers", [])
        ]
        self.pauses = _spans(schedule.get("pauses", []))
        self.reasons = [self._reason(n) for n in range(self.minutes)]

    def at(self, n: int) -> datetime:
        """The instant of a minute."""
        return self.start + n * MINUTE

    def _reason(self, n: int) -> str:
        instant = self.at(n)
        if _within(self.pauses, instant):
            return "pause"
        if self.therapist.works_at(n):
            return "shift"
        if any(_within([window], instant) and person.works_at(n) for window, person in self.covers):
            return "cover"
        if self.therapist.scheduled_at(n):
            return "leave"
        return "holiday" if self.therapist.on_holiday_at(n) else "outside_hours"

    def counts(self, n: int) -> bool:
        """Whether the clock runs in this minute."""
        return self.reasons[n] in ("shift", "cover")

    def after(self, amount: float, since: int = 0) -> float | None:
        """The first moment (in minutes) at which so many minutes have been counted; None if that is too far."""
        left = amount
        for n in range(since, self.minutes):
            if self.counts(n):
                if left <= 1:
                    return n + left
                left -= 1
        return None

    def counted(self, since: int, until: int) -> int:
        """How many minutes of [since, until) count."""
        return sum(self.counts(n) for n in range(since, until))

    def deadline(self, table: list[list[Any]]) -> int | None:
        """The minute by which a message of the start is to be answered by a table."""
        due: int | None = self._read(table, 0)
        n = 0
        while n < self.minutes:
            if n == due:
                return n
            if _within(self.pauses, self.at(n)):
                while n < self.minutes and _within(self.pauses, self.at(n)):
                    n += 1
                if n == self.minutes:
                    return None
                due = self._read(table, n)
                continue
            n += 1
        return None

    def _read(self, table: list[list[Any]], n: int) -> int | None:
        """The first deadline among the therapist's and those of covers that lie in their own windows."""
        found = [self._deadline_of(self.therapist, table, n)]
        for (opens, closes), person in self.covers:
            begins = max(n, -((self.start - opens) // MINUTE))
            if closes is not None and begins < self.minutes and self.at(begins) < closes:
                due = self._deadline_of(person, table, begins)
                found.append(due if due is not None and self.at(due) <= closes else None)
        return min((due for due in found if due is not None), default=None)

    def _deadline_of(self, person: Person, table: list[list[Any]], n: int) -> int | None:
        day, row = _window(table, person.reading(n))
        day += timedelta(days=row[3])
        nominal = person.reaches(_on(day, row[2]), n)
        worked = person.working_dates
        for minute in range(self.minutes if nominal is None else nominal, self.minutes):
            shown, before = person.reading(minute), person.reading(minute - 1)
            if shown.date() not in worked and before.date() not in worked:
                continue
            for each in {row[2] for row in table}:
                for day_ in {shown.date(), before.date()}:
                    reached_now = before < _on(day_, each) <= shown
                    if reached_now and day_ in worked and not _within(person.leave, self.at(minute)):
                        return minute
        return None


def _window(table: list[list[Any]], reading: datetime) -> tuple[date, list[Any]]:
    for day in (reading.date(), reading.date() - timedelta(days=1)):
        for row in table:
            begins, ends = _shift(row[0], row[1])
            if begins <= (reading - datetime.combine(day, time())) // MINUTE < ends:
                return day, row
    raise AssertionError("a moment of no window")


def _on(day: date, hours: str) -> datetime:
    return datetime.combine(day, time()) + _minutes(hours) * MINUTE


def _shift(begins: str, ends: str) -> tuple[int, int]:
    first, last = _minutes(begins), _minutes(ends)
    return first, last if last > first else last + 24 * 60


def _minutes(text: str) -> int:
    hours, minutes = text.split(":")
    return 60 * int(hours) + int(minutes)


def _spans(plain: list[Plain]) -> list[Span]:
    return [_span(each) for each in plain]


def _span(plain: Plain) -> Span:
    begins = datetime.fromisoformat(plain["from"]).astimezone(UTC)
    return begins, None if plain["to"] is None else datetime.fromisoformat(plain["to"]).astimezone(UTC)


def _within(spans: list[Span], instant: datetime) -> bool:
    return any(begins <= instant and (ends is None or instant < ends) for begins, ends in spans)
