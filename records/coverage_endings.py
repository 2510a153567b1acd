"""A cover that was in force has ended, often days ago: what was done in its name since is raised.

Care goes on: who pays is settled beside it, never by a closed door.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final
from uuid import UUID

from domain.claim_states import ClaimState
from domain.eligibility import EligibilityAnswer
from domain.service_lines import Hold
from records.database import Row, Transaction
from records.notices import notify, notify_role

_NOTHING_LEFT: Final = [
    each.value
    for each in (
        ClaimState.VOID,
        ClaimState.CORRECTED,
        ClaimState.WRITTEN_OFF,
        ClaimState.PATIENT_BALANCE,
        ClaimState.CLOSED,
    )
]
"""Claims about which somebody has decided; everything else after the last covered day has to be looked at."""


def last_day(coverage: Row, answer: EligibilityAnswer | None, today: date) -> date:
    """The last covered day, inclusive. A payer that names none is believed up to its last good answer."""
    if answer is not None and answer.plan_end is not None:
        return answer.plan_end
    return coverage["answered_at"].date() if coverage["answered_at"] else today


async def end_on(tx: Transaction, coverage: Row, on: date) -> None:
    """Keep the last day, and hold what is not billed yet."""
    await tx.run("UPDATE coverages SET active_to = %s WHERE id = %s", (on, coverage["id"]))
    await tx.run(
        "UPDATE service_lines SET state = 'held', hold = coalesce(hold, %(why)s), holds = holds || %(whys)s::text[]"
        " WHERE coverage_id = %(coverage)s AND state = 'unbilled' AND service_to > %(on)s",
        {
            "why": Hold.COVERAGE_NOT_ACTIVE,
            "whys": [Hold.COVERAGE_NOT_ACTIVE.value],
            "coverage": coverage["id"],
            "on": on,
        },
    )
    await tx.audit("end_coverage", subject_id=coverage["id"])


async def end(tx: Transaction, coverage: Row, on: date, subject: UUID) -> None:
    """Keep the last day, hold what is not billed yet, and tell everyone whom it touches, each once.

    The client chooses who pays from here, the therapist learns of it, the office sees lines and claims.
    """
    await end_on(tx, coverage, on)
    await notify(tx, coverage["client_id"], "coverage_ended", subject)
    rooms = await tx.all(
        "SELECT id, therapist_id FROM rooms WHERE client_id = %s AND state = 'open'", (coverage["client_id"],)
    )
    for room in rooms:
        await notify(tx, room["therapist_id"], "room_cover_ended", subject, room["id"])
    await notify_role(tx, "billing", "cover_ended_back", subject)


@dataclass(frozen=True, slots=True)
class Touched:
    """What a cover that ended was still used for after its last day: lines not billed, claims, their charges."""

    lines: int = 0
    claims: int = 0
    charge: Decimal = Decimal(0)


async def touched(tx: Transaction, coverage_ids: list[UUID]) -> dict[UUID, Touched]:
    """Of every cover that has ended and still has something to be looked at."""
    rows = await tx.all(_TOUCHED, {"covers": coverage_ids, "done": _NOTHING_LEFT})
    return {row["coverage_id"]: Touched(row["lines"], row["claims"], row["charge"]) for row in rows}


_TOUCHED = """
SELECT l.coverage_id, count(*) FILTER (WHERE k.id IS NULL) AS lines, count(k.id) AS claims,
       coalesce(sum(coalesce(k.charge, l.charge)), 0) AS charge
FROM coverages v JOIN service_lines l ON l.coverage_id = v.id AND l.service_to > v.active_to
LEFT JOIN claims k ON k.service_line_id = l.id
WHERE v.id = ANY (%(covers)s) AND (k.id IS NULL AND l.state = 'held' OR k.state <> ALL (%(done)s))
GROUP BY l.coverage_id
"""


async def claims_after(tx: Transaction, coverage_id: UUID) -> list[Row]:
    """The claims of a cover for days after its last one about which nobody has decided, oldest first."""
    return await tx.all(
        "SELECT k.id, k.number, k.state, k.service_date, l.service_to, k.charge, k.paid"
        " FROM coverages v JOIN service_lines l ON l.coverage_id = v.id AND l.service_to > v.active_to"
        " JOIN claims k ON k.service_line_id = l.id WHERE v.id = %s AND k.state <> ALL (%s)"
        " ORDER BY k.service_date, k.id",
        (coverage_id, _NOTHING_LEFT),
    )
