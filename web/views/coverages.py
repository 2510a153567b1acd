"""Covers that wait for somebody."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from web.views.clocks import Filter
from web.views.shell import Form


@dataclass(frozen=True, slots=True)
class WorkRow:
    """A cover on which somebody must act, and why. `open`: the office may settle it. `in_force`: it still counts,
    though the last answer is in doubt. `hanging`: claims and lines after its last covered day.
    """

    coverage_id: str
    client_code: str
    payer: str
    who: str
    why: str
    tone: str
    since: datetime
    asked: int
    due_at: datetime | None = None
    last_asked_at: datetime | None = None
    open: bool = False
    late: bool = False
    in_force: bool = False
    hanging: int = 0


@dataclass(frozen=True, slots=True)
class AskAll:
    """Everyone at one payer who waits for the same thing."""

    work: str
    payer: str
    name: str
    count: int


@dataclass(frozen=True, slots=True)
class WorklistView:
    """Due first at the top; `filters` by who must act, `kinds` by the kind of work."""

    rows: tuple[WorkRow, ...]
    filters: tuple[Filter, ...]
    kinds: tuple[Filter, ...] = ()
    here: str = "/billing/worklist"
    next_step: str = ""
    ask_all: tuple[AskAll, ...] = ()


@dataclass(frozen=True, slots=True)
class QuestionLine:
    """One question to a payer, and what came of it."""

    asked_at: datetime
    payer: str
    what: str
    came: str
    why: str
    good: bool
    next_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Hanging:
    """A claim for days after the last covered one. Dollars."""

    number: str
    service_date: date
    charge: Decimal
    paid: Decimal | None
    state: str


@dataclass(frozen=True, slots=True)
class CoverView:
    """One cover with all that was asked about it; `form` holds the card."""

    row: WorkRow
    next_step: str
    questions: tuple[QuestionLine, ...]
    last_covered_day: date | None = None
    ask_again_at: datetime | None = None
    lines: int = 0
    claims: tuple[Hanging, ...] = ()
    form: Form = field(default_factory=Form)
