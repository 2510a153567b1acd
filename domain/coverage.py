"""What an answer about coverage means, and who must act next.

Sources: X12 AAA03 reject reasons and AAA04 follow-up codes (005010X279A1); CAQH CORE real-time connectivity
rule for when a question may be repeated. The verdict holds codes, instants and payer ids only, so that it may
reach Temporal.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from domain.eligibility import MENTAL_HEALTH_TYPES, EligibilityAnswer, Kind, RejectedQuestion
from domain.questions import Question, ReaskWith
from domain.rejections import (
    ANSWER_COMES_LATER,
    FAULT_OF,
    NO_RESEND,
    TASK_OF,
    TASK_WORDS,
    WAIT_FOR,
    ClientTask,
    Fault,
)
from domain.retry_policies import STANDARD_RETRY, RetryPolicy, next_attempt


class CoverageStatus(StrEnum):
    """What the client sees of a coverage."""

    VERIFYING = "verifying"
    ACTIVE = "active"
    INACTIVE = "inactive"
    NEEDS_INFORMATION = "needs_information"
    MANUAL_REVIEW = "manual_review"


class TransportFailure(StrEnum):
    """The ways in which no usable answer came."""

    TIMED_OUT = "timed_out"
    DOWN = "down"
    MALFORMED = "malformed"
    CONFIGURATION_REFUSED = "configuration_refused"


class Outcome(StrEnum):
    ACTIVE = "active"
    INACTIVE = "inactive"
    NEEDS_INFORMATION = "needs_information"
    MANUAL_REVIEW = "manual_review"
    RETRY = "retry"
    REDIRECT = "redirect"
    REASK = "reask"
    AWAIT = "await"
    BILLING_QUEUE = "billing_queue"
    ALARM = "alarm"


_STATUS_OF = {
    Outcome.ACTIVE: CoverageStatus.ACTIVE,
    Outcome.INACTIVE: CoverageStatus.INACTIVE,
    Outcome.NEEDS_INFORMATION: CoverageStatus.NEEDS_INFORMATION,
    Outcome.RETRY: CoverageStatus.VERIFYING,
    Outcome.REDIRECT: CoverageStatus.VERIFYING,
    Outcome.REASK: CoverageStatus.VERIFYING,
    Outcome.AWAIT: CoverageStatus.VERIFYING,
}


class Owner(StrEnum):
    """Who must act on a cover."""

    CLIENT = "client"
    BILLING = "billing"
    ADMINISTRATOR = "administrator"
    PAYER = "payer"


_OWNER_OF = {
    Outcome.INACTIVE: Owner.CLIENT,
    Outcome.NEEDS_INFORMATION: Owner.CLIENT,
    Outcome.MANUAL_REVIEW: Owner.BILLING,
    Outcome.BILLING_QUEUE: Owner.BILLING,
    Outcome.ALARM: Owner.ADMINISTRATOR,
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What happens next. `reason` is a stable code: "aaa_75", "timed_out", "plan_ended"...

    `task` goes with NEEDS_INFORMATION, `retry_at` and `deadline` (UTC) with RETRY, `deadline` alone with AWAIT (the
    payer answers later by itself), `payer_id` with REDIRECT, `reask_with` (and `service_type`, when that is what
    changes) with REASK. `ask_again_at` with MANUAL_REVIEW: the payer named a day for the next question; whoever
    reviews may be quicker.
    """

    outcome: Outcome
    reason: str
    task: ClientTask | None = None
    retry_at: datetime | None = None
    deadline: datetime | None = None
    payer_id: str | None = None
    reask_with: ReaskWith | None = None
    service_type: str | None = None
    ask_again_at: datetime | None = None

    @property
    def owner(self) -> Owner | None:
        """Who must act; None when nobody has to."""
        return None if self.outcome is Outcome.ACTIVE else _OWNER_OF.get(self.outcome, Owner.PAYER)

    @property
    def status(self) -> CoverageStatus:
        """What the client sees meanwhile. A queue or an alarm of ours is not the client's to solve."""
        return _STATUS_OF.get(self.outcome, CoverageStatus.MANUAL_REVIEW)

    @property
    def task_words(self) -> str | None:
        return TASK_WORDS[self.task] if self.task else None


def after_failure(
    failure: TransportFailure,
    attempts: Sequence[datetime],
    malformed_before: int = 0,
    policy: RetryPolicy = STANDARD_RETRY,
) -> Verdict:
    """The verdict when no usable answer came. `attempts` are the instants asked, this one last."""
    if failure is TransportFailure.CONFIGURATION_REFUSED:
        return Verdict(Outcome.ALARM, failure.value)
    if failure is TransportFailure.MALFORMED and malformed_before + 1 >= policy.malformed_limit:
        return Verdict(Outcome.MANUAL_REVIEW, failure.value)
    return _retry(failure.value, attempts, policy)


def after_answer(
    answer: EligibilityAnswer,
    question: Question,
    attempts: Sequence[datetime],
    on_date: date,
    policy: RetryPolicy = STANDARD_RETRY,
) -> Verdict:
    """The verdict on a whole answer for care on `on_date` (the client's calendar)."""
    # One service type refused (loop 2110) spoils nothing where another was answered.
    heeded = [each for each in answer.rejections if not (each.loop.startswith("2110") and answer.active)]
    if heeded:
        verdicts = [_after_rejection(each, question, attempts, policy) for each in heeded]
        return min(verdicts, key=lambda verdict: _FIRST_TO_HEED[verdict.outcome])
    return _after_benefits(answer, question, on_date)


# What blames the question comes before what blames the hour: repeating a wrong question helps nobody.
_FIRST_TO_HEED = {
    Outcome.ALARM: 0,
    Outcome.BILLING_QUEUE: 1,
    Outcome.NEEDS_INFORMATION: 2,
    Outcome.MANUAL_REVIEW: 3,
    Outcome.REASK: 4,
    Outcome.AWAIT: 5,
    Outcome.RETRY: 6,
}


_HANDED_OVER = {Fault.OURS: Outcome.ALARM, Fault.PROVIDER: Outcome.BILLING_QUEUE}
_ASK_ANEW = {
    Fault.MISMATCH: ReaskWith.FEWER_FIELDS,
    Fault.DEPENDENT: ReaskWith.AS_SUBSCRIBER,
    Fault.DATES: ReaskWith.TODAYS_DATE,
    Fault.PARTICIPANT: ReaskWith.OTHER_MEMBER,
}


def _after_rejection(
    rejection: RejectedQuestion, question: Question, attempts: Sequence[datetime], policy: RetryPolicy
) -> Verdict:
    reason = f"aaa_{rejection.code}"
    fault = FAULT_OF.get(rejection.code)
    if fault is None or fault is Fault.PAYER:
        return _after_silence(rejection, reason, attempts, policy)
    if fault in _HANDED_OVER:
        return Verdict(_HANDED_OVER[fault], reason)
    change = _ASK_ANEW.get(fault)
    if change and rejection.follow_up not in NO_RESEND and question.may_still(change):
        return Verdict(Outcome.REASK, reason, reask_with=change)
    if fault is Fault.PARTICIPANT:
        return Verdict(Outcome.ALARM, reason)
    task = TASK_OF.get(rejection.code)
    return Verdict(Outcome.NEEDS_INFORMATION if task else Outcome.MANUAL_REVIEW, reason, task=task)


def _after_silence(
    rejection: RejectedQuestion, reason: str, attempts: Sequence[datetime], policy: RetryPolicy
) -> Verdict:
    """The payer could not answer now, or gave a code that no table knows: its follow-up code decides."""
    if rejection.follow_up in WAIT_FOR:
        return Verdict(
            Outcome.MANUAL_REVIEW, reason, ask_again_at=attempts[-1] + WAIT_FOR[rejection.follow_up]
        )
    if rejection.follow_up == ANSWER_COMES_LATER:
        return Verdict(Outcome.AWAIT, reason, deadline=attempts[-1] + policy.later_answer_within)
    if rejection.follow_up in NO_RESEND:
        return Verdict(Outcome.MANUAL_REVIEW, reason)
    if rejection.code in FAULT_OF or rejection.follow_up in {"R", "P"}:
        return _retry(reason, attempts, policy)
    return Verdict(Outcome.MANUAL_REVIEW, reason)


def _retry(reason: str, attempts: Sequence[datetime], policy: RetryPolicy) -> Verdict:
    at = next_attempt(policy, attempts)
    if at is None:
        return Verdict(Outcome.MANUAL_REVIEW, reason)
    return Verdict(Outcome.RETRY, reason, retry_at=at, deadline=attempts[0] + policy.give_up_after)


def _after_benefits(answer: EligibilityAnswer, question: Question, on_date: date) -> Verdict:
    elsewhere = _handled_elsewhere(answer, question)
    if elsewhere:
        return elsewhere
    if answer.active is None:
        return _ask_more_broadly(answer, question)
    obstacle = _not_in_force(answer, on_date)
    if obstacle:
        return Verdict(Outcome.INACTIVE, obstacle)
    if answer.rows(Kind.OTHER_PAYER):
        return Verdict(Outcome.NEEDS_INFORMATION, "other_payer_first", task=ClientTask.OTHER_INSURANCE)
    return Verdict(Outcome.ACTIVE, "plan_active")


def _not_in_force(answer: EligibilityAnswer, on_date: date) -> str | None:
    obstacles = {
        "plan_inactive": answer.active is False,
        "plan_ended": answer.plan_end is not None and on_date > answer.plan_end,
        "plan_not_begun": answer.plan_begin is not None and on_date < answer.plan_begin,
        "mental_health_not_covered": _excluded(answer),
    }
    return next((reason for reason, stands in obstacles.items() if stands), None)


def _handled_elsewhere(answer: EligibilityAnswer, question: Question) -> Verdict | None:
    """A carve-out: mental health is another payer's. Followed once, never in a circle."""
    rows = [
        row
        for row in answer.rows(Kind.CONTACT_ENTITY)
        if not row.service_types or _about_mental_health(row.service_types)
    ]
    if not rows:
        return None
    payer_id = next((row.entity_id for row in rows if row.entity_id), None)
    if payer_id is None or question.redirected:
        return Verdict(Outcome.MANUAL_REVIEW, "carve_out_unclear")
    return Verdict(Outcome.REDIRECT, "carve_out", payer_id=payer_id)


def _about_mental_health(service_types: tuple[str, ...]) -> bool:
    return bool(set(MENTAL_HEALTH_TYPES) & set(service_types))


def _excluded(answer: EligibilityAnswer) -> bool:
    """Listed as not covered, and not also listed as covered (some plans exclude one tier only)."""
    excluded = any(_about_mental_health(row.service_types) for row in answer.rows(Kind.NOT_COVERED))
    included = any(row.is_active and _about_mental_health(row.service_types) for row in answer.benefits)
    return excluded and not included


def _ask_more_broadly(answer: EligibilityAnswer, question: Question) -> Verdict:
    following = question.broader
    if following is None:
        reason = "cannot_process" if answer.rows(Kind.CANNOT_PROCESS) else "nothing_said"
        return Verdict(Outcome.MANUAL_REVIEW, reason)
    return Verdict(Outcome.REASK, "service_type", reask_with=ReaskWith.SERVICE_TYPE, service_type=following)
