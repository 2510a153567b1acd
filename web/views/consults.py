"""Second opinions: what a therapist asked, what a supervisor answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from web.views.clocks import Filter
from web.views.shell import Form


@dataclass(frozen=True, slots=True)
class Consult:
    """A question. `due_at` None: nobody's hours are in sight; `answer` empty: it waits."""

    consult_id: str
    client_code: str
    therapist: str
    asked_at: datetime
    question: str
    due_at: datetime | None
    soon_at: datetime | None = None
    late: bool = False
    answer: str = ""
    answered_by: str = ""
    answered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class QueueView:
    """What waits for supervisors, or what they answered. `refused`: the one whose answer was not taken, by id."""

    items: tuple[Consult, ...]
    filters: tuple[Filter, ...]
    waiting: bool
    form: Form
    refused: str = ""
    next_href: str = ""


@dataclass(frozen=True, slots=True)
class RoomConsultsView:
    """A room's questions, newest first. `open`: one waits, so that no other can be asked."""

    room_id: str
    client_code: str
    items: tuple[Consult, ...]
    open: bool
    form: Form
