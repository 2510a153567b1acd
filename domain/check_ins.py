"""Regular check-ins: when the next one is due, what becomes of it, and who acts when answers stay away.

A check-in keeps its weekday and hour on the client's wall clock, across changes of it; instants are UTC.
While the client has paused none is asked. A therapist's leave changes nothing: cover reads them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, Final
from zoneinfo import ZoneInfo

from domain.errors import Conflict, FieldError, Invalid
from domain.zones import resolve


class CheckInState(StrEnum):
    """Skipped: it fell into a pause of the client's and was not asked."""

    ASKED = "asked"
    ANSWERED = "answered"
    MISSED = "missed"
    SKIPPED = "skipped"


class AbsenceStep(StrEnum):
    """Who acts when a client falls silent, from nobody to the last review."""

    NONE = "none"
    THERAPIST_TASK = "therapist_task"
    SUPERVISOR_OUTREACH = "supervisor_outreach"
    REMATCH_OFFER = "rematch_offer"
    DISCHARGE_REVIEW = "discharge_review"


@dataclass(frozen=True, slots=True)
class CheckInPolicy:
    """Cadence and ladder; a policy row replaces these defaults. Silent time leaves pauses out."""

    every: timedelta = timedelta(days=7)
    at: time = time(9)
    remind_after: timedelta = timedelta(hours=48)
    task_after_missed: int = 2
    outreach_after_missed: int = 3
    outreach_after_silence: timedelta = timedelta(days=14)
    rematch_after_silence: timedelta = timedelta(days=25)
    review_after_notice: timedelta = timedelta(weeks=4)


WEEKLY: Final = CheckInPolicy()


def check_in_policy_from_json(definition: Mapping[str, Any]) -> CheckInPolicy:
    """The policy of a stored definition: `every_seconds`, `remind_seconds`, `at` ("09:00", the client's clock).

    What is left out is the default. Raises Invalid (`not_a_number`, `not_a_time`, `not_positive`).
    """
    changed: dict[str, Any] = {}
    for key, name in (("every_seconds", "every"), ("remind_seconds", "remind_after")):
        if key in definition:
            changed[name] = _span(key, definition[key])
    if "at" in definition:
        try:
            changed["at"] = time.fromisoformat(str(definition["at"]))
        except ValueError:
            raise Invalid(FieldError("at", "not_a_time")) from None
    return replace(WEEKLY, **changed)


def _span(key: str, value: object) -> timedelta:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Invalid(FieldError(key, "not_a_number"))
    if value <= 0:
        raise Invalid(FieldError(key, "not_positive"))
    return timedelta(seconds=value)


@dataclass(frozen=True, slots=True)
class Pause:
    """A pause of the client's, half-open; `until` None: it lasts."""

    start: datetime
    until: datetime | None = None

    def holds_at(self, at: datetime) -> bool:
        """True from `start` until just before `until`."""
        return self.start <= at and (self.until is None or at < self.until)


@dataclass(frozen=True, slots=True)
class Cadence:
    """When check-ins fall due: `first_on` and then every so many days, at `at` on the clock of `zone`."""

    first_on: date
    at: time
    every_days: int
    zone: ZoneInfo

    def due(self, k: int) -> datetime:
        """The k-th due time, from 0 (UTC)."""
        return resolve(
            datetime.combine(self.first_on + timedelta(days=k * self.every_days), self.at), self.zone
        )

    def next_after(self, instant: datetime) -> datetime:
        """The first due time after `instant` (UTC)."""
        days = (instant.astimezone(self.zone).date() - self.first_on).days
        k = max(0, days // self.every_days)
        while self.due(k) <= instant:
            k += 1
        return self.due(k)


def cadence_from(start: datetime, zone: ZoneInfo, policy: CheckInPolicy = WEEKLY) -> Cadence:
    """The cadence of a room opened at `start`: the first check-in comes one interval later, local date."""
    first_on = start.astimezone(zone).date() + policy.every
    return Cadence(first_on, policy.at, max(1, policy.every.days), zone)


def next_due(
    started_at: datetime, after: datetime, zone: ZoneInfo, policy: CheckInPolicy = WEEKLY
) -> datetime:
    """The first due time after `after` in a room opened at `started_at` (UTC).

    A policy of whole days keeps the hour of the client's wall clock; a shorter one (a demonstration) counts
    its intervals from the room's opening.
    """
    if policy.every >= timedelta(days=1):
        return cadence_from(started_at, zone, policy).next_after(after)
    passed = max(0, (after - started_at) // policy.every)
    return started_at + (passed + 1) * policy.every


def state_when_due(due_at: datetime, pauses: Iterable[Pause]) -> CheckInState:
    """ASKED, or SKIPPED when the client has paused then."""
    return CheckInState.SKIPPED if any(p.holds_at(due_at) for p in pauses) else CheckInState.ASKED


def closes_at(asked_at: datetime, next_due_at: datetime | None, policy: CheckInPolicy = WEEKLY) -> datetime:
    """When an unanswered one is missed: as the next falls due; one asked by hand after a whole interval."""
    return next_due_at if next_due_at is not None else asked_at + policy.every


def reminder_at(
    asked_at: datetime, closes: datetime, pauses: Iterable[Pause], policy: CheckInPolicy = WEEKLY
) -> datetime | None:
    """When the client is reminded once; None if it closes before, or the client has paused by then."""
    at = asked_at + policy.remind_after
    return None if at >= closes or any(p.holds_at(at) for p in pauses) else at


def answer(state: CheckInState) -> CheckInState:
    """The state after an answer. A late one still counts. Raises Conflict when answered or never asked."""
    if state in (CheckInState.ANSWERED, CheckInState.SKIPPED):
        raise Conflict("check_in_" + state)
    return CheckInState.ANSWERED


def miss(state: CheckInState, *, closes: datetime, now: datetime, pauses: Iterable[Pause]) -> CheckInState:
    """The state once its time is over: an open one is MISSED, or SKIPPED if the client paused meanwhile."""
    if state is not CheckInState.ASKED or now < closes:
        return state
    return CheckInState.SKIPPED if any(p.holds_at(closes) for p in pauses) else CheckInState.MISSED


def missed_in_a_row(states: Iterable[CheckInState]) -> int:
    """Missed ones at the end of a history. A skipped one neither counts nor breaks the row."""
    row = 0
    for state in states:
        if state is CheckInState.MISSED:
            row += 1
        elif state is CheckInState.ANSWERED:
            row = 0
    return row


def silent_time(last_sign_at: datetime, now: datetime, pauses: Iterable[Pause]) -> timedelta:
    """Time since the client's last message or answer, without the time of (disjoint) pauses."""
    silent = max(now - last_sign_at, timedelta())
    for pause in pauses:
        start = max(pause.start, last_sign_at)
        end = now if pause.until is None else min(pause.until, now)
        silent -= max(end - start, timedelta())
    return silent


def silent_for(last_sign_at: datetime, threshold: timedelta, pauses: Iterable[Pause]) -> datetime | None:
    """When `silent_time` reaches `threshold`, as far as pauses are known; None: a pause lasts."""
    at = last_sign_at + threshold
    for pause in sorted(pauses, key=lambda p: p.start):
        if pause.until is not None and pause.until <= last_sign_at:
            continue
        if pause.start >= at:
            break
        if pause.until is None:
            return None
        at += pause.until - max(pause.start, last_sign_at)
    return at


def absence_step(
    missed: int, silent: timedelta, notice_age: timedelta | None = None, policy: CheckInPolicy = WEEKLY
) -> AbsenceStep:
    """The highest step reached. `notice_age`: time since the client was offered another therapist.

    Two missed: the therapist's task. Three, or 14 silent days: a supervisor reaches out. 25 days: another
    therapist is offered. Four weeks after that notice: the discharge is reviewed by a person.
    """
    if notice_age is not None and notice_age >= policy.review_after_notice:
        return AbsenceStep.DISCHARGE_REVIEW
    if silent >= policy.rematch_after_silence:
        return AbsenceStep.REMATCH_OFFER
    if missed >= policy.outreach_after_missed or silent >= policy.outreach_after_silence:
        return AbsenceStep.SUPERVISOR_OUTREACH
    return AbsenceStep.THERAPIST_TASK if missed >= policy.task_after_missed else AbsenceStep.NONE
