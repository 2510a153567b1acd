"""A voice or video message as a page shows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from json import dumps

from domain.opening import unopened
from web.times import iso

NAMES = {"audio": "Voice message", "video": "Video message"}
PREPARED = "Being prepared. It plays here in a moment."
REFUSED = "This recording could not be played."
REFUSED_MINE = "This could not be prepared for playing. Please record it again, or send another file."


@dataclass(frozen=True, slots=True)
class Medium:
    """A recording. `kind` is audio or video; `state` processing, ready, refused or damaged. `waveform`: 48 numbers of 0
    to 100. The addresses are links of this reader that die at `expires_at` (UTC). `refused_reason` is told to its
    sender only.
    """

    media_id: str
    kind: str
    state: str
    mine: bool = False
    duration_ms: int | None = None
    waveform: tuple[int, ...] = ()
    width: int | None = None
    height: int | None = None
    url: str | None = None
    poster_url: str | None = None
    captions_url: str | None = None
    expires_at: datetime | None = None
    refused_reason: str | None = None

    @property
    def label(self) -> str:
        """`Voice message, 0:42`."""
        return NAMES[self.kind] + (f", {length_words(self.duration_ms)}" if self.duration_ms else "")

    @property
    def told(self) -> str:
        """What stands in the place of a recording that cannot be played, now or ever."""
        if self.state == "refused":
            return REFUSED_MINE if self.mine else REFUSED
        if self.state == "damaged":
            return unopened("recording")
        return PREPARED

    @property
    def wire(self) -> str:
        """The media object of the API as JSON, for the script that draws the player."""
        return dumps(
            {
                "media_id": self.media_id,
                "kind": self.kind,
                "state": self.state,
                "duration_ms": self.duration_ms,
                "waveform": self.waveform,
                "width": self.width,
                "height": self.height,
                "url": self.url,
                "poster_url": self.poster_url,
                "captions_url": self.captions_url,
                "expires_at": None if self.expires_at is None else iso(self.expires_at),
                "refused_reason": self.refused_reason,
            }
        )


def length_words(milliseconds: int) -> str:
    """`0:42`, `12:05`, `1:02:03`: the same words as `lengthWords` of the player."""
    minutes, seconds = divmod((milliseconds + 500) // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
