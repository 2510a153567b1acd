"""A promise drawn over days: one row a day in the therapist's zone, what counted, what did not and why, what happened.

Geometry only; shapes are in `room/_strip.html`. Across in per cent of a day by the wall clock, down in pixels.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import groupby

from domain.explanations import Reason, Segment
from domain.promises import rough
from domain.zones import zone
from web.times import clock_words

DAY = timedelta(days=1)
NARROWEST = 260
"""Pixels of a row on the smallest phone: a label is drawn inside a stretch only where it fits there."""
LETTER = 7.0
BAR, LINE, HEAD, GAP = 22, 18, 20, 14
WORDS = {
    "shift": "Working time",
    "cover": "A colleague's working time",
    "pause": "On hold",
    "leave": "Time off",
    "no_licence": "No licence there",
    "holiday": "Holiday",
    "outside_hours": "Outside working hours",
    "late": "Late",
}
"""What a fill stands for, in the order of the legend."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened or is to happen: `tone` is empty, soon, late or good."""

    at: datetime
    words: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a day. `kind` names its fill, `label` is empty where it would not fit."""

    kind: str
    x: float
    width: float
    label: str

    @property
    def middle(self) -> float:
        """Where a label stands."""
        return round(self.x + self.width / 2, 3)


@dataclass(frozen=True, slots=True)
class Mark:
    """An event in its row: a line down from the bar to words of its own line."""

    x: float
    y: float
    anchor: str
    words: str
    tone: str


@dataclass(frozen=True, slots=True)
class Row:
    """One day; or with `folded`, several days in which nothing counted and nothing happened."""

    label: str
    y: float
    pieces: tuple[Piece, ...] = ()
    marks: tuple[Mark, ...] = ()
    folded: bool = False

    @property
    def bar(self) -> float:
        """The top of the bar."""
        return self.y + HEAD


@dataclass(frozen=True, slots=True)
class Strip:
    """The drawing. `legend`: each fill that is drawn, with its words. `place` names the zone."""

    title: str
    place: str
    rows: tuple[Row, ...]
    legend: tuple[tuple[str, str], ...]
    height: float
    bar_height: int = BAR


@dataclass(frozen=True, slots=True)
class _Day:
    day: date
    pieces: tuple[Piece, ...]
    reasons: frozenset[str]
    events: tuple[Event, ...]

    @property
    def folds(self) -> str:
        """As what it may be told in a line with its neighbours: `skipped`, `late`; empty where something happened."""
        if self.events or self.reasons & {"shift", "cover"}:
            return ""
        return "late" if "late" in self.reasons else "skipped"


def strip(
    segments: Sequence[Segment],
    events: Sequence[Event],
    tz: str,
    late: tuple[datetime, datetime] | None = None,
) -> Strip:
    """Draw segments (in order, without a gap) and events. `late`: from the due time to the answer, or to now."""
    spans = [(part.start, part.end, str(part.reason)) for part in segments]
    if late is not None and late[0] < late[1]:
        spans.append((*late, "late"))
    days = tuple(_days(spans, sorted(events, key=lambda event: event.at), tz))
    rows: list[Row] = []
    y = 24.0
    for folds, run in groupby(days, key=lambda day: day.folds):
        group = list(run)
        if folds and len(group) > 1:
            rows.append(Row(_fold_words(folds, group), y, folded=True))
            y += HEAD + GAP
            continue
        for day in group:
            row = _row(day, y, tz)
            rows.append(row)
            y += HEAD + BAR + LINE * len(row.marks) + GAP
    drawn = {piece.kind for row in rows for piece in row.pieces}
    legend = tuple((kind, words) for kind, words in WORDS.items() if kind in drawn)
    place = tz.rpartition("/")[2].replace("_", " ")
    return Strip(_title(days, segments), place, tuple(rows), legend, y)


def _title(days: Sequence[_Day], segments: Sequence[Segment]) -> str:
    counted = sum((part.duration for part in segments if part.counted), timedelta())
    over = "1 day" if len(days) == 1 else f"{len(days)} days"
    return f"{rough(counted) if counted else 'No'} {'of ' if counted else ''}working time over {over}"


def _days(
    spans: Sequence[tuple[datetime, datetime, str]], events: Sequence[Event], tz: str
) -> Iterator[_Day]:
    local = zone(tz)
    edges = [at for start, end, _ in spans for at in (start, end - timedelta.resolution)]
    dates = [at.astimezone(local).date() for at in (*edges, *(event.at for event in events))]
    if not dates:
        return
    day, last = min(dates), max(dates)
    while day <= last:
        here = [(kind, *within) for start, end, kind in spans if (within := _within(start, end, day, tz))]
        yield _Day(
            day,
            tuple(_piece(*each) for each in here),
            frozenset(kind for kind, *_ in here),
            tuple(event for event in events if event.at.astimezone(local).date() == day),
        )
        day += DAY


def _within(start: datetime, end: datetime, day: date, tz: str) -> tuple[float, float, timedelta] | None:
    """The part of a span on a day, in per cent of it, and how long it lasts; None where it is not on that day."""
    begins, ends = start.astimezone(zone(tz)), end.astimezone(zone(tz))
    if ends.date() < day or begins.date() > day or (ends.date() == day and not _share(ends)):
        return None
    midnight = datetime.combine(day, datetime.min.time(), zone(tz))
    next_midnight = datetime.combine(day + DAY, datetime.min.time(), zone(tz))
    left = _share(begins) if begins.date() == day else 0.0
    right = _share(ends) if ends.date() == day else 100.0
    return left, max(right, left), min(end, next_midnight) - max(start, midnight)


def _share(local: datetime) -> float:
    """How much of the day has passed by the wall clock, in per cent."""
    return round((local.hour * 3600 + local.minute * 60 + local.second) / 864, 3)


def _piece(kind: str, left: float, right: float, lasts: timedelta) -> Piece:
    words = rough(lasts) if kind in ("shift", "cover") else WORDS[kind]
    fits = len(words) * LETTER <= (right - left) / 100 * NARROWEST - 8
    return Piece(kind, left, round(right - left, 3), words if fits else "")


def _fold_words(folds: str, days: Sequence[_Day]) -> str:
    if folds == "late":
        return f"{len(days)} more days late"
    reasons = frozenset().union(*(day.reasons for day in days))
    told = [WORDS[kind].lower() for kind in ("leave", "holiday", "pause") if kind in reasons]
    if not told:
        weekend = all(day.day.weekday() >= 5 for day in days)
        told = ["weekend" if weekend else WORDS[Reason.OUTSIDE_HOURS].lower()]
    return f"{len(days)} days skipped: {' and '.join(told)}"


def _row(day: _Day, y: float, tz: str) -> Row:
    marks = []
    for place, event in enumerate(day.events):
        local = event.at.astimezone(zone(tz))
        x = _share(local)
        anchor = "start" if x < 30 else "end" if x > 70 else "middle"
        below = y + HEAD + BAR + LINE * (place + 1) - 3
        marks.append(Mark(x, below, anchor, f"{event.words} {clock_words(local)}", event.tone))
    label = f"{day.day:%a}, {day.day:%b} {day.day.day}"
    return Row(label, y, tuple(_uncrossed(piece, marks) for piece in day.pieces), tuple(marks))


def _uncrossed(piece: Piece, marks: Sequence[Mark]) -> Piece:
    """The piece, without its label where the line of a mark would go through it."""
    half = len(piece.label) * LETTER / NARROWEST * 50
    crossed = any(abs(mark.x - piece.middle) < half for mark in marks)
    return replace(piece, label="") if crossed else piece
