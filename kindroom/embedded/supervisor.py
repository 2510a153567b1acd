"""Keeps parts running: notices a death, says so, starts the part again; stops all in order."""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Protocol

from kindroom.embedded.console import Board
from kindroom.embedded.processes import Child, StackError, describe_exit

FIRST_PAUSE = 0.2
LONGEST_PAUSE = 15.0
CALM_SECONDS = 30.0


class Part(Protocol):
    """An engine or a program. `start` may be called again after the child died."""

    child: Child | None

    @property
    def name(self) -> str: ...

    async def start(self) -> None: ...

    async def stop(self, hurry: asyncio.Event | None = None) -> None: ...


class Supervisor:
    """Keeps parts running until they are stopped, in the order of `stop_order` (their names).

    `changed` is called when a part has come back under another process id.
    """

    def __init__(self, stop_order: Sequence[str], board: Board, changed: Callable[[], None]) -> None:
        self._stop_order = stop_order
        self._board = board
        self._changed = changed
        self._parts: list[Part] = []
        self._watchers: list[asyncio.Task[None]] = []

    async def start(self, part: Part) -> None:
        """Start a part and keep it running from now on. Raises StackError when it does not start."""
        self._parts.append(part)
        with self._board.step(part.name):
            await part.start()
        self._watchers.append(asyncio.create_task(self._watch(part), name=f"watch {part.name}"))

    def pids(self) -> dict[str, int]:
        """Process ids by name."""
        return {part.name: part.child.pid for part in self._parts if part.child}

    async def stop(self, hurry: asyncio.Event | None = None) -> None:
        """End every part, one after the other, each within its own time."""
        for watcher in self._watchers:
            watcher.cancel()
        await asyncio.gather(*self._watchers, return_exceptions=True)
        self._watchers.clear()
        for part in sorted(self._parts, key=lambda part: self._stop_order.index(part.name)):
            with self._board.step(f"stopping {part.name}"):
                await part.stop(hurry)
        self._parts.clear()

    async def _watch(self, part: Part) -> None:
        pause = FIRST_PAUSE
        while child := part.child:
            began = time.monotonic()
            status = await child.exited()
            await child.stop()  # ends what it may have left behind in its group
            if time.monotonic() - began > CALM_SECONDS:
                pause = FIRST_PAUSE
            self._board.trouble(f"{part.name} ended ({describe_exit(status)}); starting it again")
            pause = await self._start_again(part, pause)

    async def _start_again(self, part: Part, pause: float) -> float:
        died = time.monotonic()
        while True:
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
            try:
                await part.start()
            except (StackError, OSError) as refusal:
                if part.child and part.child.running:
                    await part.child.stop()
                self._board.trouble(f"{refusal}; next try in {pause:.1f} s")
                continue
            self._board.note(f"{part.name} is back after {time.monotonic() - died:.1f} s")
            self._changed()
            return pause
