"""Covers that wait for somebody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from web.views.clocks import Filter


@dataclass(frozen=True, slots=True)
class WorkRow:
    """A cover that is not in force: who must act and why. `open` says that the office may settle it."""

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


@dataclass(frozen=True, slots=True)
class WorklistView:
    """Due first at the top; `filters` by who must act."""

    rows: tuple[WorkRow, ...]
    filters: tuple[Filter, ...]
    owner: str
