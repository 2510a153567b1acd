"""One fault, once: what goes away, at which point of its work, and how it comes back."""

import asyncio
import os
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from signal import SIGCONT, SIGQUIT, SIGSTOP, SIGTERM

import psycopg
from ledger import Ledger
from livestack import Live, until

from bench.clinic import OpenRoom
from kindroom.dispatcher import message_of
from records.outbox import Note

Strike = Callable[["Scene"], Awaitable[None]]


@dataclass
class Scene:
    """Where a fault strikes."""

    live: Live
    rooms: list[OpenRoom]
    ledger: Ledger
    dice: random.Random
    long: bool
    struck: int = 0  # how often before


async def worker_killed(scene: Scene) -> None:
    """The worker, at any point of its work."""
    with scene.ledger.outage():
        async with scene.live.without("worker"):
            await asyncio.sleep(scene.dice.uniform(0, 0.5))


async def dispatcher_killed(scene: Scene) -> None:
    """The worker between what it sent and marking it as sent: everything of that batch is sent again."""
    async with scene.live.fence("mark") as fence:
        await fence.reached()
        with scene.ledger.outage():
            async with scene.live.without("worker"):
                await fence.open()


async def api_killed(scene: Scene) -> None:
    """The API, in turn before anything of a request was committed, and after its commit, before its answer."""
    await (_after_commit if scene.struck % 2 else _before_commit)(scene)


async def _before_commit(scene: Scene) -> None:
    async with await psycopg.AsyncConnection.connect(scene.live.stack.postgres.dsn()) as connection:
        await connection.execute("LOCK TABLE sessions IN ACCESS EXCLUSIVE MODE")

        async def someone_asks_who_it_is() -> bool:
            return bool(
                scene.live.dump(
                    "SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'sessions'::regclass"
                )
            )

        await until(someone_asks_who_it_is)
        async with scene.live.without("api"):
            await connection.rollback()


async def _after_commit(scene: Scene) -> None:
    async with scene.live.fence("post") as fence:
        await fence.reached()
        api = scene.live.pid("api")
        os.kill(api, SIGSTOP)
        await fence.open()

        async def all_done() -> bool:
            return not scene.live.dump(
                "SELECT 1 FROM pg_stat_activity WHERE application_name = 'care' AND state = 'active'"
            )

        await until(all_done)
        async with scene.live.without("api"):
            pass


async def temporal_killed(scene: Scene) -> None:
    """Temporal's server, for one to ten seconds."""
    with scene.ledger.outage():
        async with scene.live.without("temporal"):
            await asyncio.sleep(scene.dice.uniform(1, 10) if scene.long else 1)


async def postgres_stopped(scene: Scene) -> None:
    """PostgreSQL at once, without a word to its clients."""
    with scene.ledger.outage():
        async with scene.live.without("postgres", SIGQUIT):
            await asyncio.sleep(scene.dice.uniform(0, 1))


async def worker_paused(scene: Scene) -> None:
    """The worker stands still for longer than its steps may take, and goes on as if nothing had been."""
    pid = scene.live.pid("worker")
    with scene.ledger.outage():
        os.kill(pid, SIGSTOP)
        try:
            await asyncio.sleep(15 if scene.long else 9)  # a step is given to somebody else after eight
        finally:
            os.kill(pid, SIGCONT)


async def signals_repeated(scene: Scene) -> None:
    """Notes of these rooms reach their workflows again, out of order."""
    query = (
        "SELECT id, kind, subject_id, version, payload, attempts FROM outbox"
        " WHERE kind = 'clock_changed' AND subject_id = ANY(%s) AND sent_at IS NOT NULL"
    )
    (rows,) = scene.live.snapshot(query, ids=[room.id for room in scene.rooms])
    notes = [Note(**row) for row in scene.dice.sample(rows, min(len(rows), 50))]
    for note in notes:
        handle = scene.live.temporal.get_workflow_handle(f"room-{note.subject_id}")
        await handle.signal(note.kind, message_of(note))
    await asyncio.sleep(0.2)


async def told_to_end(scene: Scene) -> None:
    """API and worker in turn are asked to end, as at every new version, and started again."""
    if scene.struck % 2:
        with scene.ledger.outage():
            async with scene.live.without("worker", SIGTERM):
                pass
        return
    async with scene.live.without("api", SIGTERM):
        pass
