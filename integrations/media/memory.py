"""Files that exist in memory only: plaintext of recordings touches no disk."""

import asyncio
import os
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Self

_PIECE = 1024 * 1024


class MemoryFile:
    """An anonymous file (memfd) that can be given to a child process. Gone when it is closed."""

    def __init__(self) -> None:
        self.fd = os.memfd_create("recording", os.MFD_CLOEXEC)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def size(self) -> int:
        """Bytes."""
        return os.fstat(self.fd).st_size

    async def write(self, content: AsyncIterator[bytes]) -> int:
        """Fill it from its beginning; how many bytes came."""
        at = 0
        async for piece in content:
            await asyncio.to_thread(_write, self.fd, piece, at)
            at += len(piece)
        return at

    async def write_sparse(self, size: int, pieces: AsyncIterator[tuple[int, bytes]]) -> None:
        """Make it that large, with bytes here and there and zeros between."""
        os.ftruncate(self.fd, size)
        async for at, piece in pieces:
            await asyncio.to_thread(_write, self.fd, piece, at)

    async def chunks(self) -> AsyncIterator[bytes]:
        """What it holds, from the beginning."""
        at = 0
        while piece := await asyncio.to_thread(os.pread, self.fd, _PIECE, at):
            at += len(piece)
            yield piece

    def close(self) -> None:
        """Let go of the memory."""
        os.close(self.fd)


def _write(fd: int, piece: bytes, at: int) -> None:
    left = memoryview(piece)
    while left:
        done = os.pwrite(fd, left, at)
        at, left = at + done, left[done:]
