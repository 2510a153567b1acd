"""The port to whatever makes recordings playable. It gets plaintext in memory only, and returns it in memory only."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from domain.media import Details, MediumKind
from integrations.media.memory import MemoryFile


@dataclass(frozen=True, slots=True)
class Made:
    """A playable copy (MP4: H.264 and AAC, or AAC alone), and for a video a picture of it (JPEG)."""

    details: Details
    play: MemoryFile
    poster: MemoryFile | None


class MediaProcessor(Protocol):
    """Looks at recordings, and makes playable copies of them."""

    async def probe(self, size: int, sparse: AsyncIterator[tuple[int, bytes]], kind: MediumKind) -> None:
        """Whether this can be played at all: it is one format, and its first pictures and sounds decode.

        `sparse`: the beginning and the end of the recording, as offsets with bytes. Raises RecordingRefused,
        Unavailable.
        """
        ...

    def process(
        self, size: int, content: AsyncIterator[bytes], kind: MediumKind
    ) -> AbstractAsyncContextManager[Made]:
        """A playable copy, gone from memory when the block ends. Raises RecordingRefused, Unavailable (try again)."""
        ...
