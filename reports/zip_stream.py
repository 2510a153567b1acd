"""A ZIP archive written while it is read: piece by piece, never whole in memory, never on a disk."""

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import datetime
from typing import Final
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

_HUGE: Final = 2**30  # bytes; larger entries are told in the form that counts in 64 bits
_PRIVATE: Final = 0o600 << 16


class _Sink(io.RawIOBase):
    """What was written and not taken yet. It cannot seek, so the archive tells sizes behind each entry."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        piece = bytes(data)  # type: ignore[call-overload]
        self._pieces.append(piece)
        return len(piece)

    def take(self) -> bytes:
        """Everything that was written since the last time."""
        taken, self._pieces = b"".join(self._pieces), []
        return taken


class ZipStream:
    """Add entries one after the other, passing on what each yields; `end` gives the last bytes."""

    def __init__(self, made_at: datetime) -> None:
        """`made_at` is the time of every entry, on the wall clock of whoever reads the archive."""
        self._sink = _Sink()
        self._zip = ZipFile(self._sink, "w")
        self._date = made_at.timetuple()[:6]

    async def add(
        self, name: str, parts: AsyncIterator[bytes], *, packed: bool = True, size: int = 0
    ) -> AsyncIterator[bytes]:
        """One file, as its parts come. `packed`: worth compressing. `size`: about, in bytes."""
        info = ZipInfo(name, date_time=self._date)
        info.compress_type = ZIP_DEFLATED if packed else ZIP_STORED
        info.external_attr = _PRIVATE
        with self._zip.open(info, "w", force_zip64=size > _HUGE) as entry:
            async with aclosing(parts):  # type: ignore[type-var]
                async for part in parts:
                    await asyncio.to_thread(entry.write, part)
                    if ready := self._sink.take():
                        yield ready
        if ready := self._sink.take():
            yield ready

    def end(self) -> bytes:
        """The table of what is in it. Nothing can be added any more."""
        self._zip.close()
        return self._sink.take()
