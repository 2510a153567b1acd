"""Live events: what changed for whom, as ids and numbers. Sent by NOTIFY after the commit; catch-up heals.

NOTIFY inside a business transaction would hold a database-wide lock through its fsync, so one task per
process gathers what was committed within five milliseconds and sends it on a connection of its own.
"""

import asyncio
import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

import psycopg

CHANNEL = "kindroom"
_GATHER_SECONDS = 0.005
_NOTIFY_LIMIT = 7_500  # bytes; PostgreSQL refuses 8,000


class EventKind(StrEnum):
    """What a device hears about."""

    MESSAGE = "message"
    READ = "read"
    PROMISE = "promise"
    SESSION = "session"
    NOTICE = "notice"
    JOURNEY = "journey"
    BOARD = "board"
    DEVICES = "devices"  # a device was signed out: the person's streams end and reconnect


@dataclass(frozen=True, slots=True)
class Event:
    """Something changed in a room (`room_id`), for a person (`account_id`), or on a staff list (neither)."""

    kind: EventKind
    room_id: UUID | None = None
    account_id: UUID | None = None
    seq: int | None = None

    def pack(self) -> list[object]:
        """The event as a small JSON array."""
        return [
            self.kind.value,
            str(self.room_id) if self.room_id else None,
            str(self.account_id) if self.account_id else None,
            self.seq,
        ]

    @staticmethod
    def unpack(values: list[object]) -> "Event":
        """The reverse of `pack`."""
        kind, room, account, seq = values
        return Event(
            EventKind(str(kind)),
            UUID(str(room)) if room else None,
            UUID(str(account)) if account else None,
            int(str(seq)) if seq is not None else None,
        )


class Announcer:
    """Sends committed events to every process that listens."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._queue: asyncio.Queue[Event] = asyncio.Queue(maxsize=100_000)
        self._task: asyncio.Task[None] | None = None

    def announce(self, events: Iterable[Event]) -> None:
        """Hand over events; never waits, never fails. What a full queue drops, devices catch up by seq."""
        for event in events:
            with suppress(asyncio.QueueFull):
                self._queue.put_nowait(event)

    def start(self) -> None:
        """Begin sending, on the running event loop."""
        self._task = asyncio.create_task(self._run(), name="announcer")

    async def stop(self) -> None:
        """Send what is waiting, then end."""
        if self._task is None:
            return
        for _ in range(50):
            if self._queue.empty():
                break
            await asyncio.sleep(_GATHER_SECONDS)
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task

    async def _run(self) -> None:
        batch: str | None = None
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(
                    self._dsn, autocommit=True, connect_timeout=5
                ) as conn:
                    await conn.execute("SET synchronous_commit = off")  # a lost announcement is healed
                    while True:
                        batch = batch or await self._gather()
                        await conn.execute("SELECT pg_notify(%s, %s)", (CHANNEL, batch))
                        batch = None
            except psycopg.Error:
                await asyncio.sleep(0.5)  # PostgreSQL is away; streams heal when it is back

    async def _gather(self) -> str:
        packed = [json.dumps((await self._queue.get()).pack(), separators=(",", ":"))]
        await asyncio.sleep(_GATHER_SECONDS)
        size = len(packed[0])
        while not self._queue.empty() and size < _NOTIFY_LIMIT - 200:
            text = json.dumps(self._queue.get_nowait().pack(), separators=(",", ":"))
            packed.append(text)
            size += len(text) + 1
        return "[" + ",".join(packed) + "]"
