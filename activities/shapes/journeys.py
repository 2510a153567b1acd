"""What a client's journey asks for, and what it is told."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class ClimbLadder:
    """Fire what is due of this client's present wait."""

    client_id: UUID


@dataclass(frozen=True, slots=True)
class Climbed:
    """Where the journey stands: its version, when to look again (None: nothing left)."""

    version: int
    next_rung_at: datetime | None = None
    closed: bool = False
