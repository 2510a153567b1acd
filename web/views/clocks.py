"""The supervisors' board of response promises, and moving rooms from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from web.views.shell import Choice


@dataclass(frozen=True, slots=True)
class ClockRow:
    """A clock. `tone` is soon, late or empty at the time the page is made; the browser lets it follow."""

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
class ConsultRow:
    """A second opinion that a therapist waits for, owed by supervisors; as `ClockRow`."""

    consult_id: str
    client_code: str
    therapist: str
    asked_at: datetime
    state: str
    due_at: datetime | None = None
    soon_at: datetime | None = None
    held: str = ""
    rung: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Filter:
    """A view of a list, as an address. `count` is a text where it ends at a cap."""

    name: str
    href: str
    count: int | str | None
    here: bool


@dataclass(frozen=True, slots=True)
class SavedView:
    """A view kept under a name of one's own."""

    view_id: str
    name: str
    href: str
    here: bool


@dataclass(frozen=True, slots=True)
class Column:
    """A head that sorts: where its link leads, and how the rows are sorted by it now."""

    name: str
    href: str
    sorted: str = "none"  # none | ascending | descending


@dataclass(frozen=True, slots=True)
class Undo:
    """A move that can still be taken back."""

    action_id: str
    rooms: int
    done_at: datetime


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the filter form shows as chosen, by field; and what stands in the address beside it."""

    who: str = ""
    team: str = ""
    policy: str = ""
    kind: str = ""
    within: str = ""
    gap: str = ""
    acknowledged: str = ""
    code: str = ""
    kept: Mapping[str, str] = field(default_factory=dict)  # hidden fields: state, sort

    @property
    def narrowed(self) -> int:
        """How many filters are set in the fold."""
        return sum(
            bool(value) for value in (self.policy, self.kind, self.within, self.gap, self.acknowledged)
        )


@dataclass(frozen=True, slots=True)
class BoardView:
    """The board. Everything that filters and sorts is in the address (`address`, with the cursor)."""

    rows: tuple[ClockRow, ...]
    filters: tuple[Filter, ...]
    columns: Mapping[str, Column]
    therapists: tuple[Choice, ...]
    teams: tuple[Choice, ...]
    policies: tuple[Choice, ...]
    chosen: Chosen
    address: str
    query: str = ""
    saved: tuple[SavedView, ...] = ()
    next_href: str = ""
    first_href: str = ""
    waiting_without_clock: int = 0
    undo: Undo | None = None
    consults: tuple[ConsultRow, ...] = ()


@dataclass(frozen=True, slots=True)
class MoveRow:
    """A row of a move: before and after, or why it stays. `change` says how the due time moves, in words."""

    clock_id: str
    client_code: str
    before: str
    after: str = ""
    due_before: datetime | None = None
    due_after: datetime | None = None
    change: str = ""
    refused: str = ""


@dataclass(frozen=True, slots=True)
class MoveView:
    """Rooms that are about to be moved, or were. `stage`: choose, preview, done."""

    stage: str
    clock_ids: tuple[str, ...]
    rows: tuple[MoveRow, ...]
    therapists: tuple[Choice, ...]
    reasons: tuple[Choice, ...]
    back: str
    therapist: str = ""
    reason: str = ""
    movable: int = 0
    undo: str = ""
