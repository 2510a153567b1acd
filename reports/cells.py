"""One cell in every form: for people, for CSV, for JSON. A text that a spreadsheet would run is disarmed."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from reports.report import NOT_REACHED, Column, Kind, Report

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
NEVER = "not reached"


def safe_text(text: str) -> str:
    """Text that no spreadsheet takes for a formula: an apostrophe before what starts like one (OWASP)."""
    return (
        f"'{text}" if text.lstrip(" ").startswith(FORMULA_STARTS) or text.startswith(FORMULA_STARTS) else text
    )


def shown(column: Column, cell: Any) -> str:
    """The cell as people read it; empty where there is nothing to say."""
    if cell is None:
        return ""
    write: Callable[[Any], str] = _SHOWN.get(column.kind, str)
    return write(cell)


def in_csv(column: Column, cell: Any) -> str:
    """The cell for a spreadsheet: plain numbers, shares as per cent, durations as hours and minutes."""
    if cell is None:
        return ""
    write: Callable[[Any], str] = _IN_CSV.get(column.kind) or _SHOWN.get(column.kind, str)
    return write(cell)


def in_json(column: Column, cell: Any) -> Any:
    """The cell for a program: money with its currency, shares from 0 to 1, durations as ISO 8601.

    Null where there is nothing to say, and for a duration that was not reached.
    """
    if cell is None or cell == NOT_REACHED:
        return None
    write: Callable[[Any], Any] = _IN_JSON.get(column.kind) or _SHOWN.get(column.kind, str)
    return write(cell)


def percent(share: float) -> str:
    """`87.5%`; never 100 when one is missing, never 0 when there is one."""
    tenths = round(share * 1000)
    if tenths == 1000 and share < 1:
        tenths = 999
    if tenths == 0 and share > 0:
        tenths = 1
    return f"{tenths / 10:.1f}%"


def points(difference: float) -> str:
    """`+3.1`, `-12.0`, `0.0`."""
    rounded = round(difference, 1)
    return f"{rounded:+.1f}" if rounded else "0.0"


def span(seconds: float) -> str:
    """`40 s`, `12 min`, `3 h 20 min`, `2 d 4 h`."""
    if seconds == NOT_REACHED:
        return NEVER
    whole = int(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min"
    if whole < 48 * 3600:
        return f"{whole // 3600} h {whole % 3600 // 60:02} min"
    return f"{whole // 86400} d {whole % 86400 // 3600} h"


def iso_duration(seconds: float) -> str:
    """`PT3H20M`, as ISO 8601 writes it; hours are never turned into days."""
    whole = int(seconds)
    parts = ((whole // 3600, "H"), (whole % 3600 // 60, "M"), (whole % 60, "S"))
    return "PT" + ("".join(f"{value}{unit}" for value, unit in parts if value) or "0S")


def total_shown(report: Report, place: int, column: Column) -> str:
    """The cell of the last row for people."""
    if column.name in report.totals:
        return shown(column, report.totals[column.name])
    return "" if place else "Total"


def _hours_and_minutes(seconds: float) -> str:
    if seconds == NOT_REACHED:
        return NEVER
    return f"{int(seconds) // 3600}:{int(seconds) % 3600 // 60:02}"


def _date(cell: Any) -> str:
    return cell.isoformat() if isinstance(cell, date) else ""


_SHOWN: dict[Kind, Callable[[Any], str]] = {
    Kind.MONEY: lambda cell: f"{Decimal(cell):,.2f}",
    Kind.DATE: _date,
    Kind.COUNT: lambda cell: f"{cell:,}",
    Kind.SHARE: percent,
    Kind.POINTS: points,
    Kind.DURATION: span,
}
_IN_CSV: dict[Kind, Callable[[Any], str]] = {
    Kind.TEXT: lambda cell: safe_text(str(cell)),
    Kind.MONEY: lambda cell: f"{Decimal(cell):.2f}",
    Kind.COUNT: str,
    Kind.POINTS: lambda cell: f"{cell:.1f}",
    Kind.DURATION: _hours_and_minutes,
}
_IN_JSON: dict[Kind, Callable[[Any], Any]] = {
    Kind.MONEY: lambda cell: {"amount": f"{Decimal(cell):.2f}", "currency": "USD"},
    Kind.COUNT: int,
    Kind.SHARE: lambda cell: round(float(cell), 4),
    Kind.POINTS: lambda cell: round(float(cell), 2),
    Kind.DURATION: iso_duration,
}
