"""Questions to payers: each one is a row before it is sent, so that whoever dies in between is counted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from domain.consents import Document
from domain.coverage import (
    CoverageStatus,
    Outcome,
    TransportFailure,
    Verdict,
    after_answer,
    after_failure,
)
from domain.eligibility import EligibilityAnswer
from domain.errors import Conflict, NotFound
from domain.payer_questions import CARRIES_ON
from domain.probes import after_probe
from domain.rejections import ClientTask
from domain.retry_policies import STANDARD_RETRY, RetryPolicy, retry_policy_from_json
from encryption.keys import KeyScope
from encryption.rooms import seal_bytes
from records import consents, coverage_states, coverages, eligibility_checks, journeys, payers, policies
from records.coverage_verdicts import carry_out
from records.database import Row, Transaction
from records.eligibility_checks import (
    ToAsk,
    asked_by,
    attempts,
    first_question,
    known_member,
    next_question,
    of_verification,
    same_question,
)
from records.practice import practice

UNWRITABLE: Final = Verdict(Outcome.BILLING_QUEUE, "question_unwritable")
"""A name or number that X12 cannot carry: a person asks the payer in another way."""

NO_RELEASE: Final = Verdict(Outcome.NEEDS_INFORMATION, "release_needed", task=ClientTask.RELEASE)
NO_PRACTICE: Final = Verdict(Outcome.ALARM, "practice_not_set")
"""Before a question: both are looked at again by `records.rechecks`, so that putting them right is enough."""


@dataclass(frozen=True, slots=True)
class Next:
    """When to put which attempt; `at` None: nothing more is to be asked in this verification."""

    attempt: int = 0
    at: datetime | None = None


DONE: Final = Next()
_BREATH: Final = timedelta(seconds=10)


async def open_attempt(tx: Transaction, coverage_id: UUID, n: int, attempt: int) -> ToAsk | Next:
    """Write the row of this attempt and say what to ask; or, when it was asked before, what comes next.

    An attempt that was sent once is never sent again: if nobody knows what came of it, it counts as timed out.
    """
    coverage = await _asking(tx, coverage_id, n)
    if coverage is None:
        return DONE
    checks = await of_verification(tx, coverage_id, n)
    asked = next((check for check in checks if check["attempt"] == attempt), None)
    if asked is not None:
        return await _known(tx, coverage, checks, asked)
    before = [check for check in checks if check["attempt"] < attempt]
    stop = await _stop(tx, coverage, before)
    if stop is not None:
        await carry_out(tx, coverage, stop, before[-1] if before else None)
        return DONE
    question = next_question(before[-1]) if before else await first_question(tx, coverage)
    if not question.question.probes:
        return await eligibility_checks.write(tx, coverage, attempt, question)
    known = await known_member(tx, question.payer_number, coverage["client_id"])
    if known is None:
        await carry_out(tx, coverage, after_probe(None, before[-1]["reason"]), before[-1])
        return DONE
    return await eligibility_checks.write(tx, coverage, attempt, question, known)


async def _stop(tx: Transaction, coverage: Row, before: Sequence[Row]) -> Verdict | None:
    """What forbids the next question: an answer that was to come by itself and has not, no leave of the client's, or
    nothing to say who asks.
    """
    if before and before[-1]["outcome"] == Outcome.AWAIT:
        return Verdict(Outcome.MANUAL_REVIEW, before[-1]["reason"])
    if Document.RELEASE_OF_BENEFITS not in await consents.held(tx, coverage["client_id"]):
        return NO_RELEASE
    try:
        await practice(tx)
    except Conflict:
        return NO_PRACTICE
    return None


async def interrupted(tx: Transaction, coverage_id: UUID, n: int, attempt: int) -> Next:
    """Whoever asked is gone. What comes next: by the row if it is settled, as after a time-out if it is not."""
    coverage = await _asking(tx, coverage_id, n)
    if coverage is None:
        return DONE
    checks = await of_verification(tx, coverage_id, n)
    asked = next((check for check in checks if check["attempt"] == attempt), None)
    if asked is None:  # the row was never written, so nothing was sent
        return Next(attempt, tx.now + _BREATH)
    return await _known(tx, coverage, checks, asked)


async def _known(tx: Transaction, coverage: Row, checks: Sequence[Row], asked: Row) -> Next:
    if asked["outcome"] is None:
        return await _fail(tx, coverage, checks, asked, TransportFailure.TIMED_OUT)
    if asked["outcome"] in CARRIES_ON:
        return Next(asked["attempt"] + 1, asked["next_at"])
    return DONE


async def answered(tx: Transaction, check_id: UUID, answer: EligibilityAnswer, raw: bytes) -> Next:
    """Keep the answer and do what it asks for, once: a late repeat changes nothing."""
    found = await _open(tx, check_id)
    return found if isinstance(found, Next) else await _judge(tx, *found, answer, raw)


async def answered_late(tx: Transaction, trace: str, answer: EligibilityAnswer, raw: bytes) -> bool:
    """An answer that a payer had promised has come. False when nobody waits for it any more, or ever did.

    If it asks for another question, the verification's workflow is told to look before its time.
    """
    awaited = await tx.one("SELECT id FROM eligibility_checks WHERE trace = %s", (trace,))
    found = await _locked(tx, awaited["id"]) if awaited else None
    if found is None or found[2] is not found[1][-1] or found[2]["outcome"] != Outcome.AWAIT:
        return False
    following = await _judge(tx, *found, answer, raw)
    if following.at is not None:
        coverage = await coverages.find(tx, found[0]["id"])
        await tx.tell(
            "coverage_asked", coverage["id"], coverage["version"], n=coverage["verification"], look=True
        )
    return True


async def _judge(
    tx: Transaction,
    coverage: Row,
    checks: Sequence[Row],
    check: Row,
    answer: EligibilityAnswer,
    raw: bytes,
) -> Next:
    if asked_by(check).question.probes:  # what was said of the other member is not kept
        return await _record(tx, coverage, check, after_probe(answer, _refusal(checks, check)))
    on_date = await coverages.local_date(tx, coverage["client_id"])
    verdict = after_answer(
        answer, asked_by(check).question, attempts(checks, check), on_date, await _policy(tx)
    )
    if verdict.outcome is Outcome.REDIRECT and not await payers.by_number(tx, verdict.payer_id or ""):
        verdict = Verdict(Outcome.MANUAL_REVIEW, "carve_out_unclear")
    return await _record(tx, coverage, check, verdict, answer=answer, raw=raw)


async def failed(tx: Transaction, check_id: UUID, failure: TransportFailure) -> Next:
    """No usable answer came. Ask again by the policy, or hand over."""
    found = await _open(tx, check_id)
    return found if isinstance(found, Next) else await _fail(tx, *found, failure)


async def unwritable(tx: Transaction, check_id: UUID) -> Next:
    """The question cannot be written in X12: nothing was sent."""
    found = await _open(tx, check_id)
    return found if isinstance(found, Next) else await _record(tx, found[0], found[2], UNWRITABLE)


async def _fail(
    tx: Transaction, coverage: Row, checks: Sequence[Row], check: Row, failure: TransportFailure
) -> Next:
    if asked_by(check).question.probes:
        return await _record(tx, coverage, check, after_probe(None, _refusal(checks, check)))
    malformed = sum(
        1 for each in same_question(checks, check) if each["reason"] == TransportFailure.MALFORMED
    )
    verdict = after_failure(failure, attempts(checks, check), malformed, await _policy(tx))
    return await _record(tx, coverage, check, verdict)


def _refusal(checks: Sequence[Row], probe: Row) -> str:
    """Why the payer was asked about another member."""
    return str(next(each["reason"] for each in checks if each["attempt"] == probe["attempt"] - 1))


async def _record(
    tx: Transaction,
    coverage: Row,
    check: Row,
    verdict: Verdict,
    *,
    answer: EligibilityAnswer | None = None,
    raw: bytes | None = None,
) -> Next:
    on = verdict.outcome in CARRIES_ON
    at = _next_at(verdict, tx.now) if on else None
    key = await tx.key(KeyScope.BILLING, coverage["client_id"])
    await tx.run(
        "UPDATE eligibility_checks SET answered_at = %s, outcome = %s, reason = %s, reask_with = %s,"
        " next_payer_number = %s, next_service_type = %s, next_at = %s, raw_sealed = %s WHERE id = %s",
        (
            tx.now,
            verdict.outcome,
            verdict.reason,
            verdict.reask_with,
            verdict.payer_id,
            verdict.service_type,
            at,
            seal_bytes(key, coverage["client_id"], "eligibility_checks", "raw_sealed", check["id"], raw)
            if raw is not None
            else None,
            check["id"],
        ),
    )
    if not on:
        await carry_out(tx, coverage, verdict, check, answer)
        return DONE
    if coverage["status"] == CoverageStatus.VERIFYING:
        await coverage_states.set_status(tx, coverage, CoverageStatus.VERIFYING, verdict.reason)
    return Next(check["attempt"] + 1, at)


def _next_at(verdict: Verdict, now: datetime) -> datetime:
    """When the next attempt is due; one that waits for the payer's own answer only looks whether it came."""
    until = verdict.deadline if verdict.outcome is Outcome.AWAIT else verdict.retry_at
    return until or now


async def _asking(tx: Transaction, coverage_id: UUID, n: int) -> Row | None:
    """The cover, locked, if this verification is still to be answered."""
    try:
        await journeys.hold(tx, (await coverages.find(tx, coverage_id))["client_id"])
    except NotFound:
        return None
    coverage = await coverages.find(tx, coverage_id, lock=True)
    live: bool = coverage["asking"]  # one that was replaced is asked about for its days only
    return coverage if live and coverage["verification"] == n else None


async def _open(tx: Transaction, check_id: UUID) -> tuple[Row, Sequence[Row], Row] | Next:
    """Cover, all checks of the verification, and this one; or, when somebody settled it meanwhile, what comes next."""
    found = await _locked(tx, check_id)
    if found is None:
        return DONE
    coverage, checks, check = found
    return found if check["outcome"] is None else await _known(tx, coverage, checks, check)


async def _locked(tx: Transaction, check_id: UUID) -> tuple[Row, Sequence[Row], Row] | None:
    """Cover, all checks of the verification, and this one; None when it is over. Raises NotFound."""
    where = await tx.one(
        "SELECT coverage_id, verification FROM eligibility_checks WHERE id = %s", (check_id,)
    )
    if where is None:
        raise NotFound
    coverage = await _asking(tx, where["coverage_id"], where["verification"])
    if coverage is None:
        return None
    checks = await of_verification(tx, where["coverage_id"], where["verification"])
    return coverage, checks, next(each for each in checks if each["id"] == check_id)


async def some_await(tx: Transaction) -> bool:
    """Whether a payer has promised an answer that has not come."""
    row = await tx.one(
        "SELECT 1 AS there FROM eligibility_checks e JOIN coverages v ON v.id = e.coverage_id"
        " AND v.asking AND v.verification = e.verification WHERE e.outcome = %s LIMIT 1",
        (Outcome.AWAIT,),
    )
    return row is not None


async def _policy(tx: Transaction) -> RetryPolicy:
    try:
        return retry_policy_from_json(await policies.in_force(tx, "verification"))
    except NotFound:
        return STANDARD_RETRY
