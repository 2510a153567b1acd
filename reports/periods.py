"""The time a report on promises speaks of: whole days of the clinic, or from one instant to another."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Final, NamedTuple, TypeAlias
from zoneinfo import ZoneInfo

from domain.errors import FieldError, Invalid
from domain.zones import resolve
from reports.report import Period

Given: TypeAlias = datetime | date | None
"""An instant, or a day of the clinic, or nothing."""

MOST_WEEKS: Final = 530  # ten years: more is no longer a chart
USUAL_WEEKS: Final = 12
_DAY, _WEEK = timedelta(days=1), timedelta(weeks=1)


class Week(NamedTuple):
    """An ISO week of the clinic, as far as it lies in a stretch: instants, half-open."""

    label: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Stretch:
    """From `start` (UTC, included) to `end` (excluded). Its days and weeks are those of `zone`."""

    start: datetime
    end: datetime
    zone: ZoneInfo

    @property
    def days(self) -> Period:
        """The first and the last day that it touches."""
        last = (self.end - timedelta(microseconds=1)).astimezone(self.zone).date()
        return Period(self.start.astimezone(self.zone).date(), last)

    def weeks(self, until: datetime) -> list[Week]:
        """The ISO weeks that it touches and that began before `until`, in order; the first and last may be cut.

        Raises Invalid when they are more than `MOST_WEEKS`.
        """
        weeks = list(islice((week for week in self._weeks() if week.start < until), MOST_WEEKS + 1))
        if len(weeks) > MOST_WEEKS:
            raise Invalid(FieldError("from", "too_long"))
        return weeks

    def _weeks(self) -> Iterator[Week]:
        monday = _monday(self.start.astimezone(self.zone).date())
        start = self.start
        while start < self.end:
            end = min(midnight(monday + _WEEK, self.zone), self.end)
            year, week, _ = monday.isocalendar()
            yield Week(f"{year}-W{week:02}", start, end)
            start, monday = end, monday + _WEEK


def stretch(since: Given, until: Given, now: datetime, zone: ZoneInfo) -> Stretch:
    """From `since` to `until`: a day counts whole, an instant is exact. Nothing given: twelve weeks up to now.

    Raises Invalid when it is empty.
    """
    end = now if until is None else _instant(until, zone, after=True)
    first = _monday(end.astimezone(zone).date()) - _WEEK * (USUAL_WEEKS - 1)
    start = midnight(first, zone) if since is None else _instant(since, zone, after=False)
    if start >= end:
        raise Invalid(FieldError("from", "after_to"))
    return Stretch(start, end, zone)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The instant (UTC) at which a day begins on the wall clock of the zone."""
    return resolve(datetime.combine(day, time()), zone)


def _monday(day: date) -> date:
    return day - _DAY * day.weekday()


def _instant(given: datetime | date, zone: ZoneInfo, *, after: bool) -> datetime:
    if isinstance(given, datetime):
        return given.astimezone(UTC)
    return midnight(given + _DAY if after else given, zone)
