"""A report as an Excel workbook: the table, and its charts as Excel draws them."""

import io
from typing import Any

import xlsxwriter

from reports.cells import NEVER, safe_text
from reports.report import NOT_REACHED, Chart, Column, Kind, Mark, Report

_FORMATS = {
    Kind.MONEY: {"num_format": "#,##0.00"},
    Kind.DATE: {"num_format": "yyyy-mm-dd"},
    Kind.COUNT: {"num_format": "#,##0"},
    Kind.SHARE: {"num_format": "0.0%"},
    Kind.POINTS: {"num_format": "+0.0;-0.0;0.0"},
    Kind.DURATION: {"num_format": "[h]:mm", "align": "right"},
    Kind.TEXT: {},
}
_DAY = 86_400
_WIDE = 30


def to_xlsx(report: Report, heading: list[str]) -> bytes:
    """The workbook. Texts are written as texts, never as formulas or links."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        _Sheet(book, report).write(heading)
    return out.getvalue()


class _Sheet:
    def __init__(self, book: Any, report: Report) -> None:
        self._book, self._report = book, report
        self._name = report.title[:31]
        self._sheet = book.add_worksheet(self._name)
        self._bold = book.add_format({"bold": True})
        self._formats = {kind: book.add_format(given) for kind, given in _FORMATS.items()}
        self._rows = report.rows

    def write(self, heading: list[str]) -> None:
        """Heading, columns, rows, totals, notes; then the charts on a sheet of their own."""
        for place, line in enumerate(heading):
            self._sheet.write_string(place, 0, line, None if place else self._bold)
        top = len(heading) + 1
        for place, column in enumerate(self._report.columns):
            self._sheet.write_string(top, place, column.title, self._bold)
            self._sheet.set_column(place, place, _WIDE if self._report.charts and not place else 14)
        for number, row in enumerate(self._rows, start=top + 1):
            for place, column in enumerate(self._report.columns):
                self._cell(number, place, column, row[column.name])
        bottom = top + 1 + len(self._rows)
        self._sheet.write_string(bottom, 0, "Total", self._bold)
        totals = self._report.totals
        for place, column in enumerate(self._report.columns):
            if column.name in totals:
                self._cell(bottom, place, column, totals[column.name])
        for place, note in enumerate(self._report.notes, start=bottom + 2):
            self._sheet.write_string(place, 0, note)
        self._sheet.freeze_panes(top + 1, 0)
        if self._report.charts and self._rows:
            self._draw(top + 1, bottom - 1)

    def _cell(self, row: int, place: int, column: Column, cell: Any) -> None:
        form = self._formats[column.kind]
        if cell is None:
            return
        match column.kind:
            case Kind.MONEY | Kind.COUNT | Kind.SHARE | Kind.POINTS:
                self._sheet.write_number(row, place, float(cell), form)
            case Kind.DURATION if cell == NOT_REACHED:
                self._sheet.write_string(row, place, NEVER, form)
            case Kind.DURATION:
                self._sheet.write_number(row, place, cell / _DAY, form)
            case Kind.DATE:
                self._sheet.write_datetime(row, place, cell, form)
            case _:
                self._sheet.write_string(row, place, safe_text(str(cell)), form)

    def _draw(self, first: int, last: int) -> None:
        pictures = self._book.add_worksheet("Chart")
        for place, chart in enumerate(self._report.charts):
            drawn = self._chart(chart, first, last)
            drawn.set_title({"name": chart.title, "name_font": {"size": 12}})
            drawn.set_size({"width": 960, "height": max(360, 24 * (last - first + 1) + 120)})
            pictures.insert_chart(place * 20, 0, drawn, {"description": chart.title})

    def _chart(self, chart: Chart, first: int, last: int) -> Any:
        line = chart.mark is Mark.LINE
        drawn = self._book.add_chart({"type": "line" if line else "bar"})
        places = {column.name: place for place, column in enumerate(self._report.columns)}
        titles = {column.name: column.title for column in self._report.columns}
        shares = [name for name in (*chart.values, chart.low, chart.high) if name]
        for name in shares:
            edge = name not in chart.values
            drawn.add_series(
                {
                    "name": titles[name],
                    "categories": [self._name, first, places[chart.category], last, places[chart.category]],
                    "values": [self._name, first, places[name], last, places[name]],
                    **({"marker": {"type": "none" if edge else "circle"}} if line else {}),
                    **({"line": {"dash_type": "dash", "width": 1}} if edge else {}),
                }
            )
        share_axis = {"min": 0, "max": 1, "num_format": "0%"}
        drawn.set_y_axis(share_axis if line else {"reverse": True})
        drawn.set_x_axis({} if line else share_axis)
        return drawn
