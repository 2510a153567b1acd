"""The week by therapist and hour, as a drawing: cells say who works, bars in them how much comes due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from domain.calendars import Interval
from records.loads import Load

HOURS = 168
LEFT, CELL, ROW, TOP = 168, 5, 26, 34
WIDTH = LEFT + HOURS * CELL
HOUR = timedelta(hours=1)
STATES = {
    "open": "works",
    "closed": "does not work",
    "leave": "away, not covered",
    "covered": "away, covered",
}
FEW, SOME = 2, 5


@dataclass(frozen=True, slots=True)
class Stretch:
    """Hours of one kind, side by side."""

    x: int
    width: int
    kind: str


@dataclass(frozen=True, slots=True)
class Bar:
    """What comes due in an hour: the taller, the more. `tone`: few or some, and alone where nobody works then."""

    x: int
    y: float
    height: float
    tone: str


@dataclass(frozen=True, slots=True)
class Strip:
    """One therapist's week."""

    therapist_id: str
    name: str
    y: int
    stretches: tuple[Stretch, ...]
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Day:
    """Where a day begins, by the reader's zone."""

    x: int
    at: datetime
    name: str  # `Mon 23`


@dataclass(frozen=True, slots=True)
class DayCount:
    """What comes due on a day, and how much of it while nobody works."""

    due: int
    alone: int


@dataclass(frozen=True, slots=True)
class Line:
    """The table behind the drawing: one therapist by day."""

    load: Load
    days: tuple[DayCount, ...]


@dataclass(frozen=True, slots=True)
class HeatMap:
    """The drawing and its table. The title says what there is to see."""

    title: str
    strips: tuple[Strip, ...]
    days: tuple[Day, ...]
    lines: tuple[Line, ...]
    width: int = WIDTH
    left: int = LEFT
    top: int = TOP
    cell: int = CELL
    row: int = ROW

    @property
    def height(self) -> int:
        """Of the drawing."""
        return TOP + ROW * len(self.strips) + 4


def heat_map(loads: Sequence[Load], start: datetime, zone: str) -> HeatMap:
    """Draw the week from `start`, a whole hour; days are those of the reader's zone."""
    kinds = [kinds_of(load, start) for load in loads]
    most = max((n for load in loads for n in load.due.values()), default=1)
    days = _days(start, zone)
    lines = tuple(
        Line(load, _by_day(load, kind, start, zone, days)) for load, kind in zip(loads, kinds, strict=True)
    )
    strips = tuple(
        Strip(
            str(load.therapist_id),
            load.name,
            TOP + ROW * place,
            _stretches(kind),
            _bars(load, kind, TOP + ROW * place, most),
        )
        for place, (load, kind) in enumerate(zip(loads, kinds, strict=True))
    )
    return HeatMap(_title(lines), strips, days, lines)


def kinds_of(load: Load, start: datetime) -> list[str]:
    """What each of the hours is: open where half of it or more is worked, else away (covered or not), or closed."""
    return [_kind(load, start + hour * HOUR) for hour in range(HOURS)]


def _kind(load: Load, at: datetime) -> str:
    if _within(load.open, at, at + HOUR) >= HOUR / 2:
        return "open"
    for absence in load.absences:
        if absence.start < at + HOUR / 2 < absence.end:
            return "covered" if absence.covered else "leave"
    return "closed"


def _within(intervals: Sequence[Interval], start: datetime, end: datetime) -> timedelta:
    cut = ((max(begins, start), min(ends, end)) for begins, ends in intervals)
    return sum((ends - begins for begins, ends in cut if ends > begins), timedelta())


def _stretches(kinds: list[str]) -> tuple[Stretch, ...]:
    found, x = [], LEFT
    for kind, hours in groupby(kinds):
        width = CELL * sum(1 for _ in hours)
        found.append(Stretch(x, width, kind))
        x += width
    return tuple(found)


def _bars(load: Load, kinds: list[str], y: int, most: int) -> tuple[Bar, ...]:
    return tuple(
        Bar(
            LEFT + CELL * hour,
            round(y + ROW - 3 - (ROW - 6) * n / most, 1),
            round((ROW - 6) * n / most, 1),
            _tone(n, kinds[hour]),
        )
        for hour, n in sorted(load.due.items())
        if 0 <= hour < HOURS
    )


def _tone(n: int, kind: str) -> str:
    much = "few" if n <= FEW else "some" if n <= SOME else ""
    return f"{much} alone".strip() if kind == "leave" else much


def _days(start: datetime, zone: str) -> tuple[Day, ...]:
    reader = ZoneInfo(zone)
    hours = (start + hour * HOUR for hour in range(HOURS))
    marks = [
        Day(LEFT + CELL * place, at, f"{at.astimezone(reader):%a} {at.astimezone(reader).day}")
        for place, at in enumerate(hours)
        if place == 0 or at.astimezone(reader).hour == 0
    ]
    # A first day of a few hours has no room for its name.
    return tuple(marks[1:] if len(marks) > 1 and marks[1].x - marks[0].x < 12 * CELL else marks)


def _by_day(
    load: Load, kinds: list[str], start: datetime, zone: str, days: Sequence[Day]
) -> tuple[DayCount, ...]:
    reader = ZoneInfo(zone)
    dates = [day.at.astimezone(reader).date() for day in days]
    due = dict.fromkeys(dates, 0)
    alone = dict.fromkeys(dates, 0)
    for hour, n in load.due.items():
        day = max((start + hour * HOUR).astimezone(reader).date(), dates[0])
        if day in due and hour < HOURS:
            due[day] += n
            alone[day] += n if kinds[hour] == "leave" else 0
    return tuple(DayCount(due[day], alone[day]) for day in dates)


def _title(lines: Sequence[Line]) -> str:
    due = sum(day.due for line in lines for day in line.days)
    alone = sum(day.alone for line in lines for day in line.days)
    if not due:
        return "Nothing comes due in the next seven days"
    told = f"{due:,} {'answer comes' if due == 1 else 'answers come'} due in seven days"
    return f"{told}, {alone:,} of them while nobody is there" if alone else f"{told}, all with somebody there"
