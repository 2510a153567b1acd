"""A chart of a report as SVG: the same drawing on the page and in the file, with its figures in words.

Colours stand as attributes, so that the file needs no style sheet; a page's own style sheet goes over them.
"""

from html import escape
from typing import Any

from reports.cells import percent, shown
from reports.report import Chart, Column, Mark, Report

WIDTH, LEFT, RIGHT, TOP = 720.0, 46.0, 706.0, 14.0
LINE_HEIGHT, FOOT = 220.0, 30.0
BAR_LEFT, BAR_RIGHT, BAR_HEIGHT, BAR_GAP = 190.0, 630.0, 18.0, 10.0
INK, TEAL, PALE, GREY = "#4c5a57", "#0f4c47", "#9dbfb8", "#c9cdc8"
MOST_LABELS, MOST_BARS = 4, 40
_TEXT = f'font-family="sans-serif" font-size="13" fill="{INK}"'


def draw(report: Report, chart: Chart) -> str:
    """The chart as an SVG element; empty when the report has no figure to draw."""
    rows = [row for row in report.rows if any(row[name] is not None for name in chart.values)]
    if not rows:
        return ""
    columns = {column.name: column for column in report.columns}
    inside, height = _line(report.rows, chart) if chart.mark is Mark.LINE else _bars(rows, chart)
    words = escape(f"{chart.title}. {in_words(rows, chart, columns)}", quote=True)
    return (
        f'<svg class="drawing" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {height:g}"'
        f' role="img" aria-label="{words}">{inside}</svg>'
    )


def in_words(rows: list[dict[str, Any]], chart: Chart, columns: dict[str, Column]) -> str:
    """Every drawn figure as text: `2026-W45: Attainment 92.3%`."""
    said = []
    for row in rows[:MOST_BARS]:
        values = ", ".join(
            f"{columns[name].title} {shown(columns[name], row[name])}"
            for name in chart.values
            if row[name] is not None
        )
        said.append(f"{shown(columns[chart.category], row[chart.category])}: {values}")
    return "; ".join(said) + "."


def _line(rows: list[dict[str, Any]], chart: Chart) -> tuple[str, float]:
    """Points in a row, joined where they follow each other; where there is no figure there is a gap."""
    value = chart.values[0]
    low, high = TOP, TOP + LINE_HEIGHT
    room = (RIGHT - LEFT) / len(rows)

    def x(place: int) -> float:
        return round(LEFT + room * (place + 0.5), 1)

    def y(share: float) -> float:
        return round(high - (high - low) * share, 1)

    parts = [_scale(y)]
    known = [(place, row) for place, row in enumerate(rows) if row[value] is not None]
    for place, row in known:
        if chart.low and row[chart.low] is not None:
            parts.append(
                f'<line class="whisker" stroke="{PALE}" stroke-width="5" stroke-linecap="round" x1="{x(place)}"'
                f' x2="{x(place)}" y1="{y(row[chart.low])}" y2="{y(row[chart.high])}"></line>'
            )
    for piece in _pieces([place for place, _ in known]):
        points = " ".join(f"{x(place)},{y(rows[place][value])}" for place in piece)
        parts.append(
            f'<polyline class="line" fill="none" stroke="{TEAL}" stroke-width="2.5" points="{points}"></polyline>'
        )
    parts += [
        f'<circle class="point" fill="#fff" stroke="{TEAL}" stroke-width="2.5" r="4" cx="{x(place)}"'
        f' cy="{y(row[value])}"></circle>'
        for place, row in known
    ]
    step = -(-len(rows) // MOST_LABELS)
    parts += [
        f'<text {_TEXT} text-anchor="middle" x="{x(place)}" y="{high + 20:g}">{escape(str(row[chart.category]))}</text>'
        for place, row in enumerate(rows)
        if place % step == 0
    ]
    return "".join(parts), high + FOOT


def _bars(rows: list[dict[str, Any]], chart: Chart) -> tuple[str, float]:
    """Bars from the left, one below the other; of several values the first is the paler one."""
    rows = rows[:MOST_BARS]
    parts = []
    top = TOP
    for row in rows:
        middle = top + len(chart.values) * BAR_HEIGHT / 2
        label = escape(_short(str(row[chart.category])))
        parts.append(
            f'<text {_TEXT} text-anchor="end" x="{BAR_LEFT - 10:g}" y="{middle + 5:g}">{label}</text>'
        )
        for place, name in enumerate(chart.values):
            if row[name] is not None:
                pale = place + 1 < len(chart.values)
                parts.append(_bar(row[name], top + place * BAR_HEIGHT, pale=pale))
        top += len(chart.values) * BAR_HEIGHT + BAR_GAP
    return "".join(parts), top + TOP


def _bar(share: float, top: float, *, pale: bool) -> str:
    width = round((BAR_RIGHT - BAR_LEFT) * share, 1)
    tone, colour = ("bar before", PALE) if pale else ("bar", TEAL)
    return (
        f'<rect class="{tone}" fill="{colour}" x="{BAR_LEFT:g}" y="{top:g}" width="{width}"'
        f' height="{BAR_HEIGHT - 2:g}"></rect>'
        f'<text {_TEXT} x="{BAR_LEFT + width + 8:g}" y="{top + 13:g}">{percent(share)}</text>'
    )


def _scale(y: Any) -> str:
    return "".join(
        f'<line class="axis" stroke="{GREY}" x1="{LEFT:g}" x2="{RIGHT:g}" y1="{y(share)}" y2="{y(share)}"></line>'
        f'<text {_TEXT} text-anchor="end" x="{LEFT - 6:g}" y="{y(share) + 4:g}">{round(share * 100)}%</text>'
        for share in (0.0, 0.5, 1.0)
    )


def _pieces(places: list[int]) -> list[list[int]]:
    """Runs of neighbours of two and more."""
    runs: list[list[int]] = []
    for place in places:
        if runs and runs[-1][-1] == place - 1:
            runs[-1].append(place)
        else:
            runs.append([place])
    return [run for run in runs if len(run) > 1]


def _short(label: str) -> str:
    return label if len(label) <= 24 else f"{label[:23]}…"
