"""Why somebody without a part in a client's care opens their room: a code for the log, words for people.

The reason itself is told beside it, in the opener's own words, and is sealed. The codes follow what HL7 calls
purpose of use (v3 ActReason): quality assurance, patient request, emergency treatment, breaking the glass.
"""

from enum import StrEnum
from typing import Final


class Purpose(StrEnum):
    """What the room is opened for. Only a code is ever logged."""

    LATE_REPLY = "late_reply"
    RISK_REVIEW = "risk_review"
    COVER = "cover"
    COMPLAINT = "complaint"
    QUALITY = "quality"
    RECORDS = "records"
    ACCESS_REVIEW = "access_review"
    OTHER = "other"
    EMERGENCY = "emergency"


WORDS: Final[dict[Purpose, str]] = {
    Purpose.LATE_REPLY: "Review after a late reply",
    Purpose.RISK_REVIEW: "Risk review",
    Purpose.COVER: "Cover for a colleague",
    Purpose.COMPLAINT: "Complaint or request of the client",
    Purpose.QUALITY: "Review of the quality of care",
    Purpose.RECORDS: "Record keeping",
    Purpose.ACCESS_REVIEW: "Review of an emergency opening",
    Purpose.OTHER: "Another purpose",
    Purpose.EMERGENCY: "Emergency",
}

CHOSEN: Final = tuple(purpose for purpose in Purpose if purpose is not Purpose.EMERGENCY)
"""What a supervisor chooses from. An emergency is stated by breaking the glass, never chosen."""

LEAST_REASON: Final = 20
"""Characters: enough for a sentence, too many for a dot."""


def stated(purpose: str, reason: str) -> tuple[Purpose, str]:
    """The code of a stated purpose, and the reason to be kept with it.

    A purpose in somebody's own words is no code and may hold a health word: it goes before the reason.
    """
    try:
        known = Purpose(purpose)
    except ValueError:
        known = next((code for code, words in WORDS.items() if words == purpose), Purpose.OTHER)
        reason = f"{purpose}: {reason}" if known is Purpose.OTHER else reason
    if known is Purpose.EMERGENCY:
        return Purpose.OTHER, reason
    return known, reason


def words_of(purpose: str) -> str:
    """The purpose in plain words; of a code that is not known any more, that there was another one."""
    try:
        return WORDS[Purpose(purpose)]
    except ValueError:
        return WORDS[Purpose.OTHER]
