"""The supervisors' board of response promises."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from web.views.shell import Choice


@dataclass(frozen=True, slots=True)
class ClockRow:
    """A running clock. `tone` is soon, late or empty at the time the page is made; the browser lets it
    follow.
    """

    clock_id: str
    room_id: str
    client_code: str
    therapist: str
    opened_at: datetime
    state: str
    due_at: datetime | None = None
    soon_at: datetime | None = None
    held: str = ""
    rung: str = ""
    coverage_gap: bool = False
    acknowledged_by: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Filter:
    """A saved view of the board, as an address."""

    name: str
    href: str
    count: int | None
    here: bool


@dataclass(frozen=True, slots=True)
class BoardView:
    """The board. Everything that filters is in the address (`address`, without the cursor)."""

    rows: tuple[ClockRow, ...]
    filters: tuple[Filter, ...]
    therapists: tuple[Choice, ...]
    therapist: str
    state: str
    address: str
    next_href: str = ""
    waiting_without_clock: int = 0


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of time that counted towards the promise, or did not, and why."""

    start: datetime
    end: datetime
    counted: bool
    why: str
    minutes: float


@dataclass(frozen=True, slots=True)
class ClockView:
    """Why a time is due."""

    row: ClockRow
    policy: str
    calendar: str
    stretches: tuple[Stretch, ...]
    sentence: str = ""
    reassign_to: tuple[Choice, ...] = ()
