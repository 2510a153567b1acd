"""Which of a client's covers pays for a week: the one that was in force on its first day, not the one given last."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID


@dataclass(frozen=True, slots=True)
class CoverageSpan:
    """From when to when a cover stood. Days are inclusive, on the calendar of the service; None is open.

    `active`: in force, in doubt or not. `active_from` and `active_to` are the payer's words; `replaced_on` is the day
    on which the client had another cover instead. `confirmed_on`: when the payer last said yes.
    """

    id: UUID
    insurance: bool
    active: bool
    in_doubt: bool
    given_at: datetime
    given_on: date
    confirmed_on: date
    active_from: date | None = None
    active_to: date | None = None
    replaced_on: date | None = None

    def in_force(self, day: date) -> bool:
        """Whether the cover counts on a day, as far as anybody has said."""
        if not self.active:
            return self.active_to is not None and day <= self.active_to
        return self.active_from is None or self.active_from <= day

    def covers(self, first: date, last: date) -> bool:
        """Whether it may be billed for these days: in force throughout, without a doubt."""
        return self.in_force(first) and self.in_force(last) and not (self.active and self.in_doubt)

    def confirmed_for(self, day: date, good_for: timedelta) -> bool:
        """Whether a yes of the payer's is new enough for a day of service; a later yes always is."""
        return day - self.confirmed_on <= good_for


def paying(spans: Iterable[CoverageSpan], first: date, last: date) -> CoverageSpan | None:
    """The cover of a week. One on file on its first day and in force then comes first; then insurance given later that
    reaches back, or whatever was given within the week; then insurance that is not in force, which holds the line: one
    that ended before another, so that the office sees both together. The newest of equals. Nobody pays for themselves a
    week that was over before they said so.
    """
    ranked = [(rank, span) for span in spans if (rank := _rank(span, first, last)) is not None]
    return min(ranked, key=lambda each: (each[0], -each[1].given_at.timestamp()))[1] if ranked else None


def _rank(span: CoverageSpan, first: date, last: date) -> int | None:
    if span.replaced_on is not None and span.replaced_on < first:
        return None
    if span.in_force(first) and (span.insurance or span.given_on <= last):
        return 0 if span.given_on <= first else 1
    if not span.insurance:
        return None
    if span.active_to is not None:
        return 2
    return 3 if span.replaced_on is None else 4
