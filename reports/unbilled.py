"""Services that no claim has left for yet, each with what blocks it."""

from datetime import UTC
from decimal import Decimal

from domain.money import ZERO, total
from domain.service_lines import Hold, hold_words
from records.coverage_spans import CONFIRMED_ON
from records.database import Row, Transaction
from reports.report import Column, Kind, Period, Report, check_total, frame_of

NAME = "unbilled"
TITLE = "Unbilled services"
FORMULA = (
    "Attested services of these days that are on no claim file, oldest first. Charge by contract;"
    " 0.00 while no contract row prices the service."
)
COLUMNS = (
    Column("service_date", "From", Kind.DATE),
    Column("service_to", "To", Kind.DATE),
    Column("client", "Client"),
    Column("payer", "Payer"),
    Column("therapist", "Therapist"),
    Column("code", "Code"),
    Column("minutes", "Minutes", Kind.COUNT),
    Column("charge", "Charge", Kind.MONEY, summed=True),
    Column("state", "State"),
    Column("blocked_by", "Blocked by"),
)
_WHERE = """
l.state IN ('unbilled', 'held') AND l.service_date <= %(until)s
AND (%(since)s::date IS NULL OR l.service_date >= %(since)s)
"""
_ROWS = f"""
SELECT l.service_date, l.service_to, c.code AS client, coalesce(p.name, '') AS payer, a.display_name AS therapist,
       coalesce(l.code, '') AS code, l.minutes, coalesce(l.charge, 0.00) AS charge, l.state, l.holds, k.state AS claim,
       {CONFIRMED_ON} AS confirmed_on,
       (SELECT e.codes FROM claim_events e WHERE e.claim_id = k.id AND e.event = 'scrub_failed'
        ORDER BY e.seq DESC LIMIT 1) AS stopped
FROM service_lines l JOIN clients c ON c.id = l.client_id JOIN accounts a ON a.id = l.therapist_id
LEFT JOIN payers p ON p.id = l.payer_id LEFT JOIN claims k ON k.service_line_id = l.id
WHERE {_WHERE} ORDER BY l.service_date, l.id
"""  # noqa: S608  texts of ours
_TOTAL = f"SELECT sum(l.charge) AS charge FROM service_lines l WHERE {_WHERE}"  # noqa: S608  texts of ours


async def unbilled(tx: Transaction, period: Period) -> Report:
    """Services up to the period's last day. Raises `Unsound`."""
    given = {"since": period.since, "until": period.until}
    found = await tx.all(_ROWS, given)
    sql_total = await tx.one(_TOTAL, given)
    rows = [{**row, "blocked_by": _blocked_by(row)} for row in found]
    charged: Decimal = total(row["charge"] for row in rows) if rows else ZERO
    check_total(charged, sql_total["charge"] if sql_total else None)
    return Report(NAME, TITLE, FORMULA, period, tx.now.astimezone(UTC), COLUMNS, frame_of(COLUMNS, rows))


def _blocked_by(row: Row) -> str:
    """Every reason in words; the edits that stopped its claim; empty when it goes with the next batch."""
    reasons = [hold_words(Hold(hold), row["confirmed_on"]) for hold in row["holds"]]
    if row["claim"] == "scrub_failed" and row["stopped"]:
        reasons += [f"Claim edit: {finding}" for finding in row["stopped"].get("findings", [])]
    return "; ".join(reasons)
