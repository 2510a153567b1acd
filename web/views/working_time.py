"""Working hours, time off and cover, as their pages show them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from web.views.shell import Choice, Form


@dataclass(frozen=True, slots=True)
class DayHours:
    """A weekday of the editor: `fields` are the names of its pairs of times."""

    key: str
    name: str
    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class HoursView:
    """The weekly hours, whose public holidays are off, and one's own days: `days_off` to come, `past` and `others`
    are carried along unseen."""

    form: Form
    days: tuple[DayHours, ...]
    zones: tuple[str, ...]
    days_off: tuple[Choice, ...]
    past: tuple[str, ...]
    others: tuple[str, ...]
    week: str
    capacity: int
    clients: int


@dataclass(frozen=True, slots=True)
class LeaveRow:
    """A leave of one's own. `state`: ahead, away, over, cancelled."""

    leave_id: str
    start: datetime
    end: datetime
    state: str
    rooms: int
    gaps: int
    asked: int
    begins: str  # as a form field wants it, in the reader's zone
    ends: str


@dataclass(frozen=True, slots=True)
class LeaveView:
    """One's own leave, and the form for more."""

    form: Form
    leaves: tuple[LeaveRow, ...]
    colleagues: tuple[Choice, ...]
    zone: str


@dataclass(frozen=True, slots=True)
class RoomStory:
    """What went on in a room during a leave."""

    room_id: str
    name: str
    from_client: int
    answers: int
    covered_by: str


@dataclass(frozen=True, slots=True)
class StoryView:
    """A leave of one's own, room by room."""

    leave: LeaveRow
    rooms: tuple[RoomStory, ...]
    note: str


@dataclass(frozen=True, slots=True)
class CoverAsk:
    """A room that somebody is asked to cover: no content. `overdue_since` where an answer is long due."""

    offer_id: str
    client_code: str
    state: str
    therapist: str
    start: datetime
    end: datetime
    answer_by: datetime
    overdue_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Covered:
    """A room that one covers, now or soon."""

    room_id: str
    client_code: str
    therapist: str
    start: datetime
    end: datetime
    begun: bool


@dataclass(frozen=True, slots=True)
class HandOver:
    """A hand-over note and who wrote it."""

    therapist: str
    text: str


@dataclass(frozen=True, slots=True)
class CoversView:
    """What waits for a yes or no, what one covers, and the notes to it."""

    asks: tuple[CoverAsk, ...]
    covered: tuple[Covered, ...]
    notes: tuple[HandOver, ...]


@dataclass(frozen=True, slots=True)
class AwayRow:
    """Somebody who is away or will be."""

    leave_id: str
    therapist: str
    start: datetime
    end: datetime
    away_now: bool
    rooms: int
    gaps: int
    asked: int


@dataclass(frozen=True, slots=True)
class AwayView:
    """Who leaves first at the top."""

    rows: tuple[AwayRow, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody who was asked to cover, and what became of it."""

    name: str
    said: str
    tone: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Unfit:
    """Somebody who cannot cover a room, and why."""

    name: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RoomCover:
    """A room of a leave: who covers, who was asked, who could (`choices`) and who could not."""

    room_id: str
    client_code: str
    covered: bool
    covers: tuple[Covered, ...]
    asked: tuple[Asked, ...]
    choices: tuple[Choice, ...]
    unfit: tuple[Unfit, ...]
    looked: bool


@dataclass(frozen=True, slots=True)
class LeaveCoverView:
    """One leave for supervisors."""

    row: AwayRow
    over: bool
    rooms: tuple[RoomCover, ...]
