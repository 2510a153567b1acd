"""Words looked for in sealed messages: `python -m bench.search`.

A room of 10,000 and of 50,000 messages in PostgreSQL, searched by the function that the API calls, for words that no
message has (every message is opened), for words that many have, and for a phrase. Meanwhile a task of the same event
loop asks to be woken every millisecond: how late it comes is how long everybody else in the process waits.
"""

import argparse
import asyncio
import json
import os
import platform
import statistics
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.long_room import LongRoom, long_room
from domain.access import Action
from kindroom.server import settle
from records import relations
from records.searches import search

RESULTS = Path(__file__).parent / "results"
SIZES = (10_000, 50_000)
GOAL_SECONDS, GOAL_STALL_MS = 0.5, 20.0
ASKED = {
    "words that no message has": "lighthouse keeper",
    "words that many have": "sister river",
    "a phrase": '"in the morning my sister"',
}
TICK = 0.001


@dataclass(frozen=True)
class Searched:
    """Seconds of a search, and milliseconds by which a task beside it came late."""

    messages: int
    asked: str
    found: int
    p50: float
    longest: float
    stall_p99: float
    stall_longest: float


async def measure(sizes: tuple[int, ...], rounds: int) -> list[Searched]:
    """Each question several times in each room."""
    measured = []
    for size in sizes:
        async with long_room(size) as room:
            await _ask(room, "warm up")
            measured += [await _measured(room, name, typed, rounds) for name, typed in ASKED.items()]
            measured.append(await _idle(room, rounds))
        print(f"{size:,} messages are searched", file=sys.stderr, flush=True)
    return measured


async def _measured(room: LongRoom, name: str, typed: str, rounds: int) -> Searched:
    settle()  # as the API does at its start
    late: list[float] = []
    ticking = asyncio.create_task(_tick(late))
    seconds, found = [], 0
    for _ in range(rounds):
        began = time.perf_counter()
        found = await _ask(room, typed)
        seconds.append(time.perf_counter() - began)
    ticking.cancel()
    late.sort()
    return Searched(
        room.messages,
        name,
        found,
        round(statistics.median(seconds), 3),
        round(max(seconds), 3),
        round(late[int(len(late) * 0.99)] * 1_000, 1),
        round(late[-1] * 1_000, 1),
    )


async def _idle(room: LongRoom, rounds: int) -> Searched:
    """How late the task comes beside nothing at all: what the machine itself adds."""
    late: list[float] = []
    ticking = asyncio.create_task(_tick(late))
    await asyncio.sleep(0.3 * rounds)
    ticking.cancel()
    late.sort()
    p99 = round(late[int(len(late) * 0.99)] * 1_000, 1)
    return Searched(room.messages, "nothing, for comparison", 0, 0.0, 0.0, p99, round(late[-1] * 1_000, 1))


async def _tick(late: list[float]) -> None:
    while True:
        began = time.perf_counter()
        await asyncio.sleep(TICK)
        late.append(time.perf_counter() - began - TICK)


async def _ask(room: LongRoom, typed: str) -> int:
    async with room.care.transaction(room.room.client) as tx:
        permit = await relations.readable(tx, room.room.id, Action.SEARCH_ROOM)
        return len(await search(tx, permit, typed, 50))


def report(measured: list[Searched], rounds: int) -> str:
    """The whole report."""
    searched = [each for each in measured if each.p50]
    worst = max((each for each in searched if each.messages == SIZES[0]), key=lambda each: each.p50)
    stall = max(searched, key=lambda each: each.stall_longest)
    idle = max(each.stall_longest for each in measured if not each.p50)
    return "\n".join(
        [
            "# Search over sealed messages",
            "",
            f"{platform.machine()}, {os.cpu_count()} processors shared by the search, PostgreSQL and whatever else ran;"
            f" Python {platform.python_version()}; {rounds} rounds each; load average at the end"
            f" {os.getloadavg()[0]:.1f}. Goal: {SIZES[0]:,} messages under {GOAL_SECONDS} s, nobody else on the event"
            f" loop held up for more than {GOAL_STALL_MS:.0f} ms.",
            "",
            f"- {SIZES[0]:,} messages at their slowest: p50 {worst.p50} s ({worst.asked}).",
            f"- The longest that another task of the event loop came late: {stall.stall_longest} ms ({stall.asked});"
            f" beside nothing at all {idle} ms, since processors are shared.",
            "",
            "| messages | looked for | found (at most 50) | p50 s | longest s | late p99 ms | late longest ms |",
            "|---:|---|---:|---:|---:|---:|---:|",
            *(_line(each) for each in measured),
            "",
        ]
    )


def _line(each: Searched) -> str:
    seconds = f"{each.p50} | {each.longest}" if each.p50 else " | "
    return f"| {each.messages:,} | {each.asked} | {each.found} | {seconds} | {each.stall_p99} | {each.stall_longest} |"


def main() -> None:
    """Measure, print, and keep the report in `bench/results/`."""
    parser = argparse.ArgumentParser(description="Words looked for in sealed messages.")
    parser.add_argument("--quick", action="store_true", help="the smaller room, two rounds; nothing is kept")
    quick = parser.parse_args().quick
    rounds = 2 if quick else 20
    measured = asyncio.run(measure(SIZES[:1] if quick else SIZES, rounds))
    text = report(measured, rounds)
    if not quick:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / "search.json").write_text(json.dumps([asdict(each) for each in measured], indent=1) + "\n")
        (RESULTS / "search.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
