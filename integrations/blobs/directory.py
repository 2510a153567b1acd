"""Sealed files in a directory, which every process of the service shares (a disk, or a network file system)."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from domain.errors import Unavailable
from integrations.blobs.port import BlobMissing, checked, checked_prefix

_PIECE = 1024 * 1024


class DirectoryBlobs:
    """One file per blob, written beside its place, synced, and renamed into it."""

    refuses_production = (
        False  # what lies there is sealed; that all processes see it is for the operator to see to
    )

    def __init__(self, root: Path) -> None:
        self._root = root

    async def put(self, key: str, chunks: AsyncIterator[bytes] | bytes) -> None:
        """See `Blobs.put`."""
        target = self._root / checked(key)
        coming = target.with_name(f".{target.name}-{uuid4()}")
        try:
            with await asyncio.to_thread(_create, coming) as file:
                async for chunk in _pieces(chunks):
                    await asyncio.to_thread(_write_all, file, chunk)
                await asyncio.to_thread(os.fsync, file.fileno())
            await asyncio.to_thread(_put_in_place, coming, target)
        except OSError:
            raise Unavailable from None
        finally:
            with suppress(OSError):
                coming.unlink()

    async def read(self, key: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """See `Blobs.read`."""
        path = self._root / checked(key)
        try:
            with await asyncio.to_thread(path.open, "rb", buffering=0) as file:
                left = (os.fstat(file.fileno()).st_size if end is None else end) - start
                file.seek(start)
                while left > 0:
                    piece = await asyncio.to_thread(file.read, min(left, _PIECE))
                    if not piece:
                        return
                    left -= len(piece)
                    yield piece
        except FileNotFoundError:
            raise BlobMissing from None
        except OSError:
            raise Unavailable from None

    async def size(self, key: str) -> int:
        """See `Blobs.size`."""
        try:
            return (await asyncio.to_thread((self._root / checked(key)).stat)).st_size
        except FileNotFoundError:
            raise BlobMissing from None
        except OSError:
            raise Unavailable from None

    async def delete_all(self, prefix: str) -> int:
        """See `Blobs.delete_all`."""
        try:
            return await asyncio.to_thread(self._delete, checked_prefix(prefix))
        except OSError:
            raise Unavailable from None

    def _delete(self, prefix: str) -> int:
        folder, _, start = prefix.rpartition("/")
        gone = 0
        for path in sorted((self._root / folder).glob(f"{start}*"), reverse=True):
            if path.is_dir():
                gone += self._delete(f"{path.relative_to(self._root)}/")
            else:
                path.unlink(missing_ok=True)
                gone += 1
        with suppress(OSError):  # not there, or not empty
            (self._root / folder).rmdir()
        return gone


async def _pieces(chunks: AsyncIterator[bytes] | bytes) -> AsyncIterator[bytes]:
    if isinstance(chunks, bytes):
        yield chunks
        return
    async for chunk in chunks:
        yield chunk


def _create(path: Path) -> BinaryIO:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.open("xb", buffering=0)


def _write_all(file: BinaryIO, chunk: bytes) -> None:
    """A disk that is almost full takes a part and says how much: the rest is tried until it refuses."""
    rest = memoryview(chunk)
    while rest:
        rest = rest[file.write(rest) :]


def _put_in_place(coming: Path, target: Path) -> None:
    coming.rename(target)
    for folder in (target.parent, *target.parents[1:3]):  # a new folder must last, too
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
