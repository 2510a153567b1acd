"""A clinic on skipped time: the real workflows, activities, rows and notes, while a month passes in seconds.

Temporal's time-skipping test server keeps the clock. PostgreSQL cannot skip, so every transaction is made at the
server's instant (`tx.now`); the clock reading inside a rung is answered with the same. A transaction of the story
first lets the server's time pass to its instant, and each commit's notes are sent before time goes on.
"""

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import DictRow
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import (
    Client,
    Interceptor,
    OutboundInterceptor,
    StartWorkflowInput,
    WorkflowExecutionStatus,
    WorkflowHandle,
)
from temporalio.testing import WorkflowEnvironment

from bench.post_message import searchable
from domain.access import Actor
from encryption.blind_index import BlindIndex
from encryption.key_files import KeyFile, LocalFileKeys
from encryption.keys import KeyRing
from encryption.ledgers import ShredLedger
from integrations.blobs.directory import DirectoryBlobs
from integrations.media.limited import LimitedProcessor
from integrations.notify.spool import SpoolNotifier
from integrations.notify.texts import Letterhead
from kindroom.clinic import opening
from kindroom.clinic.clearinghouse import PastClearingHouse
from kindroom.clinic.house import House
from kindroom.clinic.past import Past
from kindroom.dispatcher import Dispatcher
from kindroom.embedded.passwords import OWNER
from kindroom.embedded.placement import remove_home
from kindroom.embedded.postgres import EmbeddedPostgres
from kindroom.temporal import connect
from kindroom.worker import Ports, workers
from records.clinic import clinic_key, ensure_clinic_key
from records.database import Database, Params, Row, Transaction
from records.migrate import migrate

Clock = Callable[[], Awaitable[datetime]]
Deed = Callable[[], Awaitable[None]]
Histories = dict[str, list[list[HistoryEvent]]]
"""The events of each workflow, by its id and run by run."""
_CLOCK_READING = "SELECT clock_timestamp() AS now"


class _Instant(Transaction):
    """A transaction to which the database's own clock shows the skipped time, too."""

    async def one(self, sql: str, params: Params = ()) -> Row | None:
        return {"now": self.now} if sql == _CLOCK_READING else await super().one(sql, params)


class WorkersDatabase(Database):
    """What activities write to: at the server's instant, their notes sent before the activity answers.

    Time does not skip while an activity runs, so a note arrives at the instant at which it was written.
    """

    def __init__(self, dsn: str, ring: KeyRing, clock: Clock, afterwards: Deed) -> None:
        super().__init__(dsn, ring, size=8)
        self._clock, self._afterwards = clock, afterwards

    @asynccontextmanager
    async def transaction(
        self, actor: Actor | None = None, at: datetime | None = None
    ) -> AsyncIterator[Transaction]:
        async with super().transaction(actor, at or await self._clock()) as tx:
            yield _Instant(tx.conn, actor, tx.now, tx.ring)
        await self._afterwards()


class StoryDatabase(Past):
    """What the people of the story write to, as the functions of `kindroom.clinic` know it. Each touch comes at
    `now`: the server's time passes to it first.
    """

    def __init__(self, dsn: str, ring: KeyRing, now: datetime, until: Callable[[datetime], Awaitable[None]],
                 afterwards: Deed) -> None:  # fmt: skip
        Database.__init__(self, dsn, ring, size=4)
        self.present = self.now = now
        self._until, self._afterwards = until, afterwards

    @contextmanager
    def at(self, instant: datetime) -> Any:
        """Let everything inside happen at `instant`. Afterwards it is not earlier than that."""
        before, self.now = self.now, instant
        try:
            yield instant
        finally:
            self.now = max(before, instant)

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[AsyncConnection[DictRow]]:
        await self._until(self.now)
        async with Database.connection(self) as conn:
            yield conn
        await self._afterwards()

    @asynccontextmanager
    async def transaction(
        self, actor: Actor | None = None, at: datetime | None = None
    ) -> AsyncIterator[Transaction]:
        await self._until(at or self.now)
        async with Database.transaction(self, actor, at or self.now) as tx:
            yield tx
        await self._afterwards()


class _Handles(Interceptor):
    """Remembers the first run of every workflow that was started."""

    def __init__(self) -> None:
        self.first_runs: dict[str, str] = {}

    def intercept_client(self, next: OutboundInterceptor) -> OutboundInterceptor:  # noqa: A002
        seen = self.first_runs

        class Noting(OutboundInterceptor):
            async def start_workflow(self, input: StartWorkflowInput) -> WorkflowHandle[Any, Any]:  # noqa: A002
                handle = await super().start_workflow(input)
                seen.setdefault(input.id, handle.first_execution_run_id or handle.result_run_id or "")
                return handle

        return Noting(next)


@dataclass
class SkippingClinic:
    """The demo clinic's staff and payers on skipped time. `house` is what the functions of `kindroom.clinic` take."""

    house: House
    payers: PastClearingHouse
    client: Client
    environment: WorkflowEnvironment
    _handles: _Handles
    _deliver: Deed
    _ended: set[str] = field(default_factory=set)

    async def now(self) -> datetime:
        """The server's instant."""
        return await self.environment.get_current_time()

    async def pass_to(self, instant: datetime) -> None:
        """Let time pass; what falls due meanwhile happens."""
        wait = instant - await self.now()
        if wait > timedelta():
            await self.settle()
            await self.environment.sleep(wait)
        await self.settle()

    async def settle(self) -> None:
        """Every note delivered, every workflow at rest."""
        await self._deliver()
        for workflow_id in self._handles.first_runs.keys() - self._ended:
            while await self._busy(workflow_id):  # noqa: ASYNC110  another process sets no Event of ours
                await asyncio.sleep(0.002)

    async def _busy(self, workflow_id: str) -> bool:
        found = await self.client.get_workflow_handle(workflow_id).describe()
        if found.status is not WorkflowExecutionStatus.RUNNING:
            self._ended.add(workflow_id)
            return False
        raw = found.raw_description
        return raw.HasField("pending_workflow_task") or bool(raw.pending_activities)

    async def histories(self) -> Histories:
        """Of every workflow that was started."""
        return {
            workflow_id: await self._runs(workflow_id) for workflow_id in sorted(self._handles.first_runs)
        }

    async def _runs(self, workflow_id: str) -> list[list[HistoryEvent]]:
        found, run_id = [], self._handles.first_runs[workflow_id]
        while run_id:
            handle = self.client.get_workflow_handle(workflow_id, run_id=run_id)
            events = list((await handle.fetch_history()).events)
            found.append(events)
            run_id = events[-1].workflow_execution_continued_as_new_event_attributes.new_execution_run_id
        return found


@asynccontextmanager
async def skipping_clinic() -> AsyncIterator[SkippingClinic]:
    """PostgreSQL, the test server, the workers and an opened clinic; all gone afterwards."""
    async with AsyncExitStack() as stack:
        data_dir = searchable(stack.enter_context(tempfile.TemporaryDirectory(prefix="kindroom-bench-")))
        stack.callback(remove_home, data_dir / "postgres")
        postgres = await stack.enter_async_context(
            EmbeddedPostgres(data_dir, server_settings={"fsync": "off"})
        )
        migrate(postgres.dsn())
        environment = await WorkflowEnvironment.start_time_skipping(
            test_server_existing_path=str(Path(sys.executable).with_name("temporal-test-server"))
        )
        await stack.enter_async_context(environment)
        yield await _open(stack, data_dir, postgres, environment)


async def _open(
    stack: AsyncExitStack, data_dir: Path, postgres: EmbeddedPostgres, environment: WorkflowEnvironment
) -> SkippingClinic:
    ring, handles = KeyRing(LocalFileKeys(data_dir / "kek.json")), _Handles()
    plain = await connect(
        environment.client.service_client.config.target_host, "default", KeyFile(data_dir / "codec.json")
    )
    config = plain.config()
    client = Client(**{**config, "interceptors": [*config["interceptors"], handles]})
    notes = await _opened(stack, Database(postgres.dsn("kindroom_worker"), ring, size=4))
    dispatcher, one_at_a_time = Dispatcher(notes, client), asyncio.Lock()

    async def deliver() -> None:
        async with one_at_a_time:
            while await dispatcher.send_batch():
                pass

    clock = environment.get_current_time
    clinic: SkippingClinic

    async def pass_to(instant: datetime) -> None:
        await clinic.pass_to(instant)

    begun = await clock()
    story = StoryDatabase(postgres.dsn(OWNER), ring, begun, pass_to, deliver)
    await _opened(stack, story)
    payers = PastClearingHouse(data_dir, story)
    stack.callback(payers.close)
    clinic = SkippingClinic(None, payers, client, environment, handles, deliver)  # type: ignore[arg-type]  below
    await ensure_clinic_key(story)
    async with story.transaction() as tx:
        index = BlindIndex(await clinic_key(tx))
    clinic.house = House(story, index, "-")
    await opening.open_clinic(clinic.house)
    working = await _opened(stack, WorkersDatabase(postgres.dsn("kindroom_worker"), ring, clock, deliver))
    notifier = SpoolNotifier(
        data_dir / "mail", Letterhead("clinic@kindroom.example", "https://kindroom.example")
    )
    shreds = ShredLedger(data_dir / "shreds.jsonl")
    ports = Ports(payers, notifier, DirectoryBlobs(data_dir / "blobs"), LimitedProcessor(), shreds)
    for worker in workers(client, working, ports):
        await stack.enter_async_context(worker)
    return clinic


async def _opened(stack: AsyncExitStack, database: Database) -> Database:
    await database.open()
    stack.push_async_callback(database.close)
    return database
