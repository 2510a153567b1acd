"""What a verification comes to, carried out: the cover is settled, or left in force in doubt, and people are told."""

from typing import Any
from uuid import UUID

from domain.coverage import CoverageStatus, Outcome, Owner, Verdict
from domain.eligibility import EligibilityAnswer
from domain.ids import new_id
from records import (
    coverage_answers,
    coverage_endings,
    coverage_states,
    coverages,
    covered_services,
    payers,
    replaced_covers,
)
from records.database import Row, Transaction
from records.notices import notify, notify_role


async def carry_out(
    tx: Transaction,
    coverage: Row,
    verdict: Verdict,
    check: Row | None = None,
    answer: EligibilityAnswer | None = None,
) -> None:
    """Settle the cover, which is locked, and tell whom it concerns. `check` is the last question, if one was put."""
    subject = check["id"] if check else new_id()
    if coverage["ended_at"] is not None:
        await replaced_covers.settle(tx, coverage, verdict, answer, subject)
        return
    if coverage["status"] == CoverageStatus.ACTIVE and verdict.outcome is not Outcome.ACTIVE:
        await _settle_in_force(tx, coverage, verdict, subject, answer)
    else:
        payer = await _who_answered(tx, coverage, check)
        told = await _told(tx, coverage, payer, verdict, answer)
        await coverage_states.settle(
            tx,
            coverage,
            verdict.status,
            verdict.reason,
            told,
            task=verdict.task,
            owner=verdict.owner,
            payer_id=payer["id"],
            ask_again_at=verdict.ask_again_at,
            active_from=answer.covered_from if answer is not None else None,
        )
        await _tell_the_client(tx, coverage, told, subject)
    await _tell_the_office(tx, verdict, subject)


async def _tell_the_client(tx: Transaction, coverage: Row, told: dict[str, Any], subject: UUID) -> None:
    """The answer; or, of a cover that was in force before, only that it costs another amount now."""
    if coverage["status"] != CoverageStatus.ACTIVE:
        await notify(tx, coverage["client_id"], "coverage_answered", subject)
        return
    before = await coverages.told_of(tx, coverage)
    if await _cost(tx, coverage, before) != await _cost(tx, coverage, told):
        await notify(tx, coverage["client_id"], "cost_changed", subject)


async def _cost(tx: Transaction, coverage: Row, told: dict[str, Any]) -> str | None:
    estimate = await covered_services.estimate_of(tx, coverage, told)
    return estimate["per_session"] if estimate else None


async def _settle_in_force(
    tx: Transaction, coverage: Row, verdict: Verdict, subject: UUID, answer: EligibilityAnswer | None
) -> None:
    """A cover that was in force: ended, with all that hangs on it, or in doubt."""
    if verdict.outcome is Outcome.INACTIVE:
        payer = await _who_answered(tx, coverage, None)
        told = await _told(tx, coverage, payer, verdict, answer)
        last_day = coverage_endings.last_day(
            coverage, answer, await coverages.local_date(tx, coverage["client_id"])
        )
        await coverage_states.settle(tx, coverage, CoverageStatus.INACTIVE, verdict.reason, told)
        await coverage_endings.end(tx, coverage, last_day, subject)
        return
    owner = verdict.owner
    assert owner is not None  # noqa: S101  an active answer leaves nobody in doubt
    await coverage_states.doubt(
        tx, coverage, verdict.reason, owner, task=verdict.task, ask_again_at=verdict.ask_again_at
    )
    if owner is Owner.CLIENT:
        await notify(tx, coverage["client_id"], "coverage_in_doubt", subject)


async def _who_answered(tx: Transaction, coverage: Row, check: Row | None) -> Row:
    redirected = check is not None and check["redirected"]
    payer = await payers.by_number(tx, check["payer_number"]) if check and redirected else None
    return payer or await payers.find(tx, coverage["payer_id"])


async def _told(
    tx: Transaction, coverage: Row, payer: Row, verdict: Verdict, answer: EligibilityAnswer | None
) -> dict[str, Any]:
    as_of = await coverages.local_date(tx, coverage["client_id"])
    plan = coverage["plan"] if payer["id"] == coverage["card_payer_id"] else None
    return await coverage_answers.from_payer(tx, payer, verdict, answer, as_of, plan=plan)


async def _tell_the_office(tx: Transaction, verdict: Verdict, subject: UUID) -> None:
    if verdict.status is CoverageStatus.MANUAL_REVIEW:
        await notify_role(tx, "billing", "coverage_waits", subject)
    if verdict.outcome is Outcome.ALARM:
        await notify_role(tx, "administrator", "clearing_house_alarm", subject)
