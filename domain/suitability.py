"""What kind of care fits a client: messages, live sessions, or care beyond what a practice online can give."""

from enum import StrEnum


class Suitability(StrEnum):
    """What the intake's answers speak for. Anything but MESSAGING waits for a clinician's word."""

    MESSAGING = "messaging"
    LIVE = "live"
    HIGHER_CARE = "higher_care"
