"""Policies of reply times, in the words of those who set them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from web.views.reprojections import Moving
from web.views.shell import Choice, Form


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row of a reply-by table: "7:00 AM", "11:00 AM", "3:00 PM", "the same day"."""

    start: str
    end: str
    deadline: str
    day: str


@dataclass(frozen=True, slots=True)
class Rung:
    """A step of the ladder: its place on the drawing, and what happens there."""

    percent: int
    x: float
    tone: str
    words: str


@dataclass(frozen=True, slots=True)
class PolicyLine:
    """A policy in the list. `next_at`: when the next version begins, if one waits; `words` empty: none holds yet."""

    name: str
    words: str
    running: int
    warns_at: int | None
    next_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class TermLine:
    """Who is promised what. `since` in the future: still to come."""

    whom: str
    items: str
    policy: str
    since: datetime
    in_force: bool


@dataclass(frozen=True, slots=True)
class PoliciesView:
    """All policies, and who is promised which."""

    policies: tuple[PolicyLine, ...]
    terms: tuple[TermLine, ...]
    choices: tuple[Choice, ...]
    kinds: tuple[Choice, ...]
    plans: tuple[str, ...]
    form: Form
    moving: tuple[Moving, ...] = ()


@dataclass(frozen=True, slots=True)
class VersionLine:
    """A version. `state` in words: in force, to come, earlier; `since` None: since the beginning; `by` who said it."""

    words: str
    ladder: str
    since: datetime | None
    state: str
    tone: str
    by: str = "The beginning"


@dataclass(frozen=True, slots=True)
class PolicyView:
    """One policy. `name` empty: a new one is made. `windows`: how many rows of a table the form offers."""

    name: str
    words: str
    rows: tuple[TableRow, ...]
    rungs: tuple[Rung, ...]
    running: int
    versions: tuple[VersionLine, ...]
    form: Form
    windows: int
    zone: str
