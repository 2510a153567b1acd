"""Reports of the billing office: as JSON, CSV, XLSX or HTML, always the same figures."""

from datetime import UTC, date
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from api.deps import Billing, allowed
from domain.access import Action
from domain.errors import FieldError, Invalid
from reports.catalogue import REPORTS, entry
from reports.exports import FORMATS, file_name, to_json
from reports.report import Period

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
    since: Annotated[date | None, Query(alias="from")] = None,
    until: Annotated[date | None, Query(alias="to")] = None,
    form: Annotated[str, Query(alias="format", max_length=10)] = "json",
) -> Response:
    """One report over services from `from` to `to`, as of `to` (today, UTC, unless given)."""
    if form != "json" and form not in FORMATS:
        raise Invalid(FieldError("format", "unsupported_format"), code="unsupported_format")
    period = Period(since, until or tx.now.astimezone(UTC).date())
    if period.since is not None and period.since > period.until:
        raise Invalid(FieldError("from", "after_to"))
    report = await entry(name).make(tx, period)
    await tx.audit(f"read_report_{report.name}")
    if form == "json":
        return JSONResponse(to_json(report))
    media_type, write = FORMATS[form]
    disposition = "inline" if form == "html" else "attachment"
    headers = {"Content-Disposition": f'{disposition}; filename="{file_name(report, form)}"'}
    return Response(write(report), media_type=media_type, headers=headers)
