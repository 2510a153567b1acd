"""What no claim file has taken yet, split into what can leave and what is held; for the office's own page."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from domain.service_lines import Hold
from records.coverage_spans import CONFIRMED_ON
from records.database import Row, Transaction

_FROM = """
FROM service_lines l JOIN clients c ON c.id = l.client_id LEFT JOIN payers p ON p.id = l.payer_id
LEFT JOIN claims k ON k.service_line_id = l.id
WHERE l.state IN ('unbilled', 'held') AND (%(payer)s::uuid IS NULL OR l.payer_id = %(payer)s)
"""
_READY = "(l.state = 'unbilled' AND coalesce(k.state, '') <> 'scrub_failed')"
_ROWS = f"""
SELECT l.id, l.service_date, c.code AS client_code, p.name AS payer_name, l.code, l.charge, l.state, l.holds,
       k.state AS claim_state, {CONFIRMED_ON} AS confirmed_on,
       (SELECT e.codes FROM claim_events e WHERE e.claim_id = k.id AND e.event = 'scrub_failed'
        ORDER BY e.seq DESC LIMIT 1) AS stopped
{_FROM} AND (%(ready)s::boolean IS NULL OR {_READY} = %(ready)s)
ORDER BY l.service_date, l.id LIMIT %(limit)s OFFSET %(offset)s
"""  # noqa: S608  texts of ours
_TOTALS = f"""
SELECT count(*) FILTER (WHERE {_READY}) AS ready, coalesce(sum(l.charge) FILTER (WHERE {_READY}), 0) AS ready_amount,
       count(*) FILTER (WHERE NOT {_READY}) AS held,
       coalesce(sum(l.charge) FILTER (WHERE NOT {_READY}), 0) AS held_amount
{_FROM}
"""


@dataclass(frozen=True, slots=True)
class UnbilledLine:
    """A service line. `holds`: every reason; `findings`: the edits that stopped its claim. Neither: ready."""

    row: Row
    holds: tuple[Hold, ...]
    findings: tuple[str, ...]


async def lines(
    tx: Transaction, *, payer_id: UUID | None, ready: bool | None, limit: int, offset: int
) -> list[UnbilledLine]:
    """Oldest first; `ready` None for both kinds."""
    given = {"payer": payer_id, "ready": ready, "limit": limit, "offset": offset}
    return [_line(row) for row in await tx.all(_ROWS, given)]


def _line(row: Row) -> UnbilledLine:
    stopped = row["stopped"] if row["claim_state"] == "scrub_failed" else None
    return UnbilledLine(
        row, tuple(Hold(hold) for hold in row["holds"]), tuple((stopped or {}).get("findings", ()))
    )


@dataclass(frozen=True, slots=True)
class Totals:
    """How many lines and dollars can leave, and how many are held. A line without a price counts nothing."""

    ready: int
    ready_amount: Decimal
    held: int
    held_amount: Decimal


async def totals(tx: Transaction, payer_id: UUID | None = None) -> Totals:
    """Over everything that is unbilled, or one payer's."""
    row = await tx.one(_TOTALS, {"payer": payer_id})
    assert row is not None  # noqa: S101  an aggregate has one row
    return Totals(**row)
