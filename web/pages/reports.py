"""Reports as pages: the same frame as the file, so that screen and file cannot differ."""

from __future__ import annotations

from datetime import UTC
from decimal import Decimal

from fastapi import APIRouter, Depends, Response

from api.deps import Billing, allowed
from domain.access import Action
from domain.ageing import AgedBy, Bucket
from reports.ageing import ageing
from reports.report import Period, Report
from web.charts import Bars, money_bars
from web.money import dollars
from web.pages.frame import InOffice
from web.pages.refusals import PageRoute
from web.views.claims import AgeingRow, AgeingView

router = APIRouter(route_class=PageRoute, dependencies=[Depends(allowed(Action.READ_BILLING_REPORTS))])

LABELS = {
    Bucket.TO_30: "0–30",
    Bucket.TO_60: "31–60",
    Bucket.TO_90: "61–90",
    Bucket.TO_120: "91–120",
    Bucket.OVER_120: "over 120",
}
_TONES = {Bucket.TO_90: "soon", Bucket.TO_120: "late", Bucket.OVER_120: "late"}


@router.get("/billing/ageing")
async def show_ageing(frame: InOffice, tx: Billing, basis: AgedBy = AgedBy.SERVICE_DATE) -> Response:
    """Open balances by age and payer, as of today (UTC, as in the file)."""
    report = await ageing(tx, Period(None, tx.now.astimezone(UTC).date()), basis)
    await tx.audit(f"read_report_{report.name}")
    columns = {bucket: _column(report, bucket) for bucket in Bucket}
    totals = report.totals
    sums = tuple(Decimal(totals[name]) for name in columns.values())
    rows = tuple(
        AgeingRow(line["payer"], tuple(line[name] for name in columns.values()), line["outstanding"])
        for line in report.frame.to_dict("records")
    )
    view = AgeingView(
        as_of=tx.now,
        basis=basis.value,
        buckets=tuple(LABELS.values()),
        rows=rows,
        totals=sums,
        total=Decimal(totals["outstanding"]),
        chart=_chart(sums, Decimal(totals["outstanding"])),
        csv_href=f"/v1/reports/{report.name}?format=csv&to={report.period.until.isoformat()}",
        formula=report.formula,
    )
    return frame.page("billing/ageing.html", view, "/billing/ageing")


def _column(report: Report, bucket: Bucket) -> str:
    return next(column.name for column in report.columns if column.title == f"{bucket.value} days")


def _chart(sums: tuple[Decimal, ...], outstanding: Decimal) -> Bars:
    rows = [
        (f"{LABELS[bucket]} days", amount, _TONES.get(bucket, ""))
        for bucket, amount in zip(Bucket, sums, strict=True)
    ]
    return money_bars(_message(sums, outstanding), "All payers, by age in days", rows)


def _message(sums: tuple[Decimal, ...], outstanding: Decimal) -> str:
    """What the figures say, for the title."""
    if outstanding <= 0:
        return "Nothing is open"
    old = sum(sums[3:], Decimal(0))
    if old > 0:
        return f"{dollars(old)} of {dollars(outstanding)} open is older than 90 days"
    return f"All of {dollars(outstanding)} open is younger than 91 days"
