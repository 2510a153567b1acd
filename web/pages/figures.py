"""Response times as a page: the same frame as the files, so that screen and file cannot differ."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Response
from markupsafe import Markup

from api.deps import Care, allowed
from api.report_files import as_file
from domain.access import Action
from domain.errors import FieldError, Invalid
from records.practice import clinic_zone
from reports.cells import NEVER, percent, shown
from reports.drawings import draw
from reports.periods import Stretch, stretch
from reports.report import Kind, Period, Report
from reports.response_report import CATEGORY, GROUP_TITLES, NAME, report_of
from reports.response_times import Figures, GroupBy, response_times
from web.pages.frame import InFrame
from web.pages.refusals import PageRoute
from web.views.figures import FigureRow, FiguresView, Files, Head, Tab, Table
from web.views.shell import Form

router = APIRouter(route_class=PageRoute, dependencies=[Depends(allowed(Action.READ_SUPERVISION_REPORTS))])

HERE = "/figures"
# No address of a page names what the clinic is for: the therapist is `who`, as on the board.
BY = {
    "all": GroupBy.ALL,
    "who": GroupBy.THERAPIST,
    "team": GroupBy.TEAM,
    "policy": GroupBy.POLICY,
    "week": GroupBy.WEEK,
    "kind": GroupBy.KIND,
}
_WORD = {group_by: word for word, group_by in BY.items()}
WRONG = {
    "after_to": "The first day has to come before the last one.",
    "too_long": "Choose ten years at most.",
    "not_a_day": "Give the day as year-month-day.",
}


@router.get(HERE)
async def show_figures(
    frame: InFrame,
    tx: Care,
    since: Annotated[str, Query(alias="from", max_length=20)] = "",
    until: Annotated[str, Query(alias="to", max_length=20)] = "",
    by: Literal["all", "who", "team", "policy", "week", "kind"] = "who",
    form: Annotated[Literal["", "csv", "xlsx", "html"], Query(alias="format")] = "",
) -> Response:
    """Items opened in a period, twelve weeks unless given. Everything that filters stands in the address."""
    period, typed = chosen(since, until, tx.now, await clinic_zone(tx))
    group_by = BY[by]
    if form and not typed.errors:
        report = report_of(await response_times(tx, period, group_by))
        await tx.audit(f"read_report_{NAME}")
        return as_file(report, form)
    weekly = await response_times(tx, period, GroupBy.WEEK)
    found = weekly if group_by is GroupBy.WEEK else await response_times(tx, period, group_by)
    await tx.audit("read_figures")
    view = view_of(found, report_of(weekly), typed)
    return frame.page("staff/figures.html", view, HERE, 422 if typed.errors else 200)


def chosen(since: str, until: str, now: datetime, zone: ZoneInfo) -> tuple[Stretch, Form]:
    """The days of the address, and the form that shows them; what is no period is said and not taken."""
    usual = stretch(None, None, now, zone).days
    usual_form = {"from": str(usual.since), "to": str(usual.until)}
    try:
        first, last = day_of(since, "from") or usual.since, day_of(until, "to") or usual.until
        period = stretch(first, last, now, zone)
        period.weeks(now)
    except Invalid as refused:
        errors = {each.field: WRONG.get(each.code, WRONG["not_a_day"]) for each in refused.errors}
        typed = Form({"from": since or usual_form["from"], "to": until or usual_form["to"]}, errors=errors)
        return stretch(usual.since, usual.until, now, zone), typed
    return period, Form({"from": str(first), "to": str(last)})


def day_of(text: str, field: str) -> date | None:
    """A day as a form sends it; None when it was left empty. Raises Invalid."""
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Invalid(FieldError(field, "not_a_day")) from None
    if not 1900 <= day.year < 2200:
        raise Invalid(FieldError(field, "not_a_day"))
    return day


def table_of(report: Report, *, share: str = "", few: str = "") -> Table:
    """The report's frame as a table. `share`: a column drawn as well; `few`: one whose first gap begins the few."""
    columns = [column for column in report.columns if column.name != CATEGORY]
    totals = report.totals
    rows, some = [], False
    for row in report.rows:
        begins = bool(few) and not some and row[few] is None
        some = some or begins
        cells = tuple(shown(column, row[column.name]) for column in columns)
        rows.append(FigureRow(str(row[CATEGORY]), cells, row[share] if share else None, begins))
    names = [column.name for column in columns]
    return Table(
        tuple(Head(column.title, column.kind is not Kind.TEXT) for column in report.columns),
        tuple(rows),
        tuple(shown(column, totals[column.name]) if column.name in totals else "" for column in columns),
        report.notes,
        report.formula,
        names.index(share) if share else None,
    )


def view_of(found: Figures, weekly: Report, form: Form) -> FiguresView:
    """The page of these figures, beside the chart of the weeks."""
    report = report_of(found)
    whole = found.whole
    days = found.stretch.days
    low, high = whole.tally.interval or (0.0, 0.0)
    ranked = found.group_by is GroupBy.THERAPIST
    totals = {column.name: shown(column, report.totals.get(column.name)) for column in report.columns}
    return FiguresView(
        form=form,
        as_of=found.as_of,
        days=f"{day_words(days.since)} to {day_words(days.until)}",
        zone=found.stretch.zone.key,
        by=_WORD[found.group_by],
        tabs=tuple(
            Tab(
                _address(days, each),
                "Together" if each is GroupBy.ALL else GROUP_TITLES[each],
                each is found.group_by,
            )
            for each in GroupBy
        ),
        items=whole.tally.items + whole.apart.backlog,
        attainment="" if whole.tally.attainment is None else percent(whole.tally.attainment),
        interval="" if whole.tally.attainment is None else f"{percent(low)} to {percent(high)}",
        n=whole.tally.n,
        p50=totals["p50"] or NEVER,
        p90=totals["p90"] or NEVER,
        backlog=whole.apart.backlog,
        headline=weekly.charts[0].title,
        # Drawn by us, every text in it escaped.
        drawing=Markup(draw(weekly, weekly.charts[0])),  # noqa: S704
        table=table_of(report, share="attainment", few="rank" if ranked else ""),
        files=_files(days, found.group_by),
    )


def day_words(day: date | None) -> str:
    """`Nov 22, 2026`."""
    return "" if day is None else f"{day:%b} {day.day}, {day.year}"


def _address(days: Period, group_by: GroupBy, form: str = "") -> str:
    asked = {
        "from": days.since,
        "to": days.until,
        "by": _WORD[group_by],
        **({"format": form} if form else {}),
    }
    return f"{HERE}?{urlencode(asked)}"


def _files(days: Period, group_by: GroupBy) -> Files:
    return Files(*(_address(days, group_by, form) for form in ("csv", "xlsx", "html")))
