"""Many response clocks due in the same instant: `python -m bench.clocks_at_once`.

Rooms opened in the same instant owe their welcome in the same instant, three rungs each, on the embedded stack. Asked:
does the board show them all overdue at once, does every rung fire, is none early, and how late is the last per cent?
Beside it, in the same run, a yardstick: a workflow of one timer and one activity doing one INSERT, in a worker process
of its own with the product's converter, sandbox and settings, measured before and after.
"""

import argparse
import asyncio
import json
import os
import platform
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
from psycopg.types.json import Jsonb
from temporalio.client import Client

from bench.clinic import open_rooms_at
from bench.one_timer import QUEUE, OneTimer, OneTimerInput
from bench.post_message import RESULTS
from encryption.key_files import KeyFile, LocalFileKeys
from encryption.keys import KeyRing
from kindroom.dispatcher import WORKFLOW_TASK_TIMEOUT
from kindroom.embedded.placement import remove_home
from kindroom.embedded.processes import Child, ChildSpec
from kindroom.embedded.programs import Programs
from kindroom.embedded.stack import EmbeddedStack
from kindroom.settings import ROOT
from kindroom.temporal import connect
from records.board import board
from records.board_filters import BoardFilter, State
from records.database import Database

CLOCKS = 2_000
GOAL = 1.5
GIVE_UP_SECONDS = 300.0
RUNGS = ("nudge", "breach", "cover")
_SIDE_BY_SIDE = 16


@dataclass(frozen=True)
class Late:
    """How late a burst was. Seconds."""

    fired: int
    early: int
    p50: float
    p99: float

    @classmethod
    def of(cls, seconds: Sequence[float]) -> "Late":
        """Of what was seen."""
        kept = sorted(seconds)
        at = [kept[int(share * (len(kept) - 1))] if kept else 0.0 for share in (0.5, 0.99)]
        return cls(len(kept), sum(late < 0 for late in kept), round(at[0], 3), round(at[1], 3))


@dataclass(frozen=True)
class Figures:
    """Rungs by name, yardsticks in order, and what the board showed before and after the due time."""

    clocks: int
    rungs: dict[str, Late]
    yardsticks: list[Late]
    overdue_before: int
    overdue_after: int
    board_seconds: float

    @property
    def ratio(self) -> float | None:
        """The breach's p99 to the yardstick's; None without one."""
        if not self.yardsticks:
            return None
        yardstick = sum(each.p99 for each in self.yardsticks) / len(self.yardsticks)
        return round(self.rungs["breach"].p99 / yardstick, 2)


async def measure(data_dir: Path, clocks: int, *, yardstick: bool = True) -> Figures:
    """A stack of its own on `data_dir`. About twelve minutes for two thousand."""
    async with EmbeddedStack(data_dir, demo=False, programs=Programs(seed=None)) as stack:
        ring = KeyRing(LocalFileKeys(data_dir / "secrets" / "kek.json"))
        care = Database(stack.postgres.dsn("kindroom_care"), ring, size=_SIDE_BY_SIDE)
        await care.open()
        client = await connect(
            stack.temporal.address,
            stack.temporal.namespace,
            KeyFile(data_dir / "secrets" / "codec.json"),
            environ={},
        )
        yardsticks = []
        if yardstick:
            _make_rings(stack)
            yardsticks.append(await _yardstick(stack, client, clocks))
        found = await _promises(stack, care, clocks)
        if yardstick:
            yardsticks.append(await _yardstick(stack, client, clocks))
        await care.close()
    rungs, before, after, seconds = found
    return Figures(clocks, rungs, yardsticks, before, after, round(seconds, 3))


async def _promises(
    stack: EmbeddedStack, care: Database, clocks: int
) -> tuple[dict[str, Late], int, int, float]:
    promised = timedelta(seconds=max(8.0, clocks * 0.15))
    opened_at = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=5 + clocks * 0.02)
    with psycopg.connect(stack.postgres.dsn()) as owner:
        owner.execute(
            "INSERT INTO policies (id, kind, name, definition, effective_from, applied_at)"
            " VALUES (%s, 'response', 'welcome', %s, %s, %s)",
            (
                uuid4(),
                Jsonb({"kind": "working_minutes", "minutes": promised.total_seconds() / 60}),
                opened_at - timedelta(days=1),
                opened_at,
            ),
        )
    await open_rooms_at(care, clocks, opened_at)
    await _told(care)
    due_at = opened_at + promised
    await _until(due_at)
    after, seconds = await _overdue(care, clocks)
    before, _ = await _overdue(care, clocks, due_at - timedelta(milliseconds=1))
    await _until(due_at + promised / 2)  # the last rung
    await _all_rung(care)
    async with care.transaction() as tx:
        rows = await tx.all(
            "SELECT rung, extract(epoch FROM fired_at - due_at)::float AS late FROM clock_rungs"
        )
    late = {rung: Late.of([row["late"] for row in rows if row["rung"] == rung]) for rung in RUNGS}
    return late, before, after, seconds


async def _overdue(care: Database, most: int, at: datetime | None = None) -> tuple[int, float]:
    """How many the board shows overdue at an instant (None: now), and how long it took to say."""
    began = time.perf_counter()
    async with care.transaction(at=at) as tx:
        page = await board(tx, BoardFilter(State.OVERDUE), limit=most + 1)
    return len(page.rows), time.perf_counter() - began


async def _told(care: Database) -> None:
    while await _some(care, "SELECT id FROM outbox WHERE sent_at IS NULL LIMIT 1"):  # noqa: ASYNC110  another process
        await asyncio.sleep(0.05)


async def _all_rung(care: Database) -> None:
    async with asyncio.timeout(GIVE_UP_SECONDS):
        waiting = "SELECT 1 FROM response_clocks WHERE next_alarm_at IS NOT NULL LIMIT 1"
        while await _some(care, waiting):  # noqa: ASYNC110  another process
            await asyncio.sleep(0.2)


async def _some(care: Database, query: str) -> bool:
    async with care.transaction() as tx:
        return await tx.one(query) is not None


async def _until(instant: datetime) -> None:
    await asyncio.sleep(max(0.0, (instant - datetime.now(UTC)).total_seconds()))


def _make_rings(stack: EmbeddedStack) -> None:
    with psycopg.connect(stack.postgres.dsn()) as owner:
        owner.execute(
            "CREATE TABLE rings (id uuid PRIMARY KEY, rung_at timestamptz DEFAULT clock_timestamp())"
        )
        owner.execute("GRANT INSERT ON rings TO kindroom_worker")


async def _yardstick(stack: EmbeddedStack, client: Client, count: int) -> Late:
    """As many alarms of the yardstick, due in the same instant."""
    due_at = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=10 + count * 0.02)
    ids = [uuid4() for _ in range(count)]
    async with _worker(stack):
        await asyncio.gather(*(_start(client, ids[n::_SIDE_BY_SIDE], due_at) for n in range(_SIDE_BY_SIDE)))
        with psycopg.connect(stack.postgres.dsn(), autocommit=True) as owner:
            async with asyncio.timeout(GIVE_UP_SECONDS):
                while True:
                    rows = owner.execute("SELECT rung_at FROM rings WHERE id = ANY(%s)", (ids,)).fetchall()
                    if len(rows) == count:
                        return Late.of([(at - due_at).total_seconds() for (at,) in rows])
                    await asyncio.sleep(0.2)


async def _start(client: Client, ids: Sequence[UUID], at: datetime) -> None:
    for alarm_id in ids:
        await client.start_workflow(
            OneTimer.run,
            OneTimerInput(alarm_id, at),
            id=f"session-{alarm_id}",
            task_queue=QUEUE,
            task_timeout=WORKFLOW_TASK_TIMEOUT,
        )


@asynccontextmanager
async def _worker(stack: EmbeddedStack) -> AsyncIterator[None]:
    child = Child(
        ChildSpec(
            name="yardstick",
            command=(sys.executable, "-m", "bench.clocks_at_once", "--worker"),
            log=stack.data_dir / "logs" / "yardstick.log",
            environment=stack.environment(),
            directory=ROOT,
        )
    )
    try:
        yield
    finally:
        await child.stop()


async def _work() -> None:
    """The yardstick's worker process: settings and connections as the product's."""
    from temporalio import activity

    from kindroom import wiring
    from kindroom.settings import load_settings
    from kindroom.worker import queue_worker

    settings = load_settings()
    database = wiring.worker_database(settings)
    await database.open()
    keys = KeyFile(settings.need_file("codec_key_file"))
    client = await connect(settings.temporal_address, settings.temporal_namespace, keys, role="worker")
    told = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)

    @activity.defn
    async def write_one_row(row_id: UUID) -> None:
        async with database.connection() as conn:
            await conn.execute("INSERT INTO rings (id) VALUES (%s)", (row_id,))

    async with queue_worker(client, QUEUE, (OneTimer,), [write_one_row]):
        await told.wait()
    await database.close()


def report(found: Figures) -> str:
    """The figures as Markdown."""
    lines = [
        f"# {found.clocks:,} clocks due in the same second\n",
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}. Rooms on the embedded"
        " stack (fsync on), one worker process; the yardstick is a workflow of one timer and one activity doing one"
        " INSERT, in a worker process of its own with the same converter, sandbox and settings. Load average of the"
        f" machine at the end: {os.getloadavg()[2]:.1f}; compare within a run.\n",
        f"The board: {found.overdue_before} overdue a millisecond before, {found.overdue_after:,} at once after,"
        f" all rows read in {found.board_seconds:.2f} s.\n",
        "| alarms | fired | early | late p50, s | late p99, s |",
        "|---|---|---|---|---|",
    ]
    rows: list[tuple[str, Late]] = [(f"rung: {name}", late) for name, late in found.rungs.items()]
    rows += [
        (f"yardstick, {when}", late)
        for when, late in zip(("before", "after"), found.yardsticks, strict=False)
    ]
    lines += [f"| {name} | {x.fired:,} | {x.early} | {x.p50:.2f} | {x.p99:.2f} |" for name, x in rows]
    if found.ratio is not None:
        lines.append(f"\nThe breach's p99 is {found.ratio} times the yardstick's mean. Goal: at most {GOAL}.")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure, print, and keep the report in `bench/results/`. Exit status 1 above the goal."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clocks", type=int, default=CLOCKS)
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.worker:
        asyncio.run(_work())
        return
    with tempfile.TemporaryDirectory(prefix="kindroom-bench-") as name:
        Path(name).chmod(0o711)
        try:
            found = asyncio.run(measure(Path(name), chosen.clocks))
        finally:
            remove_home(Path(name) / "postgres")
    text = report(found)
    print(text)
    if chosen.clocks == CLOCKS:
        RESULTS.mkdir(exist_ok=True)
        kept: dict[str, Any] = {**asdict(found), "ratio": found.ratio}
        (RESULTS / "clocks_at_once.json").write_text(json.dumps(kept, indent=1) + "\n")
        (RESULTS / "clocks_at_once.md").write_text(text)
    if found.ratio is not None and found.ratio > GOAL:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
