"""Recordings: what is taken, how much of it, and in which states it stands."""

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum, auto
from typing import Final

from domain.errors import FieldError, Invalid


class MediumKind(StrEnum):
    """A voice message or a video message."""

    AUDIO = auto()
    VIDEO = auto()


class MediumState(StrEnum):
    """Uploading until every byte is here; then made playable, or refused."""

    UPLOADING = auto()
    PROCESSING = auto()
    READY = auto()
    REFUSED = auto()


class Refusal(StrEnum):
    """Why a recording was not taken."""

    NOT_PLAYABLE = auto()
    WRONG_KIND = auto()
    MIXED_FORMATS = auto()  # something else than a recording lies in the same file
    TOO_LONG = auto()
    TOO_MANY_PIXELS = auto()
    TOO_MANY_TRACKS = auto()
    TOO_MANY_FRAMES = auto()
    TAKES_TOO_MUCH = auto()  # more computing time or memory than any honest recording


class RecordingRefused(Invalid):
    """The recording is not taken, for good: trying again would end the same."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(FieldError("recording", reason.value), code=reason.value)
        self.reason = reason


class FileName(StrEnum):
    """What a recording is played and shown from."""

    PLAY = auto()
    POSTER = auto()
    CAPTIONS = auto()


MIB: Final = 1024 * 1024
MAX_BYTES: Final = 256 * MIB
PART_BYTES: Final = 8 * MIB
"""A part is sealed in memory before it is kept."""

MAX_DURATION: Final = {
    MediumKind.AUDIO: timedelta(minutes=60),
    MediumKind.VIDEO: timedelta(minutes=15),
}
MAX_PIXELS: Final = 3840 * 2160
"""Of one picture: what a telephone records at most."""

MAX_TRACKS: Final = 8
MAX_FRAMES: Final = 15 * 60 * 120
"""Pictures of a whole video: 120 a second for 15 minutes."""

WAVEFORM_BARS: Final = 48
MAX_UNFINISHED: Final = 10
"""Uploads that one person may have under way in one room."""

MAX_CAPTIONS: Final = 256 * 1024

LINK_LIFETIME: Final = timedelta(minutes=15)
ABANDONED_AFTER: Final = timedelta(hours=24)
"""An upload that was not ended, or a recording that was refused, is removed after this long."""

UNSENT_AFTER: Final = timedelta(days=7)
"""A recording that is in no message is removed after this long."""

RECORDED_TYPES: Final = {
    MediumKind.AUDIO: frozenset({"audio/webm", "audio/mp4", "audio/ogg", "audio/x-m4a"}),
    MediumKind.VIDEO: frozenset({"video/webm", "video/mp4", "video/x-matroska", "video/quicktime"}),
}
"""What browsers record (MediaRecorder), and what telephones add."""


@dataclass(frozen=True, slots=True)
class Details:
    """What was found out about a recording. `waveform`: 48 bars of 0 to 100, relative to the loudest."""

    duration_ms: int
    waveform: tuple[int, ...]
    width: int | None = None
    height: int | None = None


def recorded_type(kind: MediumKind, content_type: str) -> str:
    """The media type without its parameters, in lower case. Raises Invalid when it is no recording of this kind."""
    plain = content_type.partition(";")[0].strip().lower()
    if plain not in RECORDED_TYPES[kind]:
        raise Invalid(FieldError("content_type", "wrong_kind"), code="wrong_kind")
    return plain


_STAMP: Final = r"(?:[0-9]{2,}:)?[0-5][0-9]:[0-5][0-9]\.[0-9]{3}"
_TIMING: Final = re.compile(rf"{_STAMP} --> {_STAMP}(?:[ \t].*)?")


def check_captions(text: str) -> None:
    """Raise Invalid unless the text is WebVTT: its first line, and every timing, as the W3C's format has them."""
    lines = text.removeprefix("\ufeff").splitlines()
    first = lines[0] if lines else ""
    if first != "WEBVTT" and not first.startswith(("WEBVTT ", "WEBVTT\t")):
        raise Invalid(FieldError("body", "not_webvtt"), code="not_webvtt")
    if "\x00" in text or any("-->" in line and not _TIMING.fullmatch(line.strip()) for line in lines):
        raise Invalid(FieldError("body", "not_webvtt"), code="not_webvtt")
