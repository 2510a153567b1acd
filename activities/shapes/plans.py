"""What the plan's workflow asks for, and what it is told."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.check_ins import AbsenceStep


@dataclass(frozen=True, slots=True)
class KeepCheckIns:
    """Do what is due in this room's plan."""

    room_id: UUID


@dataclass(frozen=True, slots=True)
class Kept:
    """What was done, and when to look again (None: nothing is left to do)."""

    asked: int = 0
    missed: int = 0
    reminded: int = 0
    step: AbsenceStep = AbsenceStep.NONE
    next_alarm_at: datetime | None = None
