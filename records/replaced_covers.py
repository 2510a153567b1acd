"""A cover that another one has replaced: what its payer says now counts for the weeks of its days, for nothing else."""

from uuid import UUID

from domain.coverage import CoverageStatus, Outcome, Verdict
from domain.eligibility import EligibilityAnswer
from records import coverage_endings, coverages, service_lines
from records.database import Row, Transaction
from records.notices import notify_role


async def settle(
    tx: Transaction, coverage: Row, verdict: Verdict, answer: EligibilityAnswer | None, subject: UUID
) -> None:
    """A yes releases the lines that waited for it. After anything else the cover is believed up to its last good
    answer, and the office sees what was done after that day. The client has another cover, and is not told.
    """
    active = verdict.outcome is Outcome.ACTIVE
    if active:
        await tx.run(
            "UPDATE coverages SET asking = false, answered_at = %s, active_from = least(active_from, %s),"
            " version = version + 1 WHERE id = %s",
            (tx.now, answer.covered_from if answer else None, coverage["id"]),
        )
    else:
        await tx.run(
            "UPDATE coverages SET asking = false, status = 'inactive', status_at = %s, reasons = %s,"
            " version = version + 1 WHERE id = %s",
            (tx.now, [verdict.reason], coverage["id"]),
        )
        today = await coverages.local_date(tx, coverage["client_id"])
        await coverage_endings.end_on(tx, coverage, coverage_endings.last_day(coverage, answer, today))
        await notify_role(tx, "billing", "cover_ended_back", subject)
    status = CoverageStatus.ACTIVE if active else CoverageStatus.INACTIVE
    await tx.audit("settle_coverage", subject_id=coverage["id"], status=status)
    await service_lines.look_again(tx, client_id=coverage["client_id"])
