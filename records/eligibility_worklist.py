"""Covers that somebody must act on: who, why, by when; and what settles them."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any
from uuid import UUID

from domain.access import WritableClientId
from domain.coverage import CoverageStatus
from domain.errors import Conflict
from domain.ids import new_id
from records import coverage_answers, coverage_endings, coverage_states, coverages, journeys, payers
from records.database import Row, Transaction

_WORKLIST = """
SELECT v.id, v.client_id, c.code AS client_code, p.name AS payer, v.status, v.owner, v.reasons, v.task, v.due_at,
       v.created_at, v.answered_at, v.verification,
       (SELECT count(*) FROM eligibility_checks e WHERE e.coverage_id = v.id) AS questions,
       (SELECT max(e.asked_at) FROM eligibility_checks e WHERE e.coverage_id = v.id) AS last_asked_at
FROM coverages v
JOIN clients c ON c.id = v.client_id
LEFT JOIN payers p ON p.id = v.payer_id
WHERE v.status <> 'active' AND v.ended_at IS NULL AND (%(owner)s::text IS NULL OR v.owner = %(owner)s)
ORDER BY v.due_at NULLS LAST, v.created_at, v.id
"""


async def worklist(tx: Transaction, owner: str | None = None) -> list[Row]:
    """Every cover that is not in force, the one due first at the top. Codes and names of payers only."""
    return await tx.all(_WORKLIST, {"owner": owner})


class Decision(StrEnum):
    """What settles a cover: the payer asked once more, or what it told the office in person."""

    ASK_AGAIN = "ask_again"
    ACTIVE = "active"
    INACTIVE = "inactive"


@dataclass(frozen=True, slots=True)
class Resolution:
    """The decision, and details that were corrected (names of `Card`'s fields; None: as they were)."""

    decision: Decision
    corrected: dict[str, Any]


async def resolve(tx: Transaction, client: WritableClientId, coverage_id: UUID, how: Resolution) -> None:
    """Correct the details and have the payer asked anew, or enter what it told the office in person.

    Raises Conflict (`still_asking`, `coverage_active`, `coverage_ended`, `not_insurance`), Invalid naming fields.
    """
    await journeys.hold(tx, client.id)
    coverage = await coverages.find(tx, coverage_id, lock=True)
    _refuse(coverage, how.decision)
    await tx.audit("resolve_coverage", subject_id=coverage_id, decision=how.decision)
    if how.decision is not Decision.ASK_AGAIN:
        await _decide(tx, coverage, how.decision)
        return
    card = replace(await coverages.card_of(tx, coverage), **how.corrected)
    payer = await payers.find(tx, coverage["card_payer_id"])
    coverages.check_card(card, group_required=bool(payer["settings"].get("group_required")))
    await coverages.keep_card(tx, coverage, card)
    await tx.run("UPDATE coverages SET payer_id = card_payer_id WHERE id = %s", (coverage_id,))
    await coverage_states.ask(tx, coverage, coverage["verification"] + 1)


def _refuse(coverage: Row, decision: Decision) -> None:
    coverages.refuse_ended(coverage)
    if coverage["kind"] != coverages.INSURANCE:
        raise Conflict("not_insurance")
    if coverage["status"] == CoverageStatus.ACTIVE and coverage["owner"] is None:
        raise Conflict("coverage_active")
    if coverage["asking"] and decision is Decision.ASK_AGAIN:
        raise Conflict("still_asking")


async def _decide(tx: Transaction, coverage: Row, decision: Decision) -> None:
    active = decision is Decision.ACTIVE
    status = CoverageStatus.ACTIVE if active else CoverageStatus.INACTIVE
    reason = "confirmed_by_office" if active else "denied_by_office"
    as_of = await coverages.local_date(tx, coverage["client_id"])
    await coverage_states.settle(tx, coverage, status, reason, coverage_answers.in_person(reason, as_of))
    if coverage["status"] == CoverageStatus.ACTIVE and not active:
        await coverage_endings.end(tx, coverage, coverage_endings.last_day(coverage, None, as_of), new_id())
