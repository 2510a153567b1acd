"""Rooms that somebody without a part in the care opens: the reason, who did, and the second look."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from web.views.shell import Choice, Form


@dataclass(frozen=True, slots=True)
class Opened:
    """What one person did in the room on one day. `purpose`, `reason`: of an opening that had to state them;
    `found`: what somebody else said of one in an emergency.
    """

    at: datetime
    who: str
    role: str
    what: str
    times: int = 1
    purpose: str = ""
    reason: str = ""
    break_glass: bool = False
    found: str = ""


@dataclass(frozen=True, slots=True)
class AccessView:
    """Who opened the room, newest first. `older`: where the list goes on."""

    room_id: str
    entries: tuple[Opened, ...]
    older: str = ""


@dataclass(frozen=True, slots=True)
class PurposeView:
    """The form that asks a supervisor why. Fields `purpose`, `reason`."""

    room_id: str
    purposes: tuple[Choice, ...]
    form: Form = field(default_factory=Form)


@dataclass(frozen=True, slots=True)
class BreakGlassView:
    """The form of an emergency. Fields `client_code`, `reason`, `password`, `totp`."""

    form: Form = field(default_factory=Form)
    ask_code: bool = True


@dataclass(frozen=True, slots=True)
class Opening:
    """An emergency opening. `own`: somebody else must look at it; `found`: what they said, once they did."""

    access_id: str
    room_id: str
    client_code: str
    who: str
    role: str
    at: datetime
    due_at: datetime
    overdue: bool
    own: bool
    reason: str = ""
    done: tuple[str, ...] = ()
    found: str = ""
    reviewed_by: str = ""
    reviewed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OpeningsView:
    """Those that wait for a second look, and those that had it."""

    waiting: tuple[Opening, ...]
    reviewed: tuple[Opening, ...]
