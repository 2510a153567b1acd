"""What payers refuse, by reason code and payer. The contract's share (CO-45) and the patient's (PR 1-3) are none."""

from datetime import UTC
from typing import Any

from domain.money import total
from records.database import Transaction
from reports.report import Column, Kind, Period, Report, check_total, frame_of

NAME = "denials"
TITLE = "Denials by reason and payer"
FORMULA = (
    "Dollars under a claim adjustment reason that is neither the contract's nor the patient's share, of claims with"
    " service in these days; a reversal counts against it."
)
COLUMNS = (
    Column("payer", "Payer"),
    Column("group", "Group"),
    Column("carc", "Reason"),
    Column("kind", "Kind"),
    Column("claims", "Claims", Kind.COUNT, summed=True),
    Column("denied", "Denied", Kind.MONEY, summed=True),
)
_WHERE = """
k.service_date <= %(until)s AND (%(since)s::date IS NULL OR k.service_date >= %(since)s)
"""
_ROWS = f"""
SELECT p.name AS payer, d->>'group' AS "group", d->>'carc' AS carc, replace(d->>'kind', '_', ' ') AS kind,
       count(DISTINCT k.id) AS claims, sum((d->>'amount')::numeric) AS denied
FROM claim_events e JOIN claims k ON k.id = e.claim_id JOIN payers p ON p.id = k.payer_id,
     jsonb_array_elements(e.codes->'denials') d
WHERE e.codes ? 'denials' AND {_WHERE}
GROUP BY 1, 2, 3, 4 ORDER BY denied DESC, 1, 2, 3
"""  # noqa: S608  texts of ours
_TOTAL = f"""
SELECT sum((e.codes->>'denied')::numeric) AS denied FROM claim_events e JOIN claims k ON k.id = e.claim_id
WHERE e.codes ? 'denied' AND {_WHERE}
"""  # noqa: S608  texts of ours


async def denials(tx: Transaction, period: Period) -> Report:
    """Denied dollars. Raises `Unsound` when the parts are not the whole that was posted."""
    given = {"since": period.since, "until": period.until}
    rows: list[dict[str, Any]] = await tx.all(_ROWS, given)
    sql_total = await tx.one(_TOTAL, given)
    check_total(total(row["denied"] for row in rows), sql_total["denied"] if sql_total else None)
    return Report(NAME, TITLE, FORMULA, period, tx.now.astimezone(UTC), COLUMNS, frame_of(COLUMNS, rows))
