"""The worker processes of `bench.timers`: each makes promises ring in one way. `python -m bench.timer_workers NAME`.

To ring is one INSERT into `rings`, committed: the same for all. They end when they are told to, or are killed.
"""

import asyncio
import os
import signal
import sys
import threading
from pathlib import Path
from uuid import UUID

from psycopg_pool import AsyncConnectionPool
from temporalio import activity

from activities.shapes.rooms import Fired, FireRung, RungOutcome

POLL_SECONDS = 0.25
BATCH = 500
QUEUE = "timers"
WORKFLOW = "ring"

RING = "INSERT INTO rings (promise_id) VALUES (%s)"
_DUE = f"""
WITH due AS (
    SELECT id FROM promises WHERE state = 'armed' AND due_at <= clock_timestamp()
    ORDER BY due_at LIMIT {BATCH} FOR UPDATE SKIP LOCKED),
rung AS (UPDATE promises SET state = 'rung' WHERE id IN (SELECT id FROM due) RETURNING id)
INSERT INTO rings (promise_id) SELECT id FROM rung
"""  # noqa: S608  a number of ours


async def kindroom(dsn: str) -> None:
    """Dispatcher and `CareRoom` as in the product's worker; only the rung is replaced by the one INSERT."""
    from encryption.key_files import KeyFile, LocalFileKeys
    from encryption.keys import KeyRing
    from kindroom.dispatcher import Dispatcher
    from kindroom.temporal import connect
    from kindroom.worker import queue_worker
    from records.database import Database
    from workflows.policies import CARE_QUEUE
    from workflows.rooms import CareRoom

    data_dir = Path(os.environ["BENCH_DATA"])
    client = await connect(
        os.environ["BENCH_TEMPORAL"],
        os.environ["BENCH_NAMESPACE"],
        KeyFile(data_dir / "codec.json"),
        role="worker",
    )
    notes = Database(os.environ["BENCH_NOTES"], KeyRing(LocalFileKeys(data_dir / "kek.json")), size=4)
    await notes.open()
    async with AsyncConnectionPool(dsn, min_size=2, max_size=20, kwargs={"autocommit": True}) as pool:

        @activity.defn
        async def fire_rung(ask: FireRung) -> Fired:
            async with pool.connection() as conn:
                await conn.execute(RING, (ask.clock_id,))
            return Fired(RungOutcome.FIRED)

        dispatching = asyncio.create_task(Dispatcher(notes, client).run())
        async with queue_worker(client, CARE_QUEUE, (CareRoom,), [fire_rung]):
            await _told_to_end()
        dispatching.cancel()


async def poller(dsn: str) -> None:
    """A loop over the due rows: SKIP LOCKED, so that any number of pollers may run."""
    async with AsyncConnectionPool(dsn, min_size=1, max_size=1, kwargs={"autocommit": True}) as pool:
        ending = asyncio.create_task(_told_to_end())
        while not ending.done():
            async with pool.connection() as conn:
                rung = (await conn.execute(_DUE.encode())).rowcount
            if rung < BATCH:
                await asyncio.wait([ending], timeout=POLL_SECONDS)


def dbos(dsn: str) -> None:
    """DBOS: delayed workflows of a queue, each with one step."""
    from dbos import DBOS

    pool: list[AsyncConnectionPool] = []  # opened on the loop that the steps run on

    @DBOS.step()
    async def write(promise_id: str) -> None:
        if not pool:
            pool.append(
                AsyncConnectionPool(dsn, min_size=2, max_size=20, kwargs={"autocommit": True}, open=False)
            )
            await pool[0].open()
        async with pool[0].connection() as conn:
            await conn.execute(RING, (UUID(promise_id),))

    @DBOS.workflow(name=WORKFLOW)
    async def ring(promise_id: str) -> None:
        await write(promise_id)

    DBOS(
        config={
            "name": "bench",
            "system_database_url": os.environ["BENCH_DBOS"],
            "application_version": "1",
            "executor_id": "bench",
            "log_level": "WARNING",
        }
    )
    DBOS.launch()
    DBOS.register_queue(QUEUE, polling_interval_sec=POLL_SECONDS)
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    ended.wait()
    DBOS.destroy()


async def _told_to_end() -> None:
    told = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
    await told.wait()


def main() -> None:
    """Run the worker named on the command line."""
    name, dsn = sys.argv[1], os.environ["BENCH_DSN"]
    if name == "dbos":
        dbos(dsn)
    else:
        asyncio.run({"kindroom": kindroom, "poller": poller}[name](dsn))


if __name__ == "__main__":
    main()
