"""Reports of the billing office: as JSON, CSV, XLSX or HTML, always the same figures."""

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel

from api.deps import Billing, allowed
from api.report_files import AnyForm, Since, Until, as_file, asked
from domain.access import Action
from reports.catalogue import REPORTS, entry
from reports.exports import FORMATS

router = APIRouter(
    prefix="/v1/reports", tags=["reports"], dependencies=[Depends(allowed(Action.READ_BILLING_REPORTS))]
)


class ReportOut(BaseModel):
    """A report that can be asked for: `GET /v1/reports/{name}?from=&to=&format=`."""

    name: str
    title: str
    formula: str
    formats: list[str] = ["json", *FORMATS]


class ReportsOut(BaseModel):
    """Every report of the office."""

    items: list[ReportOut]
    next_cursor: str | None = None


@router.get("")
async def list_reports() -> ReportsOut:
    """What can be asked for."""
    return ReportsOut(
        items=[ReportOut(name=each.name, title=each.title, formula=each.formula) for each in REPORTS]
    )


@router.get("/{name}", response_class=Response)
async def read_report(
    name: str,
    tx: Billing,
    since: Since = None,
    until: Until = None,
    form: AnyForm = "json",
) -> Response:
    """One report over services from `from` to `to`, as of `to` (today, UTC, unless given)."""
    period = asked(since, until, tx.now.date(), form)
    report = await entry(name).make(tx, period)
    await tx.audit(f"read_report_{report.name}")
    return as_file(report, form)
