"""What an erasure's workflow asks for, and what it is told."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.erasures import ErasureStep


@dataclass(frozen=True, slots=True)
class MoveErasure:
    """Do the next thing for this client's erasure, if it still is the next."""

    client_id: UUID


@dataclass(frozen=True, slots=True)
class ErasureStanding:
    """What the erasure needs now; `at` when it will be due, None while somebody must act first."""

    version: int
    step: ErasureStep
    at: datetime | None = None
