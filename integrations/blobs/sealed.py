"""Files of a recording on the blob port: sealed on their way in, opened by range on their way out.

Encryption runs in threads, a bounded piece at a time: a file is never in memory as a whole.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Final

from encryption.errors import Unreadable
from encryption.media import HEADER, SEGMENT, MediaReader, MediaSealer, SealedFile
from integrations.blobs.port import Blobs

_PIECE: Final = 16 * SEGMENT


async def seal_into(blobs: Blobs, file: SealedFile, chunks: AsyncIterator[bytes]) -> int:
    """Keep a file; how many bytes of plaintext it has. Raises Unavailable."""
    sealer = MediaSealer(file.key, file.place)
    size = 0

    async def sealed() -> AsyncIterator[bytes]:
        nonlocal size
        async for piece in _gathered(chunks):
            size += len(piece)
            yield await asyncio.to_thread(sealer.add, piece)
        yield await asyncio.to_thread(sealer.finish)

    await blobs.put(file.blob, sealed())
    return size


async def read_plain(
    blobs: Blobs, file: SealedFile, size: int, start: int = 0, stop: int | None = None
) -> AsyncIterator[bytes]:
    """The plaintext `[start, stop)` in pieces of 1 MiB. `size`: of the plaintext, as its row says.

    Raises BlobMissing, Unavailable, and Unreadable when the stored bytes are not those that were sealed.
    """
    stop = size if stop is None else min(stop, size)
    reader = await _reader(blobs, file, size)
    begin = start
    while begin < stop:
        end = min((begin // _PIECE + 1) * _PIECE, stop)
        sealed_from, sealed_to = reader.span(begin, end)
        sealed = bytearray()
        async for piece in blobs.read(file.blob, sealed_from, sealed_to):
            sealed += piece
        yield await asyncio.to_thread(reader.read, begin, end, bytes(sealed))
        begin = end


async def read_parts(
    blobs: Blobs, parts: Sequence[tuple[SealedFile, int, int]], start: int, stop: int
) -> AsyncIterator[bytes]:
    """The bytes `[start, stop)` of a file that lies in parts, each given with its first byte and its size."""
    for file, first, size in parts:
        begin, end = max(start - first, 0), min(stop - first, size)
        if begin < end:
            async for piece in read_plain(blobs, file, size, begin, end):
                yield piece


async def _reader(blobs: Blobs, file: SealedFile, size: int) -> MediaReader:
    header = bytearray()
    async for piece in blobs.read(file.blob, 0, HEADER):
        header += piece
    reader = MediaReader.of(file.key, file.place, bytes(header), await blobs.size(file.blob))
    if reader.size != size:
        raise Unreadable("unreadable_envelope")
    return reader


async def _gathered(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The same bytes in fewer, larger pieces."""
    pending = bytearray()
    async for chunk in chunks:
        pending += chunk
        if len(pending) >= _PIECE:
            yield bytes(pending)
            pending.clear()
    if pending:
        yield bytes(pending)
