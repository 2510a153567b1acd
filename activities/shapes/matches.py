"""What a search's workflow asks for, and what it is told."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.match_states import MatchStatus


@dataclass(frozen=True, slots=True)
class MoveMatch:
    """Do this search's next thing, if it still is the next."""

    match_id: UUID


@dataclass(frozen=True, slots=True)
class CountOutcomes:
    """Count what came of care, therapist by therapist, after this one."""

    after: UUID | None = None


@dataclass(frozen=True, slots=True)
class OutcomesCounted:
    """`last`: go on after this therapist; None when all are counted."""

    last: UUID | None = None


@dataclass(frozen=True, slots=True)
class MatchStanding:
    """How the search stands; `offer_expires_at` of the open offer, None without one."""

    version: int
    status: MatchStatus
    offer_expires_at: datetime | None = None
