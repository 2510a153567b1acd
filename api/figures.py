"""Figures of response times for supervisors: as a summary, and as reports in every form."""

import re
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, BeforeValidator, Field

from api.deps import Care, allowed
from api.instants import Instant
from api.report_files import Form, as_file
from domain.access import Action
from domain.errors import FieldError, Invalid, NotFound
from records.database import Transaction
from records.practice import clinic_zone
from reports.cells import iso_duration
from reports.exports import FORMATS
from reports.periods import Given, stretch
from reports.response_report import FORMULA, NAME, TITLE, report_of
from reports.response_times import Figures, GroupBy, Line, response_times

router = APIRouter(
    prefix="/v1/supervision",
    tags=["supervision"],
    dependencies=[Depends(allowed(Action.READ_SUPERVISION_REPORTS))],
)


def _day_alone(given: object) -> object:
    if isinstance(given, str) and not re.fullmatch(r"\d{4}-\d\d-\d\d", given):
        raise ValueError("not a day")
    return given


Moment = (
    Annotated[Instant | Annotated[date, BeforeValidator(_day_alone)], Field(union_mode="left_to_right")]
    | None
)
"""An instant, or a day of the clinic, which counts whole."""


class IntervalOut(BaseModel):
    """Where attainment lies with 95 % confidence."""

    low: float
    high: float


class FiguresOut(BaseModel):
    """Attainment = on time / n, where n is answered plus overdue and open; what is not due yet is left out.

    `p50` and `p90` are times to answer by Kaplan-Meier, null where they are not reached (or nothing waited);
    `backlog` is what is open at the end of the period, or now; the rest is shown apart.
    """

    n: int
    on_time: int
    late: int
    overdue: int
    not_yet_due: int
    attainment: float | None
    interval: IntervalOut | None
    p50: str | None
    p90: str | None
    p50_seconds: int | None
    p90_seconds: int | None
    backlog: int
    breaches: int
    waived: int
    acknowledgements: int
    cancelled: int
    held: int
    paused: int
    extended: int
    items_opened: int


class GroupOut(FiguresOut):
    """One group: `key` is its id or word; `rank` only for therapists with 30 items that count, or more."""

    key: str
    name: str
    rank: int | None


class SummaryOut(FiguresOut):
    """Figures of the whole, and of each group."""

    items: list[GroupOut]
    group_by: GroupBy
    start: datetime
    end: datetime
    time_zone: str
    as_of: datetime
    next_cursor: str | None = None


class FiguresReportOut(BaseModel):
    """A report that can be asked for: `GET /v1/supervision/reports/{name}?from=&to=&group_by=&format=`."""

    name: str = NAME
    title: str = TITLE
    formula: str = FORMULA
    group_by: list[GroupBy] = list(GroupBy)
    formats: list[str] = ["json", *FORMATS]


class FiguresReportsOut(BaseModel):
    """Every report of supervision."""

    items: list[FiguresReportOut]
    next_cursor: str | None = None


class Asked:
    """Which items: opened from `from` to `to`; days count whole, instants exactly; twelve weeks unless given."""

    def __init__(
        self,
        since: Annotated[Moment, Query(alias="from")] = None,
        until: Annotated[Moment, Query(alias="to")] = None,
        group_by: GroupBy = GroupBy.ALL,
    ) -> None:
        self._since, self._until, self._group_by = since, until, group_by

    async def figures(self, tx: Transaction) -> Figures:
        """The figures that were asked for."""
        found = stretch(
            in_range(self._since, "from"), in_range(self._until, "to"), tx.now, await clinic_zone(tx)
        )
        return await response_times(tx, found, self._group_by)


InAsked = Annotated[Asked, Depends()]


def in_range(given: Given, field: str) -> Given:
    """The same, unless it is a day at the ends of the calendar, where arithmetic fails: Invalid."""
    if given is not None and not 1900 <= given.year < 2200:
        raise Invalid(FieldError(field, "out_of_range"))
    return given


@router.get("/summary")
async def summary(tx: Care, asked: InAsked) -> SummaryOut:
    """Attainment, median and 90th percentile, backlog, n: of the whole and by group."""
    found = await asked.figures(tx)
    await tx.audit("read_figures")
    return SummaryOut(
        **_figures(found.whole),
        items=[GroupOut(**_group(line, found.group_by)) for line in found.lines],
        group_by=found.group_by,
        start=found.stretch.start,
        end=found.stretch.end,
        time_zone=found.stretch.zone.key,
        as_of=found.as_of,
    )


@router.get("/reports")
async def list_figures_reports() -> FiguresReportsOut:
    """What can be asked for."""
    return FiguresReportsOut(items=[FiguresReportOut()])


@router.get("/reports/{name}", response_class=Response)
async def read_figures_report(
    name: str, tx: Care, asked: InAsked, form: Annotated[Form, Query(alias="format")] = "json"
) -> Response:
    """One report as JSON, CSV, XLSX or HTML with its chart: the same figures in each."""
    if name != NAME:
        raise NotFound("unknown_report")
    report = report_of(await asked.figures(tx))
    await tx.audit(f"read_report_{NAME}")
    return as_file(report, form)


def _group(line: Line, group_by: GroupBy) -> dict[str, Any]:
    # Policies and kinds by their word, as they stand in addresses and rows; people, teams and weeks by name.
    spoken = group_by in (GroupBy.THERAPIST, GroupBy.TEAM, GroupBy.WEEK)
    key = line.name if group_by is GroupBy.WEEK else line.key
    return {"key": key, "name": line.name if spoken else line.key, "rank": line.rank, **_figures(line)}


def _figures(line: Line) -> dict[str, Any]:
    tally, apart = line.tally, line.apart
    interval = tally.interval
    return {
        "n": tally.n,
        "on_time": tally.met,
        "late": tally.late,
        "overdue": tally.overdue,
        "not_yet_due": tally.not_yet_due,
        "attainment": tally.attainment,
        "interval": IntervalOut(low=interval[0], high=interval[1]) if interval else None,
        "p50": None if line.p50 is None else iso_duration(line.p50),
        "p90": None if line.p90 is None else iso_duration(line.p90),
        "p50_seconds": line.p50,
        "p90_seconds": line.p90,
        "backlog": apart.backlog,
        "breaches": apart.breaches,
        "waived": tally.waived,
        "acknowledgements": apart.acknowledgements,
        "cancelled": tally.cancelled,
        "held": apart.held,
        "paused": apart.paused,
        "extended": apart.extended,
        "items_opened": tally.items,
    }
