"""What came back for a batch: every report that moved one of its claims, with what it did to how many."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from domain.claim_states import ClaimEvent
from records.database import Transaction

# An 835 moves claims under a source of its own for each payment and place: "835 <payer> <trace> <place>".
_ANSWERS = """
WITH moved AS MATERIALIZED (
    SELECT e.source, regexp_replace(e.source, ' [0-9]+$', '') AS payment, e.event,
           (e.codes->>'paid')::numeric AS paid
    FROM claim_events e JOIN claims k ON k.id = e.claim_id WHERE k.batch_id = %(batch)s
), brought AS (
    SELECT r.id AS report_id, m.event, m.paid FROM clearinghouse_reports r JOIN moved m ON m.source = r.source
    UNION ALL
    SELECT p.report_id, m.event, m.paid FROM remittances p
    JOIN moved m ON m.payment = concat_ws(' ', '835', p.payer_trace, p.trace)
)
SELECT r.id, r.kind, r.state, r.reason, r.received_at, b.event, count(b.event) AS claims, sum(b.paid) AS paid
FROM clearinghouse_reports r LEFT JOIN brought b ON b.report_id = r.id
WHERE r.batch_id = %(batch)s OR b.report_id IS NOT NULL
GROUP BY r.id, b.event ORDER BY r.seq, b.event
"""


@dataclass(frozen=True, slots=True)
class Moved:
    """So many claims of the batch took this event; `paid` in dollars, of an 835 only."""

    event: ClaimEvent
    claims: int
    paid: Decimal | None


@dataclass(frozen=True, slots=True)
class Answer:
    """A report: TA1, 999, 277CA or 835. `reason` is a code when it was quarantined."""

    report_id: UUID
    kind: str
    state: str
    reason: str | None
    received_at: datetime
    moved: tuple[Moved, ...]


async def answers(tx: Transaction, batch_id: UUID) -> list[Answer]:
    """In the order they came, without their content."""
    found: dict[UUID, Answer] = {}
    for row in await tx.all(_ANSWERS, {"batch": batch_id}):
        before = found[row["id"]].moved if row["id"] in found else ()
        here = (Moved(ClaimEvent(row["event"]), row["claims"], row["paid"]),) if row["event"] else ()
        found[row["id"]] = Answer(
            row["id"], row["kind"], row["state"], row["reason"], row["received_at"], before + here
        )
    return list(found.values())
