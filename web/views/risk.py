"""The queue of flags. Only staff see it; a named clinician closes a flag, nothing else does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Flag:
    """One flag. `state` is open, acknowledged or closed; `source` in words."""

    flag_id: str
    client_code: str
    source: str
    raised_at: datetime
    state: str
    rung: str = ""
    room_id: str = ""
    intake: str = ""  # where the intake is of somebody who has no room yet, for who may read it
    acknowledged_by: str = ""
    contact: str = ""
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class FlagsView:
    """Open ones first."""

    flags: tuple[Flag, ...]
    problem: str = ""
