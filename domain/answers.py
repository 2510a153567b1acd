"""What counts as an answer, and what needs none."""

import unicodedata
from typing import Final

ANSWERING_KINDS: Final = frozenset({"text", "audio", "video"})
ACKNOWLEDGEMENT_LIMIT: Final = 25
SHORT_ANSWER_WORDS: Final = 12

# Closed on purpose. "fine", "sure" or "whatever" are left out: they may say the opposite of what they read.
# fmt: off
ACKNOWLEDGEMENTS: Final = frozenset(
    (
        "thanks", "thank you", "thanks so much", "thank you so much", "thanks a lot", "many thanks",
        "thanks again", "thank you again", "thx", "ty", "ok", "okay", "k", "ok thanks", "okay thanks",
        "ok thank you", "okay thank you", "understood", "noted", "got it", "got it thanks",
        "got it thank you", "will do", "will do thanks", "sounds good", "sounds good thanks", "perfect",
        "perfect thanks", "great thanks", "great thank you", "you too", "same to you", "see you then",
        "talk soon", "gracias", "muchas gracias", "ok gracias", "vale", "vale gracias", "entendido", "👍",
        "🙏", "❤", "👌", "🙂", "😊",
    )
)
# fmt: on


def is_substantive(kind: str, *, holding: bool, automatic: bool) -> bool:
    """Whether a clinician's message answers: text, voice or video, neither automatic nor sent as holding."""
    return kind in ANSWERING_KINDS and not holding and not automatic


def asks(text: str | None) -> bool:
    """Whether a message asks something. A voice or video message (None) may, so it is taken to."""
    return text is None or any(mark in text for mark in "?？؟¿")


def is_pure_acknowledgement(
    text: str | None, *, has_media: bool, risk_flagged: bool, last_clinician_asked: bool | None
) -> bool:
    """Whether a client's message only says thanks or yes, so that no answer is owed.

    `last_clinician_asked`: whether the clinician's last message asked something; None when there is none, and
    then there is nothing to acknowledge.
    """
    if text is None or has_media or risk_flagged or last_clinician_asked is not False or asks(text):
        return False
    return len(text.strip()) <= ACKNOWLEDGEMENT_LIMIT and _plain(text) in ACKNOWLEDGEMENTS


def is_short(text: str | None) -> bool:
    """Whether an answer has so few words that it goes to breach review. Voice and video (None) never are."""
    return text is not None and len(text.split()) < SHORT_ANSWER_WORDS


def _plain(text: str) -> str:
    """Lower case, without the punctuation, spaces and emoji variants that change nothing.

    Trailing dots ("ok...") do change something: who trails off may want to be asked.
    """
    folded = unicodedata.normalize("NFKC", text).casefold().replace("\ufe0f", "")
    if ".." in folded:
        return folded
    words = "".join(" " if char in ".,!" else char for char in folded)
    return " ".join(words.split())
