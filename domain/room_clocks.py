"""What people may do about a running clock: give it more time, hold it. The limits are the clinic's own policy."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from domain import strict
from domain.errors import Conflict

LEAST_EXTENSION: Final = timedelta(minutes=5)
MOST_EXTENSION: Final = timedelta(days=5)
EXTENSIONS_OF_A_CLOCK: Final = 3
REVIEW_WITHIN: Final = timedelta(days=14)


class HoldReason(StrEnum):
    """Why the clinic holds a room's reply times."""

    CLIENT_ASKED = "client_asked"
    CARE_ELSEWHERE = "care_elsewhere"
    UNREACHABLE = "unreachable"
    CONSENT_QUESTION = "consent_question"
    LICENCE_QUESTION = "licence_question"


def check_extension(by: timedelta, granted: int) -> None:
    """Open time that a client adds to a promise which was extended `granted` times before.

    Raises `Invalid` (`too_short`, `too_long`), `Conflict` (`extended_enough`).
    """
    if by < LEAST_EXTENSION:
        raise strict.refuse("by", "too_short")
    if by > MOST_EXTENSION:
        raise strict.refuse("by", "too_long")
    if granted >= EXTENSIONS_OF_A_CLOCK:
        raise Conflict("extended_enough")


def check_review(review_by: datetime, now: datetime) -> None:
    """A hold is looked at again within two weeks. Raises `Invalid` (`not_in_the_future`, `too_late`)."""
    if review_by <= now:
        raise strict.refuse("review_by", "not_in_the_future")
    if review_by > now + REVIEW_WITHIN:
        raise strict.refuse("review_by", "too_late")
