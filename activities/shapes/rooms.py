"""What the room's workflow asks for, and what it is told."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class RungOutcome(StrEnum):
    """What came of ringing an alarm."""

    FIRED = "fired"
    SUPERSEDED = "superseded"
    TOO_EARLY = "too_early"


@dataclass(frozen=True, slots=True)
class FireRung:
    """Ring what is due of this clock."""

    room_id: UUID
    clock_id: UUID


@dataclass(frozen=True, slots=True)
class Fired:
    """The outcome, and when to look again (None: nothing left to ring)."""

    outcome: RungOutcome
    next_alarm_at: datetime | None = None
