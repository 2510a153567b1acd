"""What a messaging session's workflow asks for, and what it is told."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.messaging_sessions import Reminder, SessionState


@dataclass(frozen=True, slots=True)
class SessionRef:
    """The n-th messaging session of a room."""

    room_id: UUID
    n: int


@dataclass(frozen=True, slots=True)
class RemindClinician:
    """Remind of the attestation of this session."""

    room_id: UUID
    n: int
    which: Reminder


@dataclass(frozen=True, slots=True)
class SessionStanding:
    """Where the session stands."""

    version: int
    state: SessionState
    opened_at: datetime
    window_ends_at: datetime
    lapses_at: datetime
