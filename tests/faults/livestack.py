"""The product's own processes on real engines, an empty clinic in them, and ways to look on."""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from signal import SIGKILL, Signals
from typing import Any, LiteralString
from uuid import UUID, uuid4

import httpx
import psycopg
from psycopg import IsolationLevel
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb
from temporalio.client import Client

from bench.clinic import OpenRoom, open_rooms
from encryption.key_files import KeyFile, LocalFileKeys
from encryption.keys import KeyRing
from kindroom.embedded.passwords import SUPERUSER
from kindroom.embedded.placement import remove_home
from kindroom.embedded.processes import ChildSpec
from kindroom.embedded.programs import Programs
from kindroom.embedded.stack import EmbeddedStack
from kindroom.embedded.supervisor import Part
from kindroom.temporal import connect
from records.database import Database, Row


@dataclass
class Live:
    """A running stack."""

    stack: EmbeddedStack
    care: Database
    worker: Database
    api: httpx.AsyncClient
    temporal: Client

    async def rooms(self, count: int) -> list[OpenRoom]:
        """New rooms whose welcome was answered: nothing is owed in them."""
        opened = await open_rooms(self.care, count)
        for room in opened:
            assert (await self.post(room, room.therapist_token)).status_code == 201
        return opened

    async def post(self, room: OpenRoom, token: str, *, key: str | None = None) -> httpx.Response:
        """Write in a room, as an app does."""
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key or uuid4().hex}
        body = {"text": "It has been a long day."}
        return await self.api.post(f"/v1/rooms/{room.id}/messages", json=body, headers=headers)

    async def all(self, sql: str, *params: object) -> list[Row]:
        """Rows as the worker's login sees them."""
        async with self.worker.transaction() as tx:
            return await tx.all(sql, params)

    async def told(self, seconds: float = 60) -> None:
        """Wait until every note to Temporal was sent."""

        async def nothing_waits() -> bool:
            return not await self.all("SELECT id FROM outbox WHERE sent_at IS NULL LIMIT 1")

        await until(nothing_waits, seconds)

    async def state(self, workflow_id: str) -> dict[str, Any]:
        """What a workflow says of itself (`get_state`)."""
        found: dict[str, Any] = await self.temporal.get_workflow_handle(workflow_id).query("get_state")
        return found

    def part(self, name: str) -> Part:
        """An engine or a program of the stack."""
        return next(part for part in self.stack._supervisor._parts if part.name == name)

    def pid(self, name: str) -> int:
        """The process id of a part that runs."""
        child = self.part(name).child
        assert child is not None
        return child.pid

    @asynccontextmanager
    async def without(self, name: str, number: Signals = SIGKILL) -> AsyncIterator[None]:
        """A time in which a part is gone, killed without warning; it is back when this ends."""
        part, supervisor = self.part(name), self.stack._supervisor
        watch = next(task for task in supervisor._watchers if task.get_name() == f"watch {name}")
        watch.cancel()
        assert part.child is not None
        os.kill(part.child.pid, number)
        await part.child.exited()
        try:
            yield
        finally:
            await part.child.stop()
            await part.start()
            watched = asyncio.create_task(supervisor._watch(part), name=watch.get_name())
            supervisor._watchers[supervisor._watchers.index(watch)] = watched
            for database in (self.care, self.worker):
                await database._pool.check()

    def promise(self, seconds: float, rooms: list[OpenRoom]) -> None:
        """Put rooms on a promise short enough to watch it being kept or broken."""
        definition = {"kind": "working_minutes", "minutes": seconds / 60}
        name = f"in-{seconds:g}-seconds"
        with psycopg.connect(self.stack.postgres.dsn()) as connection:
            connection.execute(
                "INSERT INTO policies (id, kind, name, definition, effective_from)"
                " VALUES (%s, 'response', %s, %s, now() - interval '1 day')",
                (uuid4(), name, Jsonb(definition)),
            )
            connection.execute(
                "INSERT INTO response_terms (id, scope, room_id, policy_name, effective_from, applied_at)"
                " SELECT gen_random_uuid(), 'room', room, %s, now() - interval '1 day', now()"
                " FROM unnest(%s::uuid[]) room",
                (name, [room.id for room in rooms]),
            )

    @asynccontextmanager
    async def fence(self, name: str) -> AsyncIterator["Fence"]:
        """Whoever comes to this place of theirs (`mark` a note as sent, `post` a message) waits there meanwhile."""
        number = FENCES[name]
        async with await psycopg.AsyncConnection.connect(
            self.stack.postgres.dsn(SUPERUSER, "kindroom")
        ) as conn:
            await conn.execute("SELECT pg_advisory_lock(%s)", (number,))
            yield Fence(self, conn, number)

    def raise_fences(self) -> None:
        """Triggers that wait for the lock of a fence. Without one they pass at once."""
        with psycopg.connect(self.stack.postgres.dsn(SUPERUSER, "kindroom")) as connection:
            connection.execute(_FENCES)

    def snapshot(self, *queries: LiteralString, ids: list[UUID]) -> list[list[Row]]:
        """Rows of several questions about these rooms, as of one instant, past every policy."""
        dsn = self.stack.postgres.dsn(SUPERUSER, "kindroom")
        with psycopg.connect(dsn, row_factory=dict_row) as connection:
            connection.isolation_level = IsolationLevel.REPEATABLE_READ
            return [connection.execute(query, (ids,)).fetchall() for query in queries]

    def dump(self, query: LiteralString, *params: object) -> list[tuple[Any, ...]]:
        """Rows as the superuser sees them, past every policy."""
        with psycopg.connect(self.stack.postgres.dsn(SUPERUSER, "kindroom")) as connection:
            return connection.execute(query, params).fetchall()


FENCES = {"mark": 71_001, "post": 71_002}
_FENCES = """
CREATE FUNCTION wait_at_fence() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(TG_ARGV[0]::bigint);
    RETURN NEW;
END $$;
CREATE TRIGGER fence BEFORE UPDATE ON outbox FOR EACH ROW
    WHEN (NEW.sent_at IS NOT NULL AND OLD.sent_at IS NULL) EXECUTE FUNCTION wait_at_fence('71001');
CREATE TRIGGER fence AFTER INSERT ON messages FOR EACH ROW EXECUTE FUNCTION wait_at_fence('71002');
"""


@dataclass
class Fence:
    """A place where a process of the product is held, so that it can be ended exactly there."""

    live: Live
    connection: psycopg.AsyncConnection[Any]
    number: int

    async def reached(self, seconds: float = 30) -> None:
        """Wait until somebody waits at the fence."""

        async def waits() -> bool:
            return bool(
                self.live.dump(
                    "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objid = %s AND NOT granted",
                    self.number,
                )
            )

        await until(waits, seconds)

    async def open(self) -> None:
        """Let them pass."""
        await self.connection.execute("SELECT pg_advisory_unlock(%s)", (self.number,))


def _stack(folder: Path, demo: bool, preloaded: Mapping[str, str]) -> EmbeddedStack:
    if not preloaded:
        return EmbeddedStack(folder, demo=demo)
    under = ("/usr/bin/env", *(f"{name}={value}" for name, value in preloaded.items()))
    ours = Programs()
    assert ours.api
    assert ours.worker
    programs = replace(ours, api=(*under, *ours.api), worker=(*under, *ours.worker))
    stack = EmbeddedStack(folder, demo=demo, programs=programs)
    plain = stack.postgres._spec

    def spec(name: str, *command: str) -> ChildSpec:
        given = plain(name, *command)
        if name != "postgres":  # making the cluster needs no wrong clock
            return given
        return replace(given, command=(*under, *given.command))

    stack.postgres._spec = spec  # type: ignore[method-assign]
    return stack


async def until(holds: Callable[[], Awaitable[bool]], seconds: float = 60) -> None:
    """Wait until it holds. Raises TimeoutError."""
    async with asyncio.timeout(seconds):
        while not await holds():  # noqa: ASYNC110  other processes set no Event of ours
            await asyncio.sleep(0.05)


@contextmanager
def data_folder(name: str) -> Iterator[Path]:
    """A directory of one's own that PostgreSQL's user may pass; gone afterwards."""
    with tempfile.TemporaryDirectory(prefix=f"kindroom-{name}-") as made:
        folder = Path(made)
        folder.chmod(0o711)
        try:
            yield folder
        finally:
            remove_home(folder / "postgres")


@asynccontextmanager
async def live(
    folder: Path, *, demo: bool = False, preloaded: Mapping[str, str] | None = None
) -> AsyncIterator[Live]:
    """PostgreSQL, Temporal, sandbox, API and worker on `folder`; stopped in order afterwards.

    `preloaded`: a library that API, worker and PostgreSQL are started with, and its settings.
    """
    async with _stack(folder, demo, preloaded or {}) as stack:
        ring = KeyRing(LocalFileKeys(folder / "secrets" / "kek.json"))
        databases = [
            Database(stack.postgres.dsn(f"kindroom_{login}"), ring, size=4) for login in ("care", "worker")
        ]
        for database in databases:
            await database.open()
        temporal = await connect(
            stack.temporal.address,
            stack.temporal.namespace,
            KeyFile(folder / "secrets" / "codec.json"),
            environ={},
        )
        async with httpx.AsyncClient(base_url=stack.api_url, timeout=30) as api:
            yield Live(stack, *databases, api, temporal)
        for database in databases:
            await database.close()
