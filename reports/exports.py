"""One frame, many forms: JSON, CSV, XLSX, HTML. A cell that a spreadsheet would run as a formula is disarmed."""

import csv
import io
from collections.abc import Callable
from html import escape
from typing import Any

from reports import sheets
from reports.cells import in_csv, in_json, safe_text, shown, total_shown
from reports.drawings import draw
from reports.report import Column, Report


def to_json(report: Report) -> dict[str, Any]:
    """The report as a document: money as decimal text with its currency, dates as ISO 8601."""
    totals = report.totals
    return {
        "name": report.name,
        "title": report.title,
        "as_of": report.period.until.isoformat(),
        "from": report.period.since.isoformat() if report.period.since else None,
        "to": report.period.until.isoformat(),
        "made_at": report.made_at.isoformat(),
        "formula": report.formula,
        "notes": list(report.notes),
        "columns": [
            {"name": column.name, "title": column.title, "kind": column.kind.value}
            for column in report.columns
        ],
        "rows": [
            {column.name: in_json(column, row[column.name]) for column in report.columns}
            for row in report.rows
        ],
        "totals": {
            column.name: in_json(column, totals[column.name])
            for column in report.columns
            if column.name in totals
        },
    }


def to_csv(report: Report) -> bytes:
    """UTF-8 with a byte order mark, as Excel wants it; title, formula and as-of day first, totals and notes last."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerows([[safe_text(line)] for line in heading(report)])
    writer.writerow([column.title for column in report.columns])
    for row in report.rows:
        writer.writerow([in_csv(column, row[column.name]) for column in report.columns])
    writer.writerow([_csv_total(report, place, column) for place, column in enumerate(report.columns)])
    writer.writerows([[safe_text(note)] for note in report.notes])
    return "\ufeff".encode() + out.getvalue().encode()


def to_xlsx(report: Report) -> bytes:
    """A workbook: the table, and its charts on a sheet of their own."""
    return sheets.to_xlsx(report, heading(report))


def to_html(report: Report) -> bytes:
    """A page of its own without style or script: what a mail client or a printer shows."""
    head = "".join(f"<th scope=col>{escape(column.title)}</th>" for column in report.columns)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(shown(c, row[c.name]))}</td>" for c in report.columns) + "</tr>"
        for row in report.rows
    )
    foot = "".join(
        f"<td>{escape(total_shown(report, place, column))}</td>"
        for place, column in enumerate(report.columns)
    )
    title, *lines = heading(report)
    page = (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{escape(title)}</title><h1>{escape(title)}</h1>"
        + _paragraphs(lines)
        + "".join(
            f"<figure><figcaption>{escape(chart.title)}</figcaption>{draw(report, chart)}</figure>"
            for chart in report.charts
        )
        + f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody><tfoot><tr>{foot}</tr></tfoot></table>"
        + _paragraphs(report.notes)
        + "</html>"
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


def heading(report: Report) -> list[str]:
    """Title, what is in it and when it was made, and the formula: the first lines of every form."""
    return [
        report.title,
        f"{report.about or _services(report)} Made {report.made_at:%Y-%m-%d %H:%M} UTC.",
        report.formula,
    ]


def _services(report: Report) -> str:
    since = report.period.since
    days = f"Service from {since.isoformat()}" if since else "Service from the beginning"
    return f"As of {report.period.until.isoformat()}. {days}."


def _csv_total(report: Report, place: int, column: Column) -> str:
    if column.name in report.totals:
        return in_csv(column, report.totals[column.name])
    return "" if place else "Total"


def _paragraphs(lines: Any) -> str:
    return "".join(f"<p>{escape(line)}</p>" for line in lines)
