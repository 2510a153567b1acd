"""One frame, many forms: JSON, CSV, XLSX, HTML. A cell that a spreadsheet would run as a formula is disarmed."""

import csv
import io
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from html import escape
from typing import Any

import xlsxwriter

from reports.report import Column, Kind, Report

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
_MONEY_FORMAT = "#,##0.00"
_DATE_FORMAT = "yyyy-mm-dd"


def safe_text(text: str) -> str:
    """Text that no spreadsheet takes for a formula: an apostrophe before what starts like one (OWASP)."""
    return (
        f"'{text}" if text.lstrip(" ").startswith(FORMULA_STARTS) or text.startswith(FORMULA_STARTS) else text
    )


def to_json(report: Report) -> dict[str, Any]:
    """The report as a document: money as decimal text with its currency, dates as ISO 8601."""
    return {
        "name": report.name,
        "title": report.title,
        "as_of": report.period.until.isoformat(),
        "from": report.period.since.isoformat() if report.period.since else None,
        "to": report.period.until.isoformat(),
        "made_at": report.made_at.isoformat(),
        "formula": report.formula,
        "columns": [
            {"name": column.name, "title": column.title, "kind": column.kind.value}
            for column in report.columns
        ],
        "rows": [
            {column.name: _json_cell(column, cell) for column, cell in zip(report.columns, row, strict=True)}
            for row in _rows(report)
        ],
        "totals": {
            column.name: _json_cell(column, report.totals[column.name])
            for column in report.columns
            if column.summed
        },
    }


def to_csv(report: Report) -> bytes:
    """UTF-8 with a byte order mark, as Excel wants it; title, formula and as-of day first, totals last."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerows([[safe_text(line)] for line in _heading(report)])
    writer.writerow([column.title for column in report.columns])
    for row in _rows(report):
        writer.writerow([_csv_cell(column, cell) for column, cell in zip(report.columns, row, strict=True)])
    writer.writerow([_csv_total(report, place, column) for place, column in enumerate(report.columns)])
    return "\ufeff".encode() + out.getvalue().encode()


def to_xlsx(report: Report) -> bytes:
    """A workbook of one sheet. Texts are written as texts, never as formulas or links."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        _write_sheet(book, report)
    return out.getvalue()


def to_html(report: Report) -> bytes:
    """A page of its own without style or script: what a mail client or a printer shows."""
    head = "".join(f"<th scope=col>{escape(column.title)}</th>" for column in report.columns)
    body = "".join(
        "<tr>"
        + "".join(f"<td>{escape(_shown(c, cell))}</td>" for c, cell in zip(report.columns, row, strict=True))
        + "</tr>"
        for row in _rows(report)
    )
    foot = "".join(
        f"<td>{escape(_total_shown(report, place, column))}</td>"
        for place, column in enumerate(report.columns)
    )
    title, *notes = _heading(report)
    page = (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{escape(title)}</title><h1>{escape(title)}</h1>"
        + "".join(f"<p>{escape(note)}</p>" for note in notes)
        + f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody><tfoot><tr>{foot}</tr></tfoot></table></html>"
    )
    return page.encode()


Writer = Callable[[Report], bytes]
FORMATS: dict[str, tuple[str, Writer]] = {
    "csv": ("text/csv; charset=utf-8", to_csv),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", to_xlsx),
    "html": ("text/html; charset=utf-8", to_html),
}


def file_name(report: Report, extension: str) -> str:
    """The name of the report's file: what it is and as of which day."""
    return f"{report.name}-{report.period.until.isoformat()}.{extension}"


def _rows(report: Report) -> list[list[Any]]:
    rows: list[list[Any]] = report.frame.to_numpy(dtype=object).tolist()
    return rows


def _heading(report: Report) -> list[str]:
    since = report.period.since
    days = f"Service from {since.isoformat()}" if since else "Service from the beginning"
    return [
        report.title,
        f"As of {report.period.until.isoformat()}. {days}. Made {report.made_at:%Y-%m-%d %H:%M} UTC.",
        report.formula,
    ]


def _shown(column: Column, cell: Any) -> str:
    match column.kind:
        case Kind.MONEY:
            return f"{Decimal(cell):,.2f}"
        case Kind.DATE:
            return cell.isoformat() if isinstance(cell, date) else ""
    return str(cell)


def _json_cell(column: Column, cell: Any) -> Any:
    match column.kind:
        case Kind.MONEY:
            return {"amount": f"{Decimal(cell):.2f}", "currency": "USD"}
        case Kind.COUNT:
            return int(cell)
    return _shown(column, cell)


def _csv_cell(column: Column, cell: Any) -> str:
    match column.kind:
        case Kind.MONEY:
            return f"{Decimal(cell):.2f}"
        case Kind.TEXT:
            return safe_text(str(cell))
    return _shown(column, cell)


def _csv_total(report: Report, place: int, column: Column) -> str:
    if column.summed:
        return _csv_cell(column, report.totals[column.name])
    return "" if place else "Total"


def _total_shown(report: Report, place: int, column: Column) -> str:
    if column.summed:
        return _shown(column, report.totals[column.name])
    return "" if place else "Total"


def _write_sheet(book: Any, report: Report) -> None:
    sheet = book.add_worksheet(report.title[:31])
    bold = book.add_format({"bold": True})
    formats = {
        Kind.MONEY: book.add_format({"num_format": _MONEY_FORMAT}),
        Kind.DATE: book.add_format({"num_format": _DATE_FORMAT}),
        Kind.COUNT: book.add_format({"num_format": "0"}),
        Kind.TEXT: book.add_format({}),
    }
    heading = _heading(report)
    for place, line in enumerate(heading):
        sheet.write_string(place, 0, line, bold if not place else None)
    top = len(heading) + 1
    for place, column in enumerate(report.columns):
        sheet.write_string(top, place, column.title, bold)
        sheet.set_column(place, place, 14)
    rows = _rows(report)
    for number, row in enumerate(rows, start=top + 1):
        for place, (column, cell) in enumerate(zip(report.columns, row, strict=True)):
            _write_cell(sheet, number, place, column, cell, formats[column.kind])
    bottom = top + 1 + len(rows)
    sheet.write_string(bottom, 0, "Total", bold)
    for place, column in enumerate(report.columns):
        if column.summed:
            _write_cell(sheet, bottom, place, column, report.totals[column.name], formats[column.kind])
    sheet.freeze_panes(top + 1, 0)


def _write_cell(sheet: Any, row: int, place: int, column: Column, cell: Any, form: Any) -> None:
    match column.kind:
        case Kind.MONEY | Kind.COUNT:
            sheet.write_number(row, place, cell, form)
        case Kind.DATE if isinstance(cell, date):
            sheet.write_datetime(row, place, cell, form)
        case _:
            sheet.write_string(row, place, safe_text(str(cell)), form)
