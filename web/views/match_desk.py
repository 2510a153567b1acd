"""The match desk: searches that are not decided, everyone considered for one, waiting lists assigned at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from web.views.clocks import Filter
from web.views.figures import Files


@dataclass(frozen=True, slots=True)
class SearchRow:
    """A search on the desk: who must act and why. `tone`: late, soon or empty."""

    search_id: str
    client_code: str
    state: str
    who: str
    why: str
    tone: str
    since: datetime
    due_at: datetime | None
    eligible: int


@dataclass(frozen=True, slots=True)
class RunRow:
    """A waiting list that was assigned at once."""

    run_id: str
    asked_at: datetime
    ready: bool
    clients: int
    placed: int
    in_turn: int


@dataclass(frozen=True, slots=True)
class DeskView:
    """Searches by who must act, due first; the last waiting lists. `waiting`: how many one could assign now."""

    rows: tuple[SearchRow, ...]
    filters: tuple[Filter, ...]
    runs: tuple[RunRow, ...]
    waiting: int
    address: str


@dataclass(frozen=True, slots=True)
class Term:
    """A term of the score: its name, and how well it is met, between 0 and 1."""

    name: str
    share: float


@dataclass(frozen=True, slots=True)
class Person:
    """A therapist considered. `score` between 0 and 1; None: rejected, for these reasons."""

    therapist_id: str
    name: str
    credentials: str
    reasons: tuple[str, ...]
    score: float | None = None
    shown: bool = False
    terms: tuple[Term, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """An offer that was made, and what came of it."""

    name: str
    outcome: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SearchView:
    """One search with everyone considered. `live`: not decided; `may_ask`: nobody is being asked now."""

    search_id: str
    client_code: str
    state: str
    status: str
    who: str
    since: datetime
    due_at: datetime | None
    live: bool
    may_ask: bool
    may_look_again: bool
    candidates: tuple[Person, ...]
    rejected: tuple[Person, ...]
    more_rejected: int
    filters: tuple[Filter, ...]
    asked: tuple[Asked, ...]
    address: str
    leaving: str = ""  # why a client in care looks for somebody else, in their words


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """One client of a waiting list: whom the best assignment gives them, whom they would get in turn."""

    match_id: str
    client_code: str
    state: str
    since: datetime
    eligible: int
    best: str
    score: float | None
    in_turn: str
    may_ask: bool
    standing: str


@dataclass(frozen=True, slots=True)
class WaitingListView:
    """A waiting list. Not `ready`: it is being worked out, and the page asks again by itself."""

    run_id: str
    asked_at: datetime
    asked_by: str
    ready: bool
    rows: tuple[WaitingRow, ...]
    placed: int
    in_turn: int
    places: int
    files: Files
    formula: str
