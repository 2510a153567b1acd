"""The figures of response times as a report: a table with its chart, the same on the page and in every file."""

from collections.abc import Sequence
from datetime import UTC
from typing import Any, Final

from domain.attainment import RANKED_FROM
from reports.cells import percent
from reports.report import NOT_REACHED, Chart, Column, Kind, Mark, Report, frame_of
from reports.response_times import Figures, GroupBy, Line

NAME: Final = "response_times"
TITLE: Final = "Response times"
FORMULA: Final = (
    "Attainment = answered on time / (answered + overdue and open). Not due yet, waived and cancelled are left out."
    " Median and 90th percentile of the time from opening to the answer by Kaplan-Meier: items still open count as"
    " waiting as long as they have waited. Elapsed time, nights and days off included."
)
GROUP_TITLES: Final = {
    GroupBy.ALL: "All",
    GroupBy.THERAPIST: "Therapist",
    GroupBy.TEAM: "Team",
    GroupBy.POLICY: "Policy",
    GroupBy.WEEK: "Week",
    GroupBy.KIND: "Kind of item",
}
INTERVAL = "Interval: 95 % (Wilson)."
REACHED = (
    "Not reached: so many still wait that the estimate never comes to that share; longer than anything seen."
)
APART = (
    "Shown apart: backlog = without an answer at the end (of the week or period, or now); breaches = promises broken,"
    " whatever came later; waived, of these acknowledgements by the closed list; held = no due time now, on pause or"
    " without capacity; paused at any time; extended by the client. Risk flags run on a ladder of their own and are"
    " not in here."
)
FEW = (
    f"Not ranked: supervisors, and whoever has fewer than {RANKED_FROM} items that count. The figure says little about"
    " the person; by name, below those who are ranked."
)
CATEGORY = "name"


def report_of(figures: Figures) -> Report:
    """The figures as a frame with columns, totals, notes and a chart."""
    group = GROUP_TITLES[figures.group_by]
    columns = _columns(group, ranked=figures.group_by is GroupBy.THERAPIST)
    by = "" if figures.group_by is GroupBy.ALL else f" by {group.lower()}"
    days = figures.stretch.days
    suffix = "" if figures.group_by is GroupBy.ALL else f"_by_{figures.group_by.value}"
    return Report(
        NAME + suffix,
        TITLE + by,
        FORMULA,
        days,
        figures.as_of.astimezone(UTC),
        columns,
        frame_of(columns, [_row(line) for line in figures.lines]),
        about=f"Items opened from {days.since} to {days.until}, days and weeks of {figures.stretch.zone.key},"
        f" as they stand at {figures.as_of.astimezone(UTC):%Y-%m-%d %H:%M} UTC.",
        overall={name: cell for name, cell in _row(figures.whole).items() if name not in (CATEGORY, "rank")},
        notes=_notes(figures),
        charts=(_chart(figures, by),),
    )


def trend_words(lines: Sequence[Line]) -> str:
    """What attainment by week shows, in a sentence."""
    known = [line for line in lines if line.tally.attainment is not None]
    if not known:
        return "Nothing was due in this period"
    last = known[-1]
    share = percent(last.tally.attainment or 0.0)
    if len(known) == 1:
        return f"{share} of {last.tally.n:,} on time in {last.name}"
    earlier = sum(line.tally.met for line in known[:-1]) / sum(line.tally.n for line in known[:-1])
    return f"{share} of {last.tally.n:,} on time in {last.name}, {percent(earlier)} in the weeks before"


def _chart(figures: Figures, by: str) -> Chart:
    if figures.group_by is GroupBy.WEEK:
        return Chart(
            trend_words(figures.lines),
            Mark.LINE,
            CATEGORY,
            ("attainment",),
            "attainment_low",
            "attainment_high",
        )
    return Chart(f"Attainment{by}", Mark.BARS, CATEGORY, ("attainment",))


def _notes(figures: Figures) -> tuple[str, ...]:
    few = figures.group_by is GroupBy.THERAPIST and any(line.rank is None for line in figures.lines)
    return (INTERVAL, REACHED, APART, *((FEW,) if few else ()))


def _columns(group: str, *, ranked: bool) -> tuple[Column, ...]:
    return (
        Column(CATEGORY, group),
        *((Column("rank", "Rank", Kind.COUNT),) if ranked else ()),
        Column("n", "n", Kind.COUNT),
        Column("attainment", "Attainment", Kind.SHARE),
        Column("attainment_low", "Interval from", Kind.SHARE),
        Column("attainment_high", "Interval to", Kind.SHARE),
        Column("p50", "Median to answer", Kind.DURATION),
        Column("p90", "90th percentile", Kind.DURATION),
        Column("on_time", "On time", Kind.COUNT),
        Column("late", "Late", Kind.COUNT),
        Column("overdue", "Overdue and open", Kind.COUNT),
        Column("not_yet_due", "Not due yet", Kind.COUNT),
        Column("backlog", "Backlog", Kind.COUNT),
        Column("breaches", "Breaches", Kind.COUNT),
        Column("waived", "Waived", Kind.COUNT),
        Column("acknowledgements", "Acknowledgements", Kind.COUNT),
        Column("cancelled", "Cancelled", Kind.COUNT),
        Column("held", "Held now", Kind.COUNT),
        Column("paused", "Paused", Kind.COUNT),
        Column("extended", "Extended", Kind.COUNT),
        Column("items", "All items", Kind.COUNT),
    )


def _row(line: Line) -> dict[str, Any]:
    tally, apart = line.tally, line.apart
    low, high = tally.interval or (None, None)
    return {
        CATEGORY: line.name,
        "rank": line.rank,
        "n": tally.n,
        "attainment": tally.attainment,
        "attainment_low": low,
        "attainment_high": high,
        "p50": _reached(line.p50, line),
        "p90": _reached(line.p90, line),
        "on_time": tally.met,
        "late": tally.late,
        "overdue": tally.overdue,
        "not_yet_due": tally.not_yet_due,
        "backlog": apart.backlog,
        "breaches": apart.breaches,
        "waived": tally.waived,
        "acknowledgements": apart.acknowledgements,
        "cancelled": tally.cancelled,
        "held": apart.held,
        "paused": apart.paused,
        "extended": apart.extended,
        "items": tally.items,
    }


def _reached(seconds: int | None, line: Line) -> float | None:
    """Not reached is an answer where anybody waited; without items there is none."""
    if seconds is not None:
        return seconds
    return NOT_REACHED if line.tally.met + line.tally.late + line.tally.running else None
