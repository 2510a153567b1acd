"""Accounts receivable by age and payer. Every claim that was ever sent is in it, whatever its date."""

from collections import Counter
from datetime import UTC
from decimal import Decimal
from typing import Any

from domain.ageing import AgedBy, Bucket, Receivable, age
from domain.money import total
from records.database import Row, Transaction
from reports.report import Column, Kind, Period, Report, check_total, frame_of

NAME = "ageing"
TITLE = "Accounts receivable by age"
NAMES = {AgedBy.SERVICE_DATE: NAME, AgedBy.LAST_ACTIVITY: "ageing_by_activity"}
TITLES = {AgedBy.SERVICE_DATE: TITLE, AgedBy.LAST_ACTIVITY: "Accounts receivable by last activity"}
FORMULA = (
    "Outstanding = allowed amount (the charge until a payer has decided) - paid - patient share, of every claim that"
    " has left; nothing once it is void, replaced, written off or closed. Age = as-of day - {since}."
)
_SINCE = {AgedBy.SERVICE_DATE: "first day of service", AgedBy.LAST_ACTIVITY: "day of the last activity (UTC)"}
_BUCKET_NAMES = {
    Bucket.TO_30: "days_0_30",
    Bucket.TO_60: "days_31_60",
    Bucket.TO_90: "days_61_90",
    Bucket.TO_120: "days_91_120",
    Bucket.OVER_120: "days_over_120",
}
COLUMNS = (
    Column("payer", "Payer"),
    Column("claims", "Claims", Kind.COUNT, summed=True),
    Column("charged", "Charged", Kind.MONEY, summed=True),
    Column("paid", "Paid", Kind.MONEY, summed=True),
    Column("patient_share", "Patient share", Kind.MONEY, summed=True),
    *(Column(_BUCKET_NAMES[bucket], f"{bucket.value} days", Kind.MONEY, summed=True) for bucket in Bucket),
    Column("outstanding", "Outstanding", Kind.MONEY, summed=True),
)

_LEFT = "k.state NOT IN ('draft', 'scrub_failed', 'ready')"
_OUTSTANDING = """
CASE WHEN k.state IN ('void', 'corrected', 'written_off', 'closed') THEN 0
     ELSE coalesce(k.allowed, k.charge) - coalesce(k.paid, 0) - coalesce(k.patient_share, 0) END
"""
_ROWS = f"""
SELECT p.name AS payer, k.service_date, (k.changed_at AT TIME ZONE 'UTC')::date AS last_activity, count(*) AS claims,
       sum(k.charge) AS charged, sum(coalesce(k.paid, 0)) AS paid, sum(coalesce(k.patient_share, 0)) AS patient_share,
       sum({_OUTSTANDING}) AS outstanding
FROM claims k JOIN payers p ON p.id = k.payer_id
WHERE {_LEFT} AND (%(since)s::date IS NULL OR k.service_date >= %(since)s)
GROUP BY 1, 2, 3
"""  # noqa: S608  texts of ours
_TOTAL = f"""
SELECT sum({_OUTSTANDING}) AS outstanding FROM claims k
WHERE {_LEFT} AND (%(since)s::date IS NULL OR k.service_date >= %(since)s)
"""  # noqa: S608  texts of ours


async def ageing(tx: Transaction, period: Period, by: AgedBy = AgedBy.SERVICE_DATE) -> Report:
    """The report as of the period's last day (the state of claims is today's). Raises `Unsound`."""
    given = {"since": period.since}
    groups = await tx.all(_ROWS, given)
    sql_total = await tx.one(_TOTAL, given)
    receivables = [
        Receivable(g["payer"], g["outstanding"], g["service_date"], g["last_activity"]) for g in groups
    ]
    sums = _sums(groups)
    rows: list[dict[str, Any]] = [
        {
            "payer": row.payer,
            **sums[row.payer],
            **{_BUCKET_NAMES[bucket]: amount for bucket, amount in row.buckets.items()},
            "outstanding": row.total,
        }
        for row in age(receivables, period.until, by)
    ]
    check_total(total(row["outstanding"] for row in rows), sql_total["outstanding"] if sql_total else None)
    return Report(
        NAMES[by],
        TITLES[by],
        formula(by),
        period,
        tx.now.astimezone(UTC),
        COLUMNS,
        frame_of(COLUMNS, rows),
    )


async def by_activity(tx: Transaction, period: Period) -> Report:
    """The same balances, by the days since something last happened to a claim. Raises `Unsound`."""
    return await ageing(tx, period, AgedBy.LAST_ACTIVITY)


def formula(by: AgedBy) -> str:
    """What the report reckons, as it is printed on it."""
    return FORMULA.format(since=_SINCE[by])


def _sums(groups: list[Row]) -> dict[str, dict[str, Decimal | int]]:
    counts: Counter[str] = Counter()
    money: dict[str, dict[str, Decimal]] = {}
    for group in groups:
        counts[group["payer"]] += group["claims"]
        of_payer = money.setdefault(group["payer"], {})
        for name in ("charged", "paid", "patient_share"):
            of_payer[name] = of_payer.get(name, Decimal("0.00")) + group[name]
    return {payer: {"claims": counts[payer], **sums} for payer, sums in money.items()}
