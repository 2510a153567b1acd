"""Figures over a hundred thousand clocks, and a back-test over ten thousand: `python -m bench.figures`.

A clinic filled by COPY, PostgreSQL as embedded with fsync on. Each grouping is counted several times after a round to
warm up; the back-test says besides how long the event loop was kept from others, and how much memory it took.
"""

import argparse
import asyncio
import json
import os
import platform
import statistics
import tempfile
import time
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from bench.full_clinic import ENDED_EACH, fill
from bench.post_message import cpu_below, searchable
from domain.policies import working_minutes
from domain.zones import zone
from encryption.key_files import LocalFileKeys
from encryption.keys import KeyRing
from kindroom.embedded.placement import remove_home
from kindroom.embedded.postgres import EmbeddedPostgres
from records.database import Database
from records.migrate import migrate
from reports.back_tests import Trial, back_test, headline
from reports.exports import to_html, to_xlsx
from reports.periods import Stretch
from reports.response_report import report_of
from reports.response_times import GroupBy, response_times

RESULTS = Path(__file__).parent / "results"
CLOCKS = 100_000
GOAL_SECONDS = 1.0
NY = zone("America/New_York")
TICK = 0.005


@dataclass
class Trialled:
    """One back-test."""

    items: int
    seconds: float
    cpu: float  # processor seconds, Python's and PostgreSQL's
    loop_kept: float  # the longest that the event loop was late, seconds
    memory: float  # the most held at once, MB
    said: str


@asynccontextmanager
async def clinic(clocks: int) -> AsyncIterator[tuple[Database, Callable[[], float]]]:
    """A full clinic under the login of care, gone afterwards; and the processor seconds spent so far."""
    with tempfile.TemporaryDirectory(prefix="kindroom-bench-") as name:
        data_dir = searchable(name)
        postgres = EmbeddedPostgres(data_dir)
        try:
            await postgres.start()
            migrate(postgres.dsn())
            fill(postgres.dsn(), -(-clocks // (ENDED_EACH + 1)))
            care = Database(
                postgres.dsn("kindroom_care"), KeyRing(LocalFileKeys(data_dir / "kek.json")), size=2
            )
            await care.open()
            assert postgres.child is not None
            pid = postgres.child.pid
            yield care, lambda: time.process_time() + cpu_below(pid)
            await care.close()
        finally:
            await postgres.stop()
            remove_home(data_dir / "postgres")


async def measure(rounds: int, clocks: int) -> dict[str, Any]:
    """Seconds of each grouping and of its files, and of the back-test."""
    async with clinic(clocks) as (care, spent):
        now = datetime.now(UTC)
        whole = Stretch(now - timedelta(weeks=12), now, NY)
        counted = {
            by.value: await _seconds(rounds, partial(_figures, care, whole, by), spent) for by in GroupBy
        }
        async with care.transaction() as tx:
            found = await response_times(tx, whole, GroupBy.THERAPIST)
        report = report_of(found)
        files = {
            name: _file(partial(write, report)) for name, write in (("xlsx", to_xlsx), ("html", to_html))
        }
        part = Stretch(now - timedelta(days=15), now - timedelta(days=15) + timedelta(hours=15), NY)
        return {
            "clocks": found.whole.tally.items,
            "therapists": len(found.lines),
            "figures": counted,
            "files": files,
            "back_test": await _back_test(care, part, spent),
        }


async def _figures(care: Database, whole: Stretch, by: GroupBy) -> None:
    async with care.transaction() as tx:
        report_of(await response_times(tx, whole, by))


async def _seconds(
    rounds: int, work: Callable[[], Awaitable[None]], spent: Callable[[], float]
) -> tuple[float, float]:
    """The median of the rounds by the clock, and the processor seconds of one, Python's and PostgreSQL's together."""
    await work()
    taken, before = [], spent()
    for _ in range(rounds):
        began = time.perf_counter()
        await work()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken), (spent() - before) / rounds


def _file(write: Callable[[], bytes]) -> float:
    began = time.perf_counter()
    write()
    return time.perf_counter() - began


async def _back_test(care: Database, part: Stretch, spent: Callable[[], float]) -> Trialled:
    ticker = asyncio.create_task(_latest_tick())
    cpu, began = spent(), time.perf_counter()
    async with care.transaction() as tx:
        found = await back_test(tx, Trial(part, working_minutes("own", 240)))
    seconds = time.perf_counter() - began
    ticker.cancel()
    kept = (await asyncio.gather(ticker, return_exceptions=True))[0]
    late = float(str(kept)) if isinstance(kept, _Latest) else 0.0
    cpu = spent() - cpu
    return Trialled(found.whole.items, seconds, cpu, late, await _memory(care, part), headline(found.whole))


async def _memory(care: Database, part: Stretch) -> float:
    """The most memory that a back-test holds at once, MB: of a second run, since counting makes it slow."""
    tracemalloc.start()
    async with care.transaction() as tx:
        await back_test(tx, Trial(part, working_minutes("own", 240)))
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most / 2**20


class _Latest(Exception):
    """How late the latest tick of the event loop was."""


async def _latest_tick() -> None:
    latest = 0.0
    try:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(TICK)
            latest = max(latest, time.perf_counter() - began - TICK)
    except asyncio.CancelledError:
        raise _Latest(latest) from None


def report(measured: dict[str, Any], rounds: int) -> str:
    """The whole report."""
    tried: Trialled = measured["back_test"]
    lines = [
        f"| by {name} | {seconds:.2f} | {cpu:.2f} |" for name, (seconds, cpu) in measured["figures"].items()
    ]
    files = ", ".join(f"{name.upper()} {seconds:.2f} s" for name, seconds in measured["files"].items())
    return (
        f"# Figures of response times\n\n{platform.machine()}, {os.cpu_count()} processors shared by Python and"
        f" PostgreSQL, load average {os.getloadavg()[0]:.1f} at the end; Python {platform.python_version()}.\n"
        f"{measured['clocks']:,} clocks of {measured['therapists']:,} therapists; median of {rounds} rounds, counting"
        f" and frame. Processor seconds are Python's and PostgreSQL's together, about what it takes where nothing else"
        " runs."
        f" Goal: about {GOAL_SECONDS:g} s.\n\n| figures | seconds | processor seconds |\n|---|---|---|\n"
        + "\n".join(lines)
        + f"\n\nThe table of {measured['therapists']:,} therapists as a file with its chart: {files}.\n\n"
        f"A back-test of {tried.items:,} items under another policy, each read with its schedule and projected twice:"
        f" {tried.seconds:.2f} s, {tried.cpu:.2f} processor seconds. The event loop was late by"
        f" {tried.loop_kept * 1000:.0f} ms at most (other work on the machine included); it held"
        f" {tried.memory:.1f} MB at once.\n"
    )


def main() -> None:
    """Measure, print, and keep the report in `bench/results/`."""
    parser = argparse.ArgumentParser(description="Figures over a full clinic.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--clocks", type=int, default=CLOCKS)
    given = parser.parse_args()
    measured = asyncio.run(measure(given.rounds, given.clocks))
    text = report(measured, given.rounds)
    if given.clocks == CLOCKS:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / "figures.md").write_text(text)
        kept = {**measured, "back_test": vars(measured["back_test"])}
        (RESULTS / "figures.json").write_text(json.dumps(kept, indent=1) + "\n")
    print(text)


if __name__ == "__main__":
    main()
