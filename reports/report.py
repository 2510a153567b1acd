"""What every report is: a frame with typed columns, its period, its as-of instant, and the formula printed on it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import pandas as pd

from domain.money import ZERO, total


class Kind(StrEnum):
    """What a column holds: it decides how a cell is written."""

    TEXT = "text"
    DATE = "date"
    COUNT = "count"
    MONEY = "money"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name in JSON and CSV, its title for people, and whether it is summed."""

    name: str
    title: str
    kind: Kind = Kind.TEXT
    summed: bool = False


@dataclass(frozen=True, slots=True)
class Period:
    """Days of service, both included. `since` None: from the beginning. `until` is the report's as-of day."""

    since: date | None
    until: date


@dataclass(frozen=True, slots=True)
class Report:
    """A finished report. Screen and file are written from the same frame, so they cannot differ."""

    name: str
    title: str
    formula: str
    period: Period
    made_at: datetime
    columns: tuple[Column, ...]
    frame: pd.DataFrame = field(repr=False)

    @property
    def totals(self) -> dict[str, Decimal | int]:
        """The sums of the summed columns."""
        sums: dict[str, Decimal | int] = {}
        for column in self.columns:
            if column.summed:
                cells = self.frame[column.name].tolist()
                money = column.kind is Kind.MONEY
                sums[column.name] = total(cells) if money else sum(int(cell) for cell in cells)
        return sums


def frame_of(columns: Sequence[Column], rows: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """The rows as a frame of these columns; money stays Decimal, so that no cent is lost."""
    names = [column.name for column in columns]
    return pd.DataFrame([[row[name] for name in names] for row in rows], columns=names, dtype=object)


class Unsound(Exception):
    """The report's figures do not add up to what the database holds: it is not shown."""


def check_total(found: Decimal, expected: Decimal | None) -> None:
    """Raise `Unsound` unless the report's sum is the database's own, to the cent."""
    if found != (expected or ZERO):
        raise Unsound
