"""A thousand live streams in one process: `python -m bench.streams`.

`kindroom api` on PostgreSQL with fsync, a thousand devices that listen from a process of their own, and three kinds of
events: messages that are posted at a steady rate, two hundred events a second for one device each, and events that
all thousand hear at once.
"""

import argparse
import asyncio
import json
import os
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar
from uuid import UUID, uuid4

import httpx

from bench.listeners import Heard, Plan
from bench.post_message import cpu_of
from bench.stream_stage import Stage, staged
from records.events import Announcer, Event, EventKind

RESULTS = Path(__file__).parent / "results"
ROOT = Path(__file__).resolve().parent.parent
STREAMS = 1_000
SECONDS = 30.0
GOAL_MS = 100.0
POSTS, TARGETED, FOR_ALL = 50, 200, 4  # a second


@dataclass(frozen=True)
class Lag:
    """Milliseconds from sending to arrival: `heard` of `expected` events. `cpu`: share of a core, of the API."""

    case: str
    sent: int
    expected: int
    heard: int
    p50: float
    p95: float
    p99: float
    highest: float
    cpu: float


@dataclass(frozen=True)
class Measured:
    """Everything that was measured. `resident`: bytes of the API's process with all streams open."""

    streams: int
    seconds: float
    lags: list[Lag]
    opened_seconds: float
    lost: int
    heartbeats: int
    resident_before: int
    resident: int


class Devices:
    """The listening process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def open(cls, plan: Plan) -> "Devices":
        """Returns when every stream had its hello."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bench.listeners"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            limit=2**30,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(asdict(plan)).encode() + b"\n")
        if await process.stdout.readline() != b"ready\n":
            raise ConnectionError("the streams did not open")
        return cls(process)

    async def close(self) -> Heard:
        """What they heard."""
        answer, _ = await self._process.communicate(b"")  # ends their input
        return Heard(**json.loads(answer))


async def measure(streams: int, seconds: float) -> Measured:
    """Open the streams, send, compare."""
    async with staged(streams) as stage:
        before = _resident(stage.api)
        began = time.perf_counter()
        devices = await Devices.open(Plan(stage.port, [room.client_token for room in stage.rooms]))
        opened = time.perf_counter() - began
        resident = _resident(stage.api)
        announcer = Announcer(stage.listen_dsn)
        announcer.start()
        posted, posted_cpu = await _timed(stage, _posting(stage, seconds))
        told, told_cpu = await _timed(stage, _telling(stage, announcer, seconds))
        await asyncio.sleep(2)
        heard = await devices.close()
        devices = await Devices.open(Plan(stage.port, [stage.supervisor_token] * streams))
        boards, boards_cpu = await _timed(stage, _telling_all(announcer, seconds))
        await asyncio.sleep(2)
        heard_by_all = await devices.close()
        await announcer.stop()
    arrivals = {
        (str(room), seq): at for kind, room, seq, at in heard.events if kind == "message" and seq is not None
    }
    everywhere = [(seq, at) for kind, _, seq, at in heard_by_all.events if kind == "board"]
    lags = [
        _lag(f"messages posted, {POSTS} a second", posted, arrivals, posted_cpu),
        _lag(f"events for one device, {TARGETED} a second", told, arrivals, told_cpu),
        _lag_of(
            f"events that all {streams:,} hear, {FOR_ALL} a second",
            len(boards),
            len(boards) * streams,
            [at - boards[seq] for seq, at in everywhere if seq is not None and seq in boards],
            boards_cpu,
        ),
    ]
    lost, heartbeats = heard.lost + heard_by_all.lost, heard.heartbeats + heard_by_all.heartbeats
    return Measured(streams, seconds, lags, opened, lost, heartbeats, before, resident)


Sent = dict[tuple[str, int], float]
T = TypeVar("T")


async def _timed(stage: Stage, work: Awaitable[T]) -> tuple[T, float]:
    """The work's answer, and the share of a core that the API took meanwhile."""
    cpu, began = cpu_of(stage.api), time.perf_counter()
    answer = await work
    return answer, (cpu_of(stage.api) - cpu) / (time.perf_counter() - began)


async def _steadily(rate: float, seconds: float, one: Callable[[int], Coroutine[None, None, None]]) -> None:
    """So many a second, each at its time, whatever became of the one before."""
    began = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for n in range(int(rate * seconds)):
            await asyncio.sleep(max(0.0, began + n / rate - time.perf_counter()))
            group.create_task(one(n))


async def _posting(stage: Stage, seconds: float) -> Sent:
    """Therapists write to their clients, who listen."""
    sent: Sent = {}
    async with httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{stage.port}", timeout=30, trust_env=False
    ) as http:

        async def post(n: int) -> None:
            room = stage.rooms[n % len(stage.rooms)]
            headers = {"Authorization": f"Bearer {room.therapist_token}", "Idempotency-Key": uuid4().hex}
            began = time.perf_counter()
            answer = await http.post(
                f"/v1/rooms/{room.id}/messages", json={"text": "It has been a long day."}, headers=headers
            )
            answer.raise_for_status()
            sent[str(room.id), answer.json()["seq"]] = began

        await _steadily(POSTS, seconds, post)
    return sent


async def _telling(stage: Stage, announcer: Announcer, seconds: float) -> Sent:
    """As any process of ours announces what it committed."""
    sent: Sent = {}

    async def tell(n: int) -> None:
        room: UUID = stage.rooms[n * 7 % len(stage.rooms)].id
        sent[str(room), 1_000_000 + n] = time.perf_counter()
        announcer.announce([Event(EventKind.MESSAGE, room_id=room, seq=1_000_000 + n)])

    await _steadily(TARGETED, seconds, tell)
    return sent


async def _telling_all(announcer: Announcer, seconds: float) -> dict[int, float]:
    """The board changed: every supervisor's device hears of it."""
    sent: dict[int, float] = {}

    async def tell(n: int) -> None:
        sent[n] = time.perf_counter()
        announcer.announce([Event(EventKind.BOARD, seq=n)])

    await _steadily(FOR_ALL, seconds, tell)
    return sent


def _lag(case: str, sent: Sent, arrivals: Sent, cpu: float) -> Lag:
    found = [arrivals[name] - at for name, at in sent.items() if name in arrivals]
    return _lag_of(case, len(sent), len(sent), found, cpu)


def _lag_of(case: str, sent: int, expected: int, seconds: list[float], cpu: float) -> Lag:
    ordered = sorted(each * 1_000 for each in seconds)
    p50, p95, p99, highest = (
        round(ordered[int(share * (len(ordered) - 1))], 1) for share in (0.5, 0.95, 0.99, 1)
    )
    return Lag(case, sent, expected, len(ordered), p50, p95, p99, highest, round(cpu, 3))


def _resident(pid: int) -> int:
    """Bytes of memory of a process."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise ProcessLookupError


def report(measured: Measured) -> str:
    """The whole report."""
    within = [each for each in measured.lags if each.p95 <= GOAL_MS]
    each_kb = (measured.resident - measured.resident_before) / measured.streams / 1_000
    return "\n".join(
        [
            "# Live streams",
            "",
            f"{platform.machine()}, {os.cpu_count()} processors shared by devices, API, PostgreSQL and whatever else"
            f" ran; Python {platform.python_version()}; fsync on. {measured.streams:,} streams in one process of the"
            f" API; {measured.seconds:.0f} s of each kind; load average at the end {os.getloadavg()[0]:.1f}."
            f" Milliseconds from sending to arrival at the device, a post with all its work included."
            f" Goal: p95 under {GOAL_MS:.0f} ms.",
            "",
            f"- {len(within)} of {len(measured.lags)} kinds are within the goal.",
            f"- Opening all of them took {measured.opened_seconds:.1f} s and {each_kb:.0f} kB of memory a stream"
            f" ({measured.resident / 1e6:.0f} MB in all).",
            f"- {measured.lost} streams broke off; {measured.heartbeats:,} heartbeats were heard.",
            "",
            "| kind | sent | heard | p50 | p95 | p99 | highest | API, share of a core |",
            "|---|---|---|---|---|---|---|---|",
            *(
                f"| {each.case} | {each.sent:,} | {each.heard:,} of {each.expected:,} | {each.p50} | {each.p95} |"
                f" {each.p99} | {each.highest} | {each.cpu:.0%} |"
                for each in measured.lags
            ),
            "",
        ]
    )


def main() -> None:
    """Measure, print, and keep the report in `bench/results/`."""
    parser = argparse.ArgumentParser(description="A thousand live streams in one process.")
    parser.add_argument("--streams", type=int, default=STREAMS)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    given = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 65_536), most))  # a socket a stream
    measured = asyncio.run(measure(given.streams, given.seconds))
    text = report(measured)
    if (given.streams, given.seconds) == (STREAMS, SECONDS):
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / "streams.json").write_text(json.dumps(asdict(measured), indent=1) + "\n")
        (RESULTS / "streams.md").write_text(text)
    print(text)
    if any(each.heard < each.expected for each in measured.lags):
        sys.exit("events were not heard")


if __name__ == "__main__":
    main()
