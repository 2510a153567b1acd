"""The product's own processes on real engines, an empty clinic in them, and ways to look on."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
from temporalio.client import Client

from bench.clinic import OpenRoom, open_rooms
from encryption.key_files import KeyFile, LocalFileKeys
from encryption.keys import KeyRing
from kindroom.embedded.placement import remove_home
from kindroom.embedded.programs import Programs
from kindroom.embedded.stack import EmbeddedStack
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

    async def told(self, seconds: float = 20) -> None:
        """Wait until every note to Temporal was sent."""

        async def nothing_waits() -> bool:
            return not await self.all("SELECT id FROM outbox WHERE sent_at IS NULL LIMIT 1")

        await until(nothing_waits, seconds)

    async def state(self, workflow_id: str) -> dict[str, Any]:
        """What a workflow says of itself (`get_state`)."""
        found: dict[str, Any] = await self.temporal.get_workflow_handle(workflow_id).query("get_state")
        return found

    def pid(self, name: str) -> int:
        """The process of that name, as it runs now."""
        return self.stack.pids()[name]


async def until(holds: Callable[[], Awaitable[bool]], seconds: float = 20) -> None:
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
async def live(folder: Path, **more: Any) -> AsyncIterator[Live]:
    """PostgreSQL, Temporal, sandbox, API and worker on `folder`; stopped in order afterwards."""
    programs = Programs(seed=None)
    async with EmbeddedStack(folder, demo=False, programs=programs, **more) as stack:
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


def id_of(text: str) -> UUID:
    """The id in a workflow id such as `room-<id>`."""
    return UUID(text.partition("-")[2])
