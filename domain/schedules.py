"""Who is there for a room and when: the therapist's calendar and leave, the covers, the pauses of the room.

open = ((shifts - leave) + (cover shifts within the cover window - the cover's leave)) - union of pauses
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from heapq import merge
from typing import Final

from domain import strict
from domain.calendars import (
    DAY,
    Calendar,
    Interval,
    calendar_from_json,
    calendar_to_json,
    merged,
    without,
)

FOREVER: Final = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Span:
    """From one instant (included) to another (excluded), or open-ended. Kept in UTC. Raises `Invalid`.

    `reason` is a short code such as `client_away` or `hold`, never free text.
    """

    start: datetime
    end: datetime | None = None
    reason: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "start", utc(self.start, "from"))
        if self.end is not None:
            object.__setattr__(self, "end", utc(self.end, "to"))
            if self.end <= self.start:
                raise strict.refuse("to", "not_after_from")

    @property
    def interval(self) -> Interval:
        """The span as an interval; an open end is the end of time."""
        return self.start, FOREVER if self.end is None else self.end

    def holds(self, at: datetime) -> bool:
        """Whether the instant lies in the span."""
        return self.start <= at and (self.end is None or at < self.end)


@dataclass(frozen=True, slots=True)
class Cover:
    """Another therapist who answers within a window, by a calendar and leave of their own."""

    window: Span
    calendar: Calendar
    leave: tuple[Span, ...] = ()
    clinician: str = ""


@dataclass(frozen=True)
class Schedule:
    """All that decides when time counts for a room: the same schedule always gives the same due time."""

    calendar: Calendar
    leave: tuple[Span, ...] = ()
    covers: tuple[Cover, ...] = ()
    pauses: tuple[Span, ...] = ()

    @cached_property
    def paused_for_good_from(self) -> datetime | None:
        """The start of the earliest pause that has no end."""
        return min((pause.start for pause in self.pauses if pause.end is None), default=None)

    def open_time(self, start: datetime, until: datetime) -> Iterator[Interval]:
        """The intervals of [start, until) that count: in order, free of overlap, built as asked for."""
        attended = self.calendar.shifts(start, until)
        if self.leave:
            attended = without(attended, holes(self.leave))
        if self.covers:
            attended = merged(merge(attended, *(covered(cover, start, until) for cover in self.covers)))
        if self.pauses:
            attended = without(attended, holes(self.pauses))
        for begins, ends in attended:
            if begins >= until:
                return
            if ends > start:
                yield max(begins, start), min(ends, until)

    def open_duration(self, start: datetime, until: datetime) -> timedelta:
        """How much of [start, until) counts."""
        return sum((end - begin for begin, end in self.open_time(start, until)), timedelta())

    def end_of_next_working_day(self, at: datetime, within: timedelta) -> datetime | None:
        """The end of the last shift of the next working date after `at`; leave and pauses do not move it.

        None when no shift starts within that time.
        """
        day = self.calendar.date_of(at) + DAY
        last = self.calendar.date_of(at + within)
        while day <= last:
            if shifts := self.calendar.shifts_on(day):
                return shifts[-1][1]
            day += DAY
        return None


def covered(cover: Cover, start: datetime, until: datetime) -> Iterator[Interval]:
    """The working time of a cover within its window, as intervals that touch [start, until)."""
    opens, closes = cover.window.interval
    first, last = max(opens, start), min(closes, until)
    if first >= last:
        return
    for begins, ends in without(cover.calendar.shifts(first, last), holes(cover.leave)):
        if ends > first and begins < last:
            yield max(begins, first), min(ends, last)


def holes(spans: tuple[Span, ...]) -> tuple[Interval, ...]:
    """Spans as ordered intervals free of overlap, so that none is taken off twice."""
    return tuple(merged(sorted(span.interval for span in spans)))


def works_on(calendar: Calendar, leave: tuple[Span, ...], day: date) -> bool:
    """Whether a shift that starts on this date is left once holidays and leave are taken off."""
    shifts = calendar.shifts_on(day)
    return any(True for _ in without(shifts, holes(leave))) if leave else bool(shifts)


def schedule_from_json(value: object, path: str = "") -> Schedule:
    """Read `{calendar, leave?: [span], covers?: [cover], pauses?: [span]}`.

    A span is `{from, to, reason?}`, `to` null for an open end; a cover has `calendar`, `leave?` and
    `clinician?` besides. Raises `Invalid`.
    """
    raw = strict.fields(value, path, required=("calendar",), optional=("leave", "covers", "pauses"))
    return Schedule(
        calendar_from_json(raw["calendar"], strict.under(path, "calendar")),
        strict.items(raw.get("leave", ()), strict.under(path, "leave"), span_from_json),
        strict.items(raw.get("covers", ()), strict.under(path, "covers"), cover_from_json),
        strict.items(raw.get("pauses", ()), strict.under(path, "pauses"), span_from_json),
    )


def schedule_to_json(schedule: Schedule) -> dict[str, object]:
    """The plain form of a schedule, which `schedule_from_json` reads back."""
    return {
        "calendar": calendar_to_json(schedule.calendar),
        "leave": [span_to_json(span) for span in schedule.leave],
        "covers": [
            {
                **span_to_json(cover.window),
                "calendar": calendar_to_json(cover.calendar),
                "leave": [span_to_json(span) for span in cover.leave],
                "clinician": cover.clinician,
            }
            for cover in schedule.covers
        ],
        "pauses": [span_to_json(span) for span in schedule.pauses],
    }


def span_from_json(value: object, path: str) -> Span:
    """Read `{from, to, reason?}`. Raises `Invalid`."""
    raw = strict.fields(value, path, required=("from", "to"), optional=("reason",))
    return _span(raw["from"], raw["to"], strict.text(raw.get("reason", ""), f"{path}.reason"), path)


def cover_from_json(value: object, path: str) -> Cover:
    """Read `{from, to, calendar, leave?, reason?, clinician?}`. Raises `Invalid`."""
    raw = strict.fields(
        value, path, required=("from", "to", "calendar"), optional=("leave", "reason", "clinician")
    )
    return Cover(
        _span(raw["from"], raw["to"], strict.text(raw.get("reason", ""), f"{path}.reason"), path),
        calendar_from_json(raw["calendar"], f"{path}.calendar"),
        strict.items(raw.get("leave", ()), f"{path}.leave", span_from_json),
        strict.text(raw.get("clinician", ""), f"{path}.clinician"),
    )


def span_to_json(span: Span) -> dict[str, object]:
    """The plain form of a span."""
    plain: dict[str, object] = {
        "from": strict.iso(span.start),
        "to": None if span.end is None else strict.iso(span.end),
    }
    return plain | ({"reason": span.reason} if span.reason else {})


def _span(start: object, end: object, reason: str, path: str) -> Span:
    begins = strict.instant(start, f"{path}.from")
    ends = None if end is None else strict.instant(end, f"{path}.to")
    if ends is not None and ends <= begins:
        raise strict.refuse(f"{path}.to", "not_after_from")
    return Span(begins, ends, reason)


def utc(at: datetime, path: str) -> datetime:
    """The same instant in UTC. Raises `Invalid` (`no_offset`)."""
    if at.utcoffset() is None:
        raise strict.refuse(path, "no_offset")
    return at.astimezone(UTC)
