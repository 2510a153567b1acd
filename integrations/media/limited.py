"""Recordings looked at and copied by a limited child process: `integrations.media.program`."""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from domain.errors import Unavailable
from domain.media import Details, MediumKind, RecordingRefused, Refusal
from integrations.media.memory import MemoryFile
from integrations.media.port import Made

_ROOT: Final = Path(__file__).resolve().parents[2]
_OVER_ITS_LIMITS: Final = {signal.SIGXCPU, signal.SIGXFSZ}
_CRASHED: Final = {
    signal.SIGSEGV,
    signal.SIGABRT,
    signal.SIGFPE,
    signal.SIGILL,
    signal.SIGBUS,
    signal.SIGSYS,
}


class LimitedProcessor:
    """One child per recording, and never more of them at once than `together`."""

    def __init__(
        self,
        *,
        together: int = 1,
        look_for: timedelta = timedelta(seconds=10),
        make_for: timedelta = timedelta(minutes=20),
    ) -> None:
        self._places = asyncio.Semaphore(together)
        self._look_for = look_for
        self._make_for = make_for

    async def probe(self, size: int, sparse: AsyncIterator[tuple[int, bytes]], kind: MediumKind) -> None:
        """See `MediaProcessor.probe`."""
        async with self._places:
            with MemoryFile() as source:
                await source.write_sparse(size, sparse)
                await self._run("look", kind, self._look_for, source)

    @asynccontextmanager
    async def process(
        self, size: int, content: AsyncIterator[bytes], kind: MediumKind
    ) -> AsyncIterator[Made]:
        """See `MediaProcessor.process`."""
        async with self._places:
            with ExitStack() as files:
                source, play, poster = (files.enter_context(MemoryFile()) for _ in range(3))
                if await source.write(content) != size:
                    raise Unavailable
                found = await self._run("make", kind, self._make_for, source, play, poster)
                details = Details(
                    found["duration_ms"], tuple(found["waveform"]), found["width"], found["height"]
                )
                yield Made(details, play, poster if poster.size else None)

    async def _run(self, task: str, kind: MediumKind, cpu: timedelta, *files: MemoryFile) -> dict[str, Any]:
        """What the child found. Raises RecordingRefused, and Unavailable when it ended otherwise than by its limits."""
        seconds = int(cpu.total_seconds())
        descriptors = [file.fd for file in files]
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-s",
            "-E",
            "-m",
            "integrations.media.program",
            *(task, kind.value, str(seconds), *map(str, descriptors)),
            cwd=_ROOT,
            env={},
            pass_fds=descriptors,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,  # what a decoder says quotes what it was given
        )
        try:
            async with asyncio.timeout(2 * seconds):  # the machine may be busy with others
                answer, _ = await child.communicate()
        except TimeoutError:
            raise Unavailable from None
        finally:
            if child.returncode is None:
                child.kill()
                await child.wait()
        return verdict(child.returncode, answer)


def verdict(code: int | None, answer: bytes) -> dict[str, Any]:
    """What a child that ended so has found out. Raises RecordingRefused, Unavailable."""
    if code == 0:
        found: dict[str, Any] = json.loads(answer)
        if "refused" in found:
            raise RecordingRefused(Refusal(found["refused"]))
        return found
    if code is not None and -code in _OVER_ITS_LIMITS:
        raise RecordingRefused(Refusal.TAKES_TOO_MUCH)
    if code is not None and -code in _CRASHED:
        raise RecordingRefused(Refusal.NOT_PLAYABLE)
    raise Unavailable
