"""Figures of response times, and trials on the past: cells as the files have them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from web.charts import Bars
from web.views.shell import Choice, Form


@dataclass(frozen=True, slots=True)
class Tab:
    """One way to tell the figures apart."""

    href: str
    name: str
    here: bool


@dataclass(frozen=True, slots=True)
class Head:
    """A column: its title, and whether it holds numbers."""

    title: str
    number: bool


@dataclass(frozen=True, slots=True)
class FigureRow:
    """A row as its file shows it, the name first. `share` (0 to 1) is drawn beside the cell that says it;
    `few` begins the rows that are not ranked.
    """

    name: str
    cells: tuple[str, ...]
    share: float | None = None
    few: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A report as a table. `share_at` is the place of the cell that is drawn as well; None: none is."""

    heads: tuple[Head, ...]
    rows: tuple[FigureRow, ...]
    totals: tuple[str, ...]
    notes: tuple[str, ...]
    formula: str
    share_at: int | None = None


@dataclass(frozen=True, slots=True)
class Files:
    """Where the same figures are had as a file."""

    csv: str
    xlsx: str
    html: str


@dataclass(frozen=True, slots=True)
class FiguresView:
    """Figures of a period. `items` is how many there are; without any there is nothing to show.

    `drawing` is the chart by week; `headline` what it shows.
    """

    form: Form
    as_of: datetime
    days: str
    zone: str
    by: str
    tabs: tuple[Tab, ...]
    items: int
    attainment: str
    interval: str
    n: int
    p50: str
    p90: str
    backlog: int
    headline: str
    drawing: Markup
    table: Table
    files: Files


@dataclass(frozen=True, slots=True)
class TrialResult:
    """What a trial shows: the sentence, the chart, the table by therapist, and what is assumed."""

    headline: str
    tried: str
    items: int
    bars: Bars
    table: Table
    files: Files


@dataclass(frozen=True, slots=True)
class TrialView:
    """The form of a trial, and its result once there is one."""

    form: Form
    policies: tuple[Choice, ...]
    kinds: tuple[Choice, ...]
    therapists: tuple[Choice, ...]
    result: TrialResult | None = None
