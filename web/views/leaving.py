"""Leaving, as the client reads it; retention and holds, as administrators do."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from web.views.shell import Choice, Form


@dataclass(frozen=True, slots=True)
class LeavingView:
    """`state` is empty, waiting or shredding. `until`: the last day on which the law keeps the record, in words, empty
    where no care was given. `room_id`: a room whose record can be taken along. `closed_at`: care has ended.
    """

    state: str
    until: str
    erases_at: datetime
    closed_at: datetime | None = None
    asked_at: datetime | None = None
    room_id: str = ""
    kept_back: bool = False
    form: Form = field(default_factory=Form)  # password


@dataclass(frozen=True, slots=True)
class WaitingErasure:
    """One that waits. `until` in words, empty where no care was given."""

    client_code: str
    asked_at: datetime
    until: str
    due: bool
    held: bool
    risk_open: bool
    under_way: bool


@dataclass(frozen=True, slots=True)
class Shredded:
    """One that is done, by what was destroyed."""

    client_code: str
    shredded_at: datetime
    keys: int
    files: int


@dataclass(frozen=True, slots=True)
class Hold:
    """A legal hold in force."""

    hold_id: str
    client_id: str
    client_code: str
    reason: str
    placed_by: str
    placed_at: datetime


@dataclass(frozen=True, slots=True)
class Rule:
    """A state's rule. `begins` in words; `ahead`: it is to come."""

    state: str
    years: int
    minor_until_age: int | None
    begins: str
    source: str
    ahead: bool


@dataclass(frozen=True, slots=True)
class SealedRoom:
    """A room that was sealed. `until` in words."""

    room_id: str
    client_code: str
    sealed_at: datetime
    until: str


@dataclass(frozen=True, slots=True)
class SealedRoomsView:
    """The latest first."""

    rooms: tuple[SealedRoom, ...]


@dataclass(frozen=True, slots=True)
class RetentionView:
    """Forms: `hold` with code and reason, `rule` with state, years, minor_until_age, effective_from and source."""

    waiting: tuple[WaitingErasure, ...]
    holds: tuple[Hold, ...]
    rules: tuple[Rule, ...]
    done: tuple[Shredded, ...]
    states: tuple[Choice, ...]
    hold: Form = field(default_factory=Form)
    rule: Form = field(default_factory=Form)
