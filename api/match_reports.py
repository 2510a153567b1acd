"""Figures of matching: who is shown how often; how long searches take and who still waits."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel

from api.deps import Care, allowed
from api.figures import Moment, in_range
from api.report_files import Form, as_file
from domain.access import Action
from domain.errors import NotFound
from records.practice import clinic_zone
from reports import exposure_report, search_report
from reports.exports import FORMATS
from reports.periods import stretch
from reports.search_report import SearchesBy

router = APIRouter(
    prefix="/v1/matching-reports", tags=["matches"], dependencies=[Depends(allowed(Action.READ_MATCH_DESK))]
)


class MatchReportOut(BaseModel):
    """A report that can be asked for: `GET /v1/matching-reports/{name}?from=&to=&by=&format=`."""

    name: str
    title: str
    formula: str
    by: list[SearchesBy]
    formats: list[str] = ["json", *FORMATS]


class MatchReportsOut(BaseModel):
    """Every report of matching."""

    items: list[MatchReportOut]
    next_cursor: str | None = None


@router.get("")
async def list_match_reports() -> MatchReportsOut:
    """What can be asked for."""
    shown, found = exposure_report, search_report
    return MatchReportsOut(
        items=[
            MatchReportOut(name=shown.NAME, title=shown.TITLE, formula=shown.FORMULA, by=[]),
            MatchReportOut(name=found.NAME, title=found.TITLE, formula=found.FORMULA, by=list(SearchesBy)),
        ]
    )


@router.get("/{name}", response_class=Response)
async def read_match_report(
    name: str,
    tx: Care,
    since: Annotated[Moment, Query(alias="from")] = None,
    until: Annotated[Moment, Query(alias="to")] = None,
    by: SearchesBy = SearchesBy.STATE,
    form: Annotated[Form, Query(alias="format")] = "json",
) -> Response:
    """One report as JSON, CSV, XLSX or HTML: searches begun in these days, twelve weeks unless given."""
    during = stretch(in_range(since, "from"), in_range(until, "to"), tx.now, await clinic_zone(tx))
    if name == exposure_report.NAME:
        report = await exposure_report.exposure(tx, during)
    elif name == search_report.NAME:
        report = await search_report.searches(tx, during, by)
    else:
        raise NotFound("unknown_report")
    await tx.audit(f"read_report_{name}")
    return as_file(report, form)
