"""Ten thousand running clocks moved after a change of policy: `python -m bench.reprojection`.

PostgreSQL with fsync on. The policy of the clinic changes, and every running clock is moved to it in batches of 500,
a transaction each, as the workflow `Reprojection` does. Beside it, in the same run and interleaved, the floor: the same
rows written by a bare UPDATE ... FROM unnest in batches of the same size. And how many due times one core works out.
"""

import argparse
import asyncio
import json
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from bench.full_clinic import fill
from bench.post_message import cpu_below, searchable
from domain.calendars import calendar_from_json, calendar_to_json, week
from domain.clocks import project
from domain.policies import PRESETS, policy_to_json, working_minutes
from domain.schedules import Schedule
from encryption.key_files import LocalFileKeys
from encryption.keys import KeyRing
from kindroom.embedded.placement import remove_home
from kindroom.embedded.postgres import EmbeddedPostgres
from records import policies, response_terms
from records.database import Database, Row
from records.migrate import migrate
from records.reprojections import BATCH, run_batch

RESULTS = Path(__file__).parent / "results"
CLOCKS = 10_000
GOAL_SECONDS = 5.0
GOAL_DUE_TIMES = 20_000
PAUSED_ROOMS = """
INSERT INTO pauses (id, room_id, reason, starts_at, ends_at)
SELECT gen_random_uuid(), id, 'client', now() - interval '1 hour',
       CASE WHEN n %% 2 = 0 THEN now() + interval '1 day' END
FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM rooms) numbered WHERE n %% 50 = 0
"""
_FLOOR = """
UPDATE response_clocks c SET due_at = g.due_at, alarms = g.alarms::jsonb, next_alarm_at = g.next_alarm_at
FROM unnest(%(id)s::uuid[], %(due_at)s::timestamptz[], %(alarms)s::text[], %(next_alarm_at)s::timestamptz[])
    AS g(id, due_at, alarms, next_alarm_at) WHERE c.id = g.id
"""
ZONES = ("America/New_York", "America/Chicago", "Europe/Rome", "Australia/Adelaide")
HOURS = {day: [("09:00", "12:00"), ("13:00", "17:00")] for day in ("mon", "tue", "wed", "thu", "fri")}


@dataclass
class Figures:
    """What the rounds gave."""

    total: list[float] = field(default_factory=list)  # seconds for all clocks
    batch: list[float] = field(default_factory=list)  # seconds for each batch of all rounds
    floor: list[float] = field(default_factory=list)
    cpu: list[float] = field(
        default_factory=list
    )  # processor seconds of this process and of PostgreSQL, all clocks
    floor_cpu: list[float] = field(default_factory=list)
    moved: list[int] = field(default_factory=list)
    told: list[int] = field(default_factory=list)  # outbox notes


async def measure(rounds: int, clocks: int) -> Figures:
    """Rounds of both, interleaved; the first of each only warms up."""
    figures = Figures()
    async with clinic(clocks) as (postgres, care, worker):
        for number in range(rounds + 1):
            floor, floor_cpu = await _floor(postgres, worker, number)
            reprojection_id = await _change_policy(care, number)
            spent = _spent(postgres)
            batches = [seconds async for seconds in _batches(worker, reprojection_id)]
            cpu = _spent(postgres) - spent
            row = await _one(worker, "SELECT moved FROM reprojections WHERE id = %s", reprojection_id)
            told = await _one(worker, "SELECT count(*) AS n FROM outbox WHERE kind = 'clock_changed'")
            if number:
                figures.floor.append(floor)
                figures.floor_cpu.append(floor_cpu)
                figures.cpu.append(cpu)
                figures.total.append(sum(batches))
                figures.batch += batches
                figures.moved.append(row["moved"])
                figures.told.append(told["n"])
            async with worker.transaction() as tx:
                await tx.run("DELETE FROM outbox")
            print(f"round {number} of {rounds}: {sum(batches):.2f} s", file=sys.stderr, flush=True)
    return figures


@asynccontextmanager
async def clinic(clocks: int) -> AsyncIterator[tuple[EmbeddedPostgres, Database, Database]]:
    """A full clinic with leave, cover and pauses, its server and its two logins; gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="kindroom-bench-") as name:
        data_dir = searchable(name)
        postgres = EmbeddedPostgres(data_dir)
        try:
            await postgres.start()
            migrate(postgres.dsn())
            fill(postgres.dsn(), clocks)
            ring = KeyRing(LocalFileKeys(data_dir / "kek.json"))
            care, worker = (
                Database(postgres.dsn(f"kindroom_{login}"), ring, size=2) for login in ("care", "worker")
            )
            await care.open()
            await worker.open()
            async with care.transaction() as tx:
                await tx.run(PAUSED_ROOMS)
            yield postgres, care, worker
            await care.close()
            await worker.close()
        finally:
            await postgres.stop()
            remove_home(data_dir / "postgres")


def _spent(postgres: EmbeddedPostgres) -> float:
    """Processor seconds so far: what else the machine does makes them no more."""
    assert postgres.child is not None
    return time.process_time() + cpu_below(postgres.child.pid)


async def _change_policy(care: Database, number: int) -> UUID:
    """Another promise for every item of the clinic, from now."""
    name = f"bench-{number}"
    promise = policy_to_json(working_minutes(name, 300 + 20 * number))
    async with care.transaction() as tx:
        await policies.add_version(tx, "response", name, promise)
        await response_terms.set_terms(tx, response_terms.CLINIC, policy_name=name)
    asked = await _one(care, "SELECT id FROM reprojections WHERE finished_at IS NULL")
    found: UUID = asked["id"]
    return found


async def _batches(worker: Database, reprojection_id: UUID) -> AsyncIterator[float]:
    """Seconds of each batch of both passes, from asking for the transaction to its commit."""
    for last_pass in (False, True):
        goes_on = True
        while goes_on:
            began = time.perf_counter()
            async with worker.transaction() as tx:
                goes_on = await run_batch(tx, reprojection_id, last_pass=last_pass)
            yield time.perf_counter() - began


async def _floor(postgres: EmbeddedPostgres, worker: Database, number: int) -> tuple[float, float]:
    """The rows as they are, moved by some seconds, written and nothing else: seconds, and processor seconds."""
    async with worker.transaction() as tx:
        rows = await tx.all(
            "SELECT id, due_at, alarms::text, next_alarm_at FROM response_clocks WHERE state = 'running'"
            " ORDER BY room_id"
        )
    by = timedelta(seconds=number + 1)
    for row in rows:
        row["due_at"], row["next_alarm_at"] = (at and at + by for at in (row["due_at"], row["next_alarm_at"]))
    began, spent = time.perf_counter(), _spent(postgres)
    for start in range(0, len(rows), BATCH):
        batch = rows[start : start + BATCH]
        async with worker.transaction() as tx:
            await tx.run(_FLOOR, {name: [row[name] for row in batch] for name in batch[0]})
    return time.perf_counter() - began, _spent(postgres) - spent


async def _one(database: Database, statement: str, *given: Any) -> Row:
    async with database.transaction() as tx:
        row = await tx.one(statement, given)
    assert row is not None
    return row


def due_times(seconds: float = 2.0) -> dict[str, float]:
    """Due times worked out a second on this core, for an ordinary week: calendars at hand, and each parsed anew."""
    ready = [Schedule(week(zone, HOURS)) for zone in ZONES]
    texts = [json.dumps(calendar_to_json(each.calendar)) for each in ready]
    monday = datetime(2026, 5, 11, tzinfo=UTC)
    openings = [monday + timedelta(minutes=37 * n) for n in range(270)]
    policy = PRESETS["next_response"]

    def at_hand(n: int) -> None:
        at = openings[n % len(openings)]
        project(policy, ready[n % len(ready)], at, at)

    def parsed(n: int) -> None:
        at = openings[n % len(openings)]
        project(policy, Schedule(calendar_from_json(json.loads(texts[n % len(texts)]))), at, at)

    return {"calendars at hand": _rate(at_hand, seconds), "each parsed anew": _rate(parsed, seconds)}


def _rate(work: Callable[[int], None], seconds: float) -> float:
    for n in range(2_000):
        work(n)
    done, began = 0, time.process_time()
    while (took := time.process_time() - began) < seconds:
        for n in range(done, done + 500):
            work(n)
        done += 500
    return done / took


def report(figures: Figures, rates: dict[str, float], clocks: int) -> str:
    """The whole report."""
    total, floor = statistics.median(figures.total), statistics.median(figures.floor)
    lines = "\n".join(f"| {name} | {rate:,.0f} |" for name, rate in rates.items())
    return (
        f"# Re-projection\n\n{platform.machine()}, {os.cpu_count()} processors shared by client and PostgreSQL; Python"
        f" {platform.python_version()}; fsync on; medians of {len(figures.total)} interleaved rounds.\n\n"
        f"{clocks:,} running clocks, {clocks // 50} therapists in four zones, leave, cover and pauses among them; the"
        f" policy of the clinic changes. Batches of {BATCH}, a transaction each. Goal: under {GOAL_SECONDS:.0f} s.\n\n"
        "| | seconds | best | processor seconds, client + PostgreSQL | per batch, ms |\n|---|---|---|---|---|\n"
        f"| all clocks moved, before and after kept, workflows to be told | {total:.2f} | {min(figures.total):.2f} |"
        f" {statistics.median(figures.cpu):.2f} | {statistics.median(figures.batch) * 1_000:.0f} |\n"
        f"| floor: the same rows, a bare UPDATE | {floor:.2f} | {min(figures.floor):.2f} |"
        f" {statistics.median(figures.floor_cpu):.2f} | {floor / max(clocks / BATCH, 1) * 1_000:.0f} |\n\n"
        f"{total / floor:.1f} times the floor; {clocks / total:,.0f} clocks a second; {figures.moved[-1]:,} moved,"
        f" {figures.told[-1]:,} workflows to be told. Load of the machine at the end: {os.getloadavg()[0]:.1f}.\n\n"
        f"Due times worked out on one core, an ordinary week (goal {GOAL_DUE_TIMES:,}):\n\n"
        f"| | a second |\n|---|---|\n{lines}\n"
    )


def main() -> None:
    """Measure, print, and keep the report in `bench/results/`."""
    parser = argparse.ArgumentParser(description="Running clocks moved after a change of policy.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--clocks", type=int, default=CLOCKS)
    asked = parser.parse_args()
    figures, rates = asyncio.run(measure(asked.rounds, asked.clocks)), due_times()
    text = report(figures, rates, asked.clocks)
    if asked.clocks == CLOCKS:
        RESULTS.mkdir(exist_ok=True)
        kept = {**asdict(figures), "due_times_a_second": rates}
        (RESULTS / "reprojection.json").write_text(json.dumps(kept, indent=1) + "\n")
        (RESULTS / "reprojection.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
