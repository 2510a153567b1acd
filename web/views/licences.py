"""Licences and payers' listings, as their holder, a supervisor or an administrator sees them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from web.views.shell import Choice, Form


@dataclass(frozen=True, slots=True)
class Licence:
    """One licence. `words` and `tone` say how it stands; `rooms`: open rooms whose client is there now."""

    licence_id: str
    therapist_id: str
    name: str
    state: str
    kind: str
    number: str
    since: date
    ends: date
    words: str
    tone: str
    icon: str
    rooms: int
    over: bool


@dataclass(frozen=True, slots=True)
class LicencesView:
    """All of the clinic, the next to end first; and whose page to open for a new one."""

    licences: tuple[Licence, ...]
    people: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """A payer lists the therapist."""

    payer: str
    code: str
    since: date
    until: date | None


@dataclass(frozen=True, slots=True)
class Change:
    """Something that was said, by whom and when."""

    what: str
    words: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class HolderView:
    """One therapist. `form` with `doing` for the form that was refused; without `keeps` nothing can be changed."""

    therapist_id: str
    name: str
    keeps: bool
    mine: bool
    licences: tuple[Licence, ...]
    listings: tuple[Listing, ...]
    history: tuple[Change, ...]
    states: tuple[Choice, ...]
    payers: tuple[Choice, ...]
    form: Form
    doing: str = ""
    blank: Form = field(default_factory=Form)
