"""Breach review: what is to be looked at, and what was found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from web.views.clocks import Filter
from web.views.shell import Choice


@dataclass(frozen=True, slots=True)
class Item:
    """A broken promise, or an answer that was picked for a look, with its latest review."""

    clock_id: str
    client_code: str
    therapist: str
    since: datetime
    what: str
    opened_at: datetime
    due_at: datetime | None = None
    closed_at: datetime | None = None
    reason: str = ""
    note: str = ""
    reviewed_by: str = ""
    reviewed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Count:
    """So many; `share` of the longest, from 0 to 1."""

    name: str
    n: int
    share: float


@dataclass(frozen=True, slots=True)
class ReviewView:
    """The queue by age, the counts of the last 90 days beside it."""

    items: tuple[Item, ...]
    filters: tuple[Filter, ...]
    reasons: tuple[Count, ...]
    therapists: tuple[Count, ...]
    choices: tuple[Choice, ...]
    address: str
    next_href: str = ""
