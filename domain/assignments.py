"""Why a room goes from one therapist to another, and what may stand against it."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from domain.match_profiles import Acuity

UNDO_WITHIN: Final = timedelta(minutes=10)
"""How long whoever moved rooms may take it back."""


@dataclass(frozen=True, slots=True)
class Needs:
    """What the hard filters ask of a client beside where they are and who pays."""

    born: date
    language: str
    acuity: Acuity

    def age_on(self, day: date) -> int:
        """Completed years."""
        return day.year - self.born.year - ((day.month, day.day) < (self.born.month, self.born.day))


class AssignmentReason(StrEnum):
    """Why a room is moved: a code, since the reason may say something of the client or of the therapist's health."""

    LEAVE = "leave"
    ILLNESS = "illness"
    OVERLOAD = "overload"
    LICENCE = "licence"
    CLIENT_ASKED = "client_asked"
    RISK = "risk"
    OTHER = "other"
    UNDONE = "undone"  # a move taken back: never given by a person


GIVEN_REASONS: Final = tuple(reason for reason in AssignmentReason if reason is not AssignmentReason.UNDONE)
"""What people may choose from."""


class MoveRefusal(StrEnum):
    """What stands against a move beside the hard filters of matching (`domain.match_filters.Refusal`)."""

    NOT_FOUND = "not_found"
    CLOCK_ENDED = "clock_ended"  # answered, waived or cancelled meanwhile
    ROOM_CLOSED = "room_closed"
    ALREADY_ASSIGNED = "already_assigned"
    ON_LEAVE = "on_leave"
    NO_HOURS = "no_hours"
    NOBODY_FREE = "nobody_free"  # nobody passes every filter
    MOVED_SINCE = "moved_since"  # somebody else was quicker
