"""Clients on the way into care who wait: who must act, why, and who is told next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from web.views.clocks import Filter
from web.views.shell import Choice


@dataclass(frozen=True, slots=True)
class ToldRung:
    """Who was told, and when."""

    whom: str
    at: datetime


@dataclass(frozen=True, slots=True)
class StuckRow:
    """One client who waits. `desk`: where it is unblocked, `taken_by` empty: nobody's yet."""

    client_id: str
    client_code: str
    stage: str
    who: str
    why: str
    since: datetime
    due_at: datetime | None
    tone: str
    told: tuple[ToldRung, ...] = ()
    next_whom: str = ""
    next_at: datetime | None = None
    taken_by: str = ""
    mine: bool = False
    may_remind: bool = False
    desk: str = ""
    desk_name: str = ""


@dataclass(frozen=True, slots=True)
class StuckView:
    """What is due first at the top. `address`: this very list, filters and place; `helps`: this reader may act."""

    rows: tuple[StuckRow, ...]
    filters: tuple[Filter, ...]
    states: tuple[Choice, ...]
    stages: tuple[Choice, ...]
    takers: tuple[Choice, ...]
    state: str
    owner: str
    stage: str
    taken: str
    address: str
    helps: bool
    supervises: bool
    next_href: str = ""
