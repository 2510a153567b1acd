"""What a leave's workflow asks for, and what it is told."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.leaves import LeaveStep


@dataclass(frozen=True, slots=True)
class MoveLeave:
    """Do this leave's next thing, if it still is the next."""

    leave_id: UUID


@dataclass(frozen=True, slots=True)
class LeaveStanding:
    """What the leave needs now; `at` when something will be due, None unless it waits."""

    version: int
    step: LeaveStep
    at: datetime | None = None
