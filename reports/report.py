"""What every report is: a frame with typed columns, its period, its as-of instant, and the formula printed on it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from math import inf
from typing import TYPE_CHECKING, Any, Final

from domain.money import ZERO, total

if TYPE_CHECKING:
    import pandas as pd


class Kind(StrEnum):
    """What a column holds: it decides how a cell is written."""

    TEXT = "text"
    DATE = "date"
    COUNT = "count"
    MONEY = "money"
    SHARE = "share"  # 0 to 1
    POINTS = "points"  # percentage points between two shares, signed
    DURATION = "duration"  # whole seconds; `NOT_REACHED` when it never came to that


NOT_REACHED: Final = inf
"""The duration within which so many were answered, where they were not: more than all that was seen."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name in JSON and CSV, its title for people, and whether it is summed."""

    name: str
    title: str
    kind: Kind = Kind.TEXT
    summed: bool = False


class Mark(StrEnum):
    """How a chart draws its figures."""

    LINE = "line"
    BARS = "bars"


@dataclass(frozen=True, slots=True)
class Chart:
    """Shares of the report's rows, drawn from 0 to 100 per cent: columns by name.

    `title` says what the figures show. `low` and `high` are the ends of an interval, for a line of one value.
    """

    title: str
    mark: Mark
    category: str
    values: tuple[str, ...]
    low: str = ""
    high: str = ""


@dataclass(frozen=True, slots=True)
class Period:
    """Days of service, both included. `since` None: from the beginning. `until` is the report's as-of day."""

    since: date | None
    until: date


@dataclass(frozen=True, slots=True)
class Report:
    """A finished report. Screen and file are written from the same frame, so they cannot differ.

    `about` says in a line what is in it, when it is not services as of a day; `overall` holds the figures of the
    whole that are no sums of the rows; `notes` are printed beneath.
    """

    name: str
    title: str
    formula: str
    period: Period
    made_at: datetime
    columns: tuple[Column, ...]
    frame: "pd.DataFrame" = field(repr=False)
    about: str = ""
    overall: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    charts: tuple[Chart, ...] = ()

    @property
    def totals(self) -> dict[str, Any]:
        """The figures of the whole: sums of the summed columns, and `overall`."""
        sums: dict[str, Any] = {}
        for column in self.columns:
            if column.summed:
                cells = self.frame[column.name].tolist()
                money = column.kind is Kind.MONEY
                sums[column.name] = total(cells) if money else sum(int(cell) for cell in cells)
        return sums | dict(self.overall)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The frame row by row, cells by the names of their columns."""
        names = [column.name for column in self.columns]
        return [dict(zip(names, row, strict=True)) for row in self.frame.to_numpy(dtype=object).tolist()]


def frame_of(columns: Sequence[Column], rows: Sequence[dict[str, Any]]) -> "pd.DataFrame":
    """The rows as a frame of these columns; money stays Decimal, so that no cent is lost."""
    import pandas as pd  # forty megabytes that a process without reports does not need

    names = [column.name for column in columns]
    return pd.DataFrame([[row[name] for name in names] for row in rows], columns=names, dtype=object)


class Unsound(Exception):
    """The report's figures do not add up to what the database holds: it is not shown."""


def check_total(found: Decimal, expected: Decimal | None) -> None:
    """Raise `Unsound` unless the report's sum is the database's own, to the cent."""
    if found != (expected or ZERO):
        raise Unsound
