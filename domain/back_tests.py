"""What would have been: response items of the past under another policy, or with other people at work.

Both sides are projected by the same rules on the schedules as they stood, so that a difference comes from what is
tried and from nothing else. Answers arrive when they did: what people would have done otherwise is not guessed.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Final

from domain.attainment import Tally
from domain.calendars import Calendar
from domain.clocks import project
from domain.policies import ResponsePolicy
from domain.schedules import Cover, Schedule, Span
from domain.survival import kaplan_meier

ASSUMPTIONS: Final = (
    "Answers arrive when they did; a promise of another length would have changed when people write.",
    "Hours, leave, cover and pauses are those known when the item closed, but for what is tried.",
    "Both sides are projected anew by today's rules; more time that a client granted counts on both.",
    "Waived and cancelled items and risk flags are left out.",
)


class Outcome(StrEnum):
    """How a promise ended."""

    KEPT = "kept"
    BROKEN = "broken"
    OPEN = "open"  # still without an answer and not due yet, or held


@dataclass(frozen=True, slots=True)
class Past:
    """An item that was answered at `closed_at`, or still waits (None). Instants UTC; `therapist` by id."""

    therapist: str
    opened_at: datetime
    closed_at: datetime | None
    policy: ResponsePolicy
    schedule: Schedule
    extension: timedelta = timedelta()
    recorded: Outcome | None = None


@dataclass(frozen=True, slots=True)
class RosterChange:
    """What is tried of one therapist: other hours (their holidays stay unless given), leave on top, and whether
    nobody covers their rooms."""

    hours: Calendar | None = None
    leave: tuple[Span, ...] = ()
    without_cover: bool = False


@dataclass(frozen=True, slots=True)
class Judged:
    """How an item ends under a policy, and how much time it allowed by the wall clock; None: no due time."""

    outcome: Outcome
    allowed: timedelta | None


Roster = Mapping[str, RosterChange]


@dataclass(slots=True)
class Effect:
    """Items compared one by one: before and after what is tried. Allowed times are counted by the minute."""

    before: Tally = field(default_factory=Tally)
    after: Tally = field(default_factory=Tally)
    newly_kept: int = 0
    newly_broken: int = 0
    unlike_record: int = 0
    allowed_before: Counter[int] = field(default_factory=Counter)
    allowed_after: Counter[int] = field(default_factory=Counter)

    def add(self, past: Past, before: Judged, after: Judged) -> None:
        """Count one item."""
        self.before += _tally(past, before)
        self.after += _tally(past, after)
        was, becomes = before.outcome is Outcome.BROKEN, after.outcome is Outcome.BROKEN
        self.newly_kept += was and not becomes
        self.newly_broken += becomes and not was
        self.unlike_record += past.recorded is not None and past.recorded is not before.outcome
        for judged, counted in ((before, self.allowed_before), (after, self.allowed_after)):
            if judged.allowed is not None:
                counted[int(judged.allowed.total_seconds()) // 60] += 1

    def merge(self, other: "Effect") -> None:
        """Count the items of another as well."""
        self.before += other.before
        self.after += other.after
        self.newly_kept += other.newly_kept
        self.newly_broken += other.newly_broken
        self.unlike_record += other.unlike_record
        self.allowed_before.update(other.allowed_before)
        self.allowed_after.update(other.allowed_after)

    @property
    def items(self) -> int:
        """How many were compared."""
        return self.before.items

    @property
    def difference(self) -> float | None:
        """Attainment after less before, as a share; None where either has nothing that counts."""
        if self.before.attainment is None or self.after.attainment is None:
            return None
        return self.after.attainment - self.before.attainment


def median_minutes(allowed: Counter[int]) -> int | None:
    """The time that half of the promises allowed at most, in whole minutes by the wall clock."""
    return kaplan_meier(allowed, {}).quantile(0.5)


def compare(
    past: Past, policy: ResponsePolicy | None, roster: Roster, now: datetime
) -> tuple[Judged, Judged]:
    """One item as it was, and under the policy (None: its own) and roster that are tried."""
    before = judge(past, past.policy, past.schedule, now)
    tried = with_roster(past.schedule, past.therapist, roster)
    if tried is past.schedule and (policy is None or policy == past.policy):
        return before, before
    return before, judge(past, policy or past.policy, tried, now)


def judge(past: Past, policy: ResponsePolicy, schedule: Schedule, now: datetime) -> Judged:
    """How the item ends. An answer at the due time is in time; without a due time nothing is broken."""
    seen = past.closed_at or now
    due_at = project(policy, schedule, past.opened_at, seen, extension=past.extension).due_at
    allowed = None if due_at is None else due_at - past.opened_at
    if past.closed_at is None:
        return Judged(Outcome.BROKEN if due_at is not None and due_at < now else Outcome.OPEN, allowed)
    return Judged(Outcome.BROKEN if due_at is not None and past.closed_at > due_at else Outcome.KEPT, allowed)


def with_roster(schedule: Schedule, therapist: str, roster: Roster) -> Schedule:
    """The schedule of a room of `therapist` with what is tried of them and of those who cover; itself if nothing."""
    if therapist not in roster and not any(cover.clinician in roster for cover in schedule.covers):
        return schedule
    own = roster.get(therapist, RosterChange())
    covers = () if own.without_cover else tuple(_covering(cover, roster) for cover in schedule.covers)
    return replace(
        schedule,
        calendar=_hours(schedule.calendar, own),
        leave=(*schedule.leave, *own.leave),
        covers=covers,
    )


def _covering(cover: Cover, roster: Roster) -> Cover:
    change = roster.get(cover.clinician)
    if change is None:
        return cover
    return replace(cover, calendar=_hours(cover.calendar, change), leave=(*cover.leave, *change.leave))


def _hours(calendar: Calendar, change: RosterChange) -> Calendar:
    return calendar if change.hours is None else _with_holidays(change.hours, calendar.holidays)


@lru_cache(maxsize=4096)
def _with_holidays(hours: Calendar, holidays: frozenset[date]) -> Calendar:
    return hours if hours.holidays else replace(hours, holidays=holidays)


def _tally(past: Past, judged: Judged) -> Tally:
    match judged.outcome:
        case Outcome.KEPT:
            return Tally(met=1)
        case Outcome.OPEN:
            return Tally(not_yet_due=1)
    return Tally(late=1) if past.closed_at else Tally(overdue=1)
