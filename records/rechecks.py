"""Payers are asked again about covers that stand: each month and plan year, before a service, when a line waits for the
answer, on the day a payer named, when a claim was denied for cover, and when what forbade the question was put right.
"""

from typing import Any, Final
from uuid import UUID, uuid5

from domain.consents import Document
from domain.errors import Conflict
from domain.rechecks import RecheckPolicy
from records import consents, coverage_states, coverages, journeys
from records.database import Transaction
from records.notices import notify_role
from records.plan_years import PLAN_YEAR
from records.practice import practice
from records.recheck_policies import recheck_policy

# A cover in force without a doubt, in the month or plan year before or too old for the service that is under way; any
# cover whose day has come, or of which nothing forbids the question any more; and, also when it was replaced or care
# has ended, a cover by whose yes a line would be released.
_DUE: Final = f"""
SELECT v.id, v.client_id
FROM coverages v JOIN accounts a ON a.id = v.client_id JOIN clients c ON c.id = v.client_id {PLAN_YEAR}
WHERE v.kind = 'insurance' AND NOT v.asking AND (%(id)s::uuid IS NULL OR v.id = %(id)s)
  AND EXISTS (SELECT 1 FROM consents s WHERE s.client_id = v.client_id AND s.document = %(release)s
              AND s.withdrawn_at IS NULL)
  AND (v.ended_at IS NULL AND c.closed_at IS NULL AND (
           v.ask_again_at <= %(now)s
           OR v.reasons = '{{release_needed}}'
           OR (%(practice)s AND v.reasons = '{{practice_not_set}}')
           OR (v.status = 'active' AND v.owner IS NULL AND (
               (%(monthly)s AND date_trunc('month', d.answered) < date_trunc('month', d.today))
               OR (%(yearly)s AND d.answered < y.began)
               OR (coalesce(v.answered_at, v.created_at) < %(now)s::timestamptz - %(fresh_for)s::interval
                   AND EXISTS (SELECT 1 FROM messaging_sessions w WHERE w.client_id = v.client_id
                               AND w.state = 'open')))))
       OR (v.status = 'active' AND v.owner IS NULL
           AND EXISTS (SELECT 1 FROM service_lines l WHERE l.client_id = v.client_id AND l.coverage_id = v.id
                       AND l.state = 'held' AND l.holds = '{{cover_not_confirmed}}')))
ORDER BY v.ask_again_at NULLS LAST, v.answered_at, v.id LIMIT %(limit)s
"""  # noqa: S608  texts of ours


async def due(tx: Transaction) -> list[UUID]:
    """Covers to be asked about now, as many as one run takes."""
    policy = await recheck_policy(tx)
    rows = await tx.all(_DUE, await _given(tx, policy, None))
    return [row["id"] for row in rows]


async def ask_again(tx: Transaction, coverage_id: UUID) -> bool:
    """Have the payer asked about this cover if that is still due. A repeat asks nothing: the first one is under way."""
    given = await _given(tx, await recheck_policy(tx), coverage_id)
    found = await tx.one(_DUE, given)
    if found is None:
        return False
    await journeys.hold(tx, found["client_id"])
    if await tx.one(_DUE, given) is None or not await _may_ask(tx, found["client_id"]):
        return False
    coverage = await coverages.find(tx, coverage_id, lock=True)
    await tx.audit("recheck_coverage", subject_id=coverage_id)
    await coverage_states.ask(tx, coverage, coverage["verification"] + 1)
    return True


async def _may_ask(tx: Transaction, client_id: UUID) -> bool:
    """Signed for the state the client is in now, which the list of what is due does not look at."""
    return Document.RELEASE_OF_BENEFITS in await consents.held(tx, client_id)


async def _given(tx: Transaction, policy: RecheckPolicy, coverage_id: UUID | None) -> dict[str, Any]:
    return {
        "id": coverage_id,
        "release": Document.RELEASE_OF_BENEFITS.value,
        "now": tx.now,
        "practice": await _practice_is_set(tx),
        "monthly": policy.each_month,
        "yearly": policy.each_plan_year,
        "fresh_for": policy.fresh_for,
        "limit": policy.at_once,
    }


async def _practice_is_set(tx: Transaction) -> bool:
    try:
        await practice(tx)
    except Conflict:
        return False
    return True


async def claim_denied(tx: Transaction, claim_id: UUID) -> bool:
    """A payer denied a claim for cover: what it said before is asked anew in the next run. False: nothing to ask."""
    return bool(
        await tx.run(
            "UPDATE coverages v SET ask_again_at = coalesce(v.ask_again_at, %s) FROM claims k"
            " JOIN service_lines l ON l.id = k.service_line_id WHERE k.id = %s AND v.id = l.coverage_id"
            " AND v.kind = 'insurance' AND v.status = 'active' AND v.ended_at IS NULL AND NOT v.asking",
            (tx.now, claim_id),
        )
    )


# The journey's ladders end with the opening of a room: in care, the office is told.
_LEFT: Final = """
SELECT v.id, v.due_at FROM coverages v JOIN clients c ON c.id = v.client_id
WHERE v.ended_at IS NULL AND v.owner IS NOT NULL AND v.due_at < %(now)s AND c.stage = 'in_care'
ORDER BY v.due_at, v.id LIMIT 500
"""


async def tell_overdue(tx: Transaction) -> int:
    """Tell the office of covers of people in care on which nobody acted in time, once a due time. How many."""
    rows = await tx.all(_LEFT, {"now": tx.now})
    for row in rows:
        await notify_role(tx, "billing", "cover_overdue", uuid5(row["id"], row["due_at"].isoformat()))
    return len(rows)
