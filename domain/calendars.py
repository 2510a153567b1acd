"""Working hours of one person: weekly shifts in a time zone, less holidays.

Instants are UTC; an interval is half-open, `start <= t < end`. Dates and shift times are those of the
calendar's zone.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property, lru_cache
from typing import Final, NamedTuple, TypeAlias
from zoneinfo import ZoneInfo

from domain import strict
from domain.zones import is_zone, resolve, zone

Interval: TypeAlias = tuple[datetime, datetime]
DayShifts: TypeAlias = Callable[[date], tuple[Interval, ...]]

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY: Final = timedelta(days=1)
MIDNIGHT: Final = 24 * 60
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")


class Shift(NamedTuple):
    """Minutes after midnight. An end at or before the start is the next day's; 24:00 is the next midnight."""

    start: int
    end: int

    @property
    def minutes_to_end(self) -> int:
        """Minutes by the wall clock from the midnight before the start to the end."""
        return self.end if self.end > self.start else self.end + MIDNIGHT


def shift(start: str, end: str, path: str = "shift") -> Shift:
    """A shift from "HH:MM" to "HH:MM" or "24:00". Raises `Invalid` (`bad_time`)."""
    return Shift(_minutes(start, path), MIDNIGHT if end == "24:00" else _minutes(end, path))


def clock_time(minutes: int) -> str:
    """Minutes after midnight as "HH:MM"; 1440 as "24:00"."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


@dataclass(frozen=True)
class Calendar:
    """Weekly shifts (Monday first) in an IANA zone; a holiday drops the shifts that start on it.

    Overlapping and repeated shifts count once. Raises `Invalid` for an unknown zone or a malformed week.
    """

    tz: str
    weekly: tuple[tuple[Shift, ...], ...]
    holidays: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        zone(self.tz)
        if len(self.weekly) != len(WEEKDAYS):
            raise strict.refuse("weekly", "not_seven_days")
        for day, shifts in zip(WEEKDAYS, self.weekly, strict=True):
            for start, end in shifts:
                if not (0 <= start < MIDNIGHT and 0 <= end <= MIDNIGHT):
                    raise strict.refuse(f"weekly.{day}", "bad_time")
        object.__setattr__(self, "weekly", tuple(tuple(sorted(set(day))) for day in self.weekly))

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        # Kept, because every look-up of a day in the cache below asks for it.
        return hash((self.tz, self.weekly, self.holidays))

    @cached_property
    def zone(self) -> ZoneInfo:
        """The time zone that the shifts are written in."""
        return zone(self.tz)

    @cached_property
    def has_shifts(self) -> bool:
        """False when nobody ever works by this calendar."""
        return any(self.weekly)

    def date_of(self, at: datetime) -> date:
        """The local date at an instant."""
        return at.astimezone(self.zone).date()

    def instant(self, day: date, minutes: int) -> datetime:
        """The instant (UTC) at which the wall clock first reads so many minutes after midnight of `day`."""
        return resolve(datetime.combine(day, time()) + timedelta(minutes=minutes), self.zone)

    def shifts_on(self, day: date) -> tuple[Interval, ...]:
        """The shifts that start on this date, merged and in order; none on a holiday."""
        return () if day in self.holidays else shifts_starting(self, day)

    def shifts(self, start: datetime, until: datetime) -> Iterator[Interval]:
        """Working intervals that end after `start` and begin before `until`, uncut, in order, day by day."""
        return merged(self._uncut(start, until, self.shifts_on))

    def holiday_shifts(self, start: datetime, until: datetime) -> Iterator[Interval]:
        """The shifts that holidays drop, in the same form."""
        return merged(
            self._uncut(start, until, lambda day: shifts_starting(self, day) if day in self.holidays else ())
        )

    def _uncut(self, start: datetime, until: datetime, on: DayShifts) -> Iterator[Interval]:
        if not self.has_shifts:
            return
        # A shift lasts at most to the end of the day after it starts: yesterday's can still be open.
        day = self.date_of(start) - DAY
        last = until.date() + DAY
        while day <= last:
            for begins, ends in on(day):
                if begins >= until:
                    return
                if ends > start:
                    yield begins, ends
            day += DAY


def calendar_from_json(value: object, path: str = "") -> Calendar:
    """Read `{tz, weekly: {mon: [["09:00", "17:00"], ...], ...}, holidays: ["2026-12-25", ...]}`.

    Raises `Invalid` with the path of the first fault; nothing malformed is ever read as round the clock.
    """
    raw = strict.fields(value, path, required=("tz", "weekly"), optional=("holidays",))
    at = strict.under(path, "weekly")
    week = strict.fields(raw["weekly"], at, required=(), optional=WEEKDAYS)
    return Calendar(
        tz=_zone_from_json(raw["tz"], strict.under(path, "tz")),
        weekly=tuple(strict.items(week.get(day, ()), f"{at}.{day}", _shift_from_json) for day in WEEKDAYS),
        holidays=frozenset(
            strict.items(raw.get("holidays", ()), strict.under(path, "holidays"), strict.plain_date)
        ),
    )


def calendar_to_json(calendar: Calendar) -> dict[str, object]:
    """The plain form of a calendar, equal for equal calendars."""
    return {
        "tz": calendar.tz,
        "weekly": {
            day: [[clock_time(start), clock_time(end)] for start, end in shifts]
            for day, shifts in zip(WEEKDAYS, calendar.weekly, strict=True)
            if shifts
        },
        "holidays": [day.isoformat() for day in sorted(calendar.holidays)],
    }


def week(tz: str, hours: Mapping[str, Iterable[tuple[str, str]]], holidays: Iterable[date] = ()) -> Calendar:
    """A calendar from hours by weekday, as `week("Europe/London", {"mon": [("09:00", "17:00")]})`."""
    shifts = tuple(tuple(shift(start, end) for start, end in hours.get(day, ())) for day in WEEKDAYS)
    return Calendar(tz, shifts, frozenset(holidays))


def round_the_clock(tz: str) -> Calendar:
    """A calendar that is always open: every day from 00:00 to 24:00, also in the nights of a clock change."""
    return Calendar(tz, ((Shift(0, MIDNIGHT),),) * len(WEEKDAYS))


def merged(intervals: Iterable[Interval]) -> Iterator[Interval]:
    """The union of intervals that come ordered by start. Those that only touch stay apart: an endless row of
    days has no last one to wait for."""
    current: Interval | None = None
    for start, end in intervals:
        if current is None:
            current = start, end
        elif start >= current[1]:
            yield current
            current = start, end
        elif end > current[1]:
            current = current[0], end
    if current is not None:
        yield current


def without(intervals: Iterable[Interval], holes: tuple[Interval, ...]) -> Iterator[Interval]:
    """The intervals less the holes; both ordered and free of overlap."""
    for start, end in intervals:
        rest = start
        for hole_start, hole_end in holes:
            if hole_end <= rest:
                continue
            if hole_start >= end:
                break
            if hole_start > rest:
                yield rest, hole_start
            rest = hole_end
            if rest >= end:
                break
        if rest < end:
            yield rest, end


@lru_cache(maxsize=1 << 16)
def shifts_starting(calendar: Calendar, day: date) -> tuple[Interval, ...]:
    """The shifts of the week's plan that start on this date, holiday or not, merged, as instants (UTC)."""
    resolved = (
        (calendar.instant(day, each.start), calendar.instant(day, each.minutes_to_end))
        for each in calendar.weekly[day.weekday()]
    )
    # Between two times that the clock skips there is no time at all.
    return tuple(merged((start, end) for start, end in resolved if start < end))


def _zone_from_json(value: object, path: str) -> str:
    name = strict.text(value, path)
    if not is_zone(name):
        raise strict.refuse(path, "unknown_zone")
    return name


def _shift_from_json(value: object, path: str) -> Shift:
    pair = strict.items(value, path, strict.text)
    if len(pair) != 2:
        raise strict.refuse(path, "not_a_pair")
    return shift(*pair, path)


def _minutes(text: str, path: str) -> int:
    match = _TIME.fullmatch(text)
    if match is None:
        raise strict.refuse(path, "bad_time")
    return int(match[1]) * 60 + int(match[2])
