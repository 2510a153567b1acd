"""Covers that somebody must act on: who, why, by when; and what settles them."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any
from uuid import UUID

from domain.access import WritableClientId
from domain.coverage import CoverageStatus, Owner
from domain.coverage_work import ASKED_TOGETHER, CoverageWork, work_of
from domain.errors import Conflict, FieldError, Invalid
from domain.ids import new_id
from records import coverage_answers, coverage_endings, coverage_states, coverages, journeys, payers
from records.coverage_endings import Touched
from records.database import Row, Transaction

_WORKLIST = """
SELECT v.id, v.client_id, c.code AS client_code, p.name AS payer, p.code AS payer_code, v.status, v.owner, v.reasons,
       v.task, v.due_at, v.created_at, v.answered_at, v.status_at, v.verification, v.asking, v.ended_at, v.active_to,
       v.ask_again_at,
       (SELECT count(*) FROM eligibility_checks e WHERE e.coverage_id = v.id) AS questions,
       (SELECT max(e.asked_at) FROM eligibility_checks e WHERE e.coverage_id = v.id) AS last_asked_at
FROM coverages v
JOIN clients c ON c.id = v.client_id
LEFT JOIN payers p ON p.id = v.payer_id
WHERE (v.ended_at IS NULL AND (v.status <> 'active' OR v.owner IS NOT NULL) OR v.active_to IS NOT NULL)
  AND (%(id)s::uuid IS NULL OR v.id = %(id)s)
ORDER BY v.due_at NULLS LAST, v.created_at, v.id
"""


@dataclass(frozen=True, slots=True)
class WorkItem:
    """A cover that waits. `owner` acts; `touched` is what its end left to settle."""

    row: Row
    work: CoverageWork
    owner: Owner | None
    touched: Touched


async def worklist(
    tx: Transaction, *, owner: str | None = None, work: str | None = None, coverage_id: UUID | None = None
) -> list[WorkItem]:
    """Every cover on which somebody must act, what is due first at the top. Codes and names of payers only."""
    rows = await tx.all(_WORKLIST, {"id": coverage_id})
    left = await coverage_endings.touched(tx, [row["id"] for row in rows if row["active_to"] is not None])
    items = [_item(row, left.get(row["id"], Touched())) for row in rows]
    return [
        each
        for each in items
        if ((each.row["ended_at"] is None and each.row["status"] != CoverageStatus.ACTIVE) or each.owner)
        and owner in (None, each.owner)
        and work in (None, each.work)
    ]


def _item(row: Row, touched: Touched) -> WorkItem:
    """Where claims hang on it, the office acts, whether or not the client has given another cover meanwhile."""
    hangs = touched != Touched()
    ended = row["ended_at"] is not None
    owner = Owner.BILLING if hangs else Owner(row["owner"]) if row["owner"] and not ended else None
    reason = row["reasons"][0] if row["reasons"] else None
    return WorkItem(row, work_of(CoverageStatus(row["status"]), owner, reason, touched=hangs), owner, touched)


async def questions(tx: Transaction, coverage_id: UUID) -> list[Row]:
    """What was asked about a cover, of whom, and what came of it; the newest first. No answer is opened."""
    return await tx.all(
        "SELECT e.verification, e.attempt, e.asked_at, e.answered_at, e.payer_number, p.name AS payer,"
        " e.service_type, e.together, e.as_dependent, e.tried, e.outcome, e.reason, e.next_at FROM eligibility_checks e"
        " LEFT JOIN LATERAL (SELECT name FROM payers x WHERE x.payer_number = e.payer_number"
        " ORDER BY x.active DESC, x.added_at DESC LIMIT 1) p ON true"
        " WHERE e.coverage_id = %s ORDER BY e.verification DESC, e.attempt DESC LIMIT 100",
        (coverage_id,),
    )


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


async def ask_all(tx: Transaction, work: str, payer: str | None = None, most: int = 200) -> int:
    """Have payers asked again about every cover of one kind of work, of one payer (a code) or of all. How many.

    Raises Invalid (`not_asked_together`).
    """
    if work not in ASKED_TOGETHER:
        raise Invalid(FieldError("work", "not_asked_together"))
    items = [each.row for each in await worklist(tx, work=work) if payer in (None, each.row["payer_code"])]
    asked = 0
    for row in sorted(items, key=lambda row: str(row["client_id"]))[:most]:
        await journeys.hold(tx, row["client_id"])
        coverage = await coverages.find(tx, row["id"], lock=True)
        if coverage["asking"] or coverage["ended_at"] is not None:
            continue
        await tx.audit("resolve_coverage", subject_id=row["id"], decision=Decision.ASK_AGAIN)
        await coverage_states.ask(tx, coverage, coverage["verification"] + 1)
        asked += 1
    return asked


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
    await coverage_states.settle(
        tx, coverage, status, reason, coverage_answers.without_a_payer(reason, as_of)
    )
    if coverage["status"] == CoverageStatus.ACTIVE and not active:
        await coverage_endings.end(tx, coverage, coverage_endings.last_day(coverage, None, as_of), new_id())
