"""Exclusive locks on directories, kept by a file.

Engines inherit the lock's descriptor, so that it is free only when the last process of an engine has ended:
after a killed supervisor the next start waits for what is still shutting down and never opens a file twice.
"""

import asyncio
import fcntl
import os
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from kindroom.embedded.processes import POLL_SECONDS, StackError


class DirectoryInUse(StackError):
    """Somebody else holds the lock."""


async def free(path: Path, seconds: float, refusal: str) -> None:
    """Wait until nobody holds the lock on `path`, if there is one. Raises DirectoryInUse after `seconds`."""
    if path.parent.is_dir():
        (await FileLock(path, refusal).wait(seconds)).release()


class FileLock:
    """An exclusive lock on `path`, held by this process and by whom `fileno()` is passed to."""

    def __init__(self, path: Path, refusal: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._refusal = refusal
        self._fd: int | None = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def fileno(self) -> int:
        """The descriptor, to be inherited."""
        if self._fd is None:
            raise ValueError("the lock is closed")
        return self._fd

    def take(self) -> Self:
        """Take it now. Raises DirectoryInUse."""
        if not self._try():
            self.release()
            raise DirectoryInUse(self._refusal)
        return self

    async def wait(self, seconds: float) -> Self:
        """Take it within `seconds`. Raises DirectoryInUse."""
        deadline = time.monotonic() + seconds
        while not self._try():
            if time.monotonic() > deadline:
                self.release()
                raise DirectoryInUse(self._refusal)
            await asyncio.sleep(POLL_SECONDS)
        return self

    def release(self) -> None:
        """Give up our hold; children that inherited it keep theirs."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self.release()

    def _try(self) -> bool:
        try:
            fcntl.flock(self.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
