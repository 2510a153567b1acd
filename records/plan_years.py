"""The plan year of a cover: its plan's own, else its payer's, else the calendar's. Deductibles run from it."""

from datetime import date
from typing import Final
from uuid import UUID

from records.database import Transaction

PLAN_YEAR: Final = """
LEFT JOIN payers p ON p.id = v.payer_id
LEFT JOIN insurance_plans i ON i.payer_id = v.payer_id AND v.payer_id = v.card_payer_id AND i.code = v.plan
    AND i.superseded_at IS NULL
CROSS JOIN LATERAL (
    SELECT (%(now)s::timestamptz AT TIME ZONE a.time_zone)::date AS today,
           (coalesce(v.answered_at, v.created_at) AT TIME ZONE a.time_zone)::date AS answered) d
CROSS JOIN LATERAL (
    SELECT to_date(extract(year FROM d.today) || '-' ||
                   coalesce(i.plan_year_from, p.settings->>'plan_year_from', '01-01'), 'YYYY-MM-DD') AS this_year) t
CROSS JOIN LATERAL (
    SELECT CASE WHEN t.this_year <= d.today THEN t.this_year
                ELSE (t.this_year - interval '1 year')::date END AS began) y
"""
"""Of a cover `v` of account `a`: `d.today` and `d.answered`, by the client's calendar, and `y.began`, the first day of
the plan year that holds today.
"""

_TURNED: Final = f"""
SELECT y.began FROM coverages v JOIN accounts a ON a.id = v.client_id {PLAN_YEAR}
WHERE v.id = %(id)s AND v.kind = 'insurance' AND v.answered_at IS NOT NULL AND d.answered < y.began
"""  # noqa: S608  texts of ours


async def turned(tx: Transaction, coverage_id: UUID) -> date | None:
    """The first day of the plan year, where the payer's last answer is of the year before: its figures are old."""
    row = await tx.one(_TURNED, {"id": coverage_id, "now": tx.now})
    return row["began"] if row else None
