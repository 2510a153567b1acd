"""Kindroom, ejabberd and matrix-synapse over one PostgreSQL with fsync on: `python -m bench.peers`.

Interleaved rounds: posts a second and their p99 with 1, 8 and 32 people who each write in a room of their own;
pages of history; how long a message takes from one device to the other. Each server is set up and taken down.
"""

import argparse
import asyncio
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Protocol

from bench.clinic import OpenRoom
from bench.load import Seen
from bench.peers import ejabberd, synapse
from bench.peers.devices import PAGE, Place
from bench.peers.ejabberd import Ejabberd, NotHere
from bench.peers.synapse import Synapse
from bench.peers.talk import Talk
from bench.post_message import (
    API_COMMAND,
    QUIET,
    RESULTS,
    ROOT,
    TEXT,
    Figures,
    cpu_below,
    cpu_of,
    prepared,
    searchable,
    server_spec,
)
from kindroom.embedded.placement import remove_home
from kindroom.embedded.ports import free_port
from kindroom.embedded.postgres import EmbeddedPostgres
from kindroom.embedded.programs import Program, answers_http
from records.migrate import migrate

PEERS = ROOT / ".kindroom" / "peers"
ROUNDS = 5
SENDERS = (1, 8, 32)
READERS = 8
ONE, TWO = "Kindroom, one process", "Kindroom, two processes"
EJABBERD, SYNAPSE = "ejabberd", "matrix-synapse"
POSTS = {1: 300, 8: 1_200, 32: 1_600}
FEW_POSTS = {1: 30, 8: 80, 32: 128}
"""Posts of a round at a server that takes some fifty a second."""

PAGES, DELIVERIES = 600, 240
FEW_PAGES, FEW_DELIVERIES = 80, 48


class Server(Protocol):
    """What is measured."""

    @property
    def pids(self) -> list[int]: ...

    async def start(self) -> None: ...

    async def places(self, rooms: int) -> tuple[list[Place], list[Place]]: ...

    async def stop(self) -> None: ...


class Kindroom:
    """`kindroom api` in so many processes, each on a port of its own; people are spread over them."""

    def __init__(
        self, postgres: EmbeddedPostgres, data_dir: Path, processes: int, rooms: list[OpenRoom]
    ) -> None:
        self._rooms = rooms
        self._ports = [free_port() for _ in range(processes)]
        self._programs = [
            Program(
                server_spec(QUIET, API_COMMAND, port, postgres, data_dir),
                answers_http(port, "/healthz", range(200, 500)),
            )
            for port in self._ports
        ]

    @property
    def pids(self) -> list[int]:
        """Its processes."""
        return [program.child.pid for program in self._programs if program.child is not None]

    async def start(self) -> None:
        """Ready when it returns."""
        for program in self._programs:
            await program.start()

    async def places(self, rooms: int) -> tuple[list[Place], list[Place]]:
        """The client and the therapist of each room."""
        senders, listeners = [], []
        for n, room in enumerate(self._rooms[:rooms]):
            port = self._ports[n % len(self._ports)]
            senders.append(Place("kindroom", port, str(room.id), "", room.client_token))
            listeners.append(Place("kindroom", port, str(room.id), "", room.therapist_token))
        return senders, listeners

    async def stop(self) -> None:
        """End them."""
        for program in self._programs:
            await program.stop()


@dataclass
class Found:
    """What the rounds of one server gave; latencies in seconds, all rounds together."""

    posts: dict[int, Figures] = field(default_factory=lambda: {senders: Figures() for senders in SENDERS})
    pages: Figures = field(default_factory=Figures)
    lags: list[float] = field(default_factory=list)


async def measure(rounds: int) -> tuple[dict[str, Found], dict[str, str]]:
    """Interleaved rounds at every server that can be had here; and why the others cannot."""
    async with staged() as (servers, missing, database_pid):
        people = {name: await server.places(max(SENDERS)) for name, server in servers.items()}
        for name, (senders, _) in people.items():  # warmed up, and whole pages to read
            await _talk(Talk("post", 70 * READERS, senders[:READERS], [], TEXT))
            print(f"{name} is there", file=sys.stderr, flush=True)
        found = {name: Found() for name in servers}
        for number in range(rounds):
            for name, server in servers.items():
                await _round(found[name], server, people[name], database_pid, few=name == SYNAPSE)
            print(f"round {number + 1} of {rounds}", file=sys.stderr, flush=True)
    return found, missing


async def _round(
    found: Found, server: Server, people: tuple[list[Place], list[Place]], database_pid: int, *, few: bool
) -> None:
    async def counted(figures: Figures, talk: Talk) -> None:
        before = _used(server, database_pid)
        seen = await _talk(talk)
        after = _used(server, database_pid)
        figures.add(seen, after[0] - before[0], after[1] - before[1])

    senders, listeners = people
    for count in SENDERS:
        posts = (FEW_POSTS if few else POSTS)[count]
        await counted(found.posts[count], Talk("post", posts, senders[:count], [], TEXT))
    pages = FEW_PAGES if few else PAGES
    await counted(found.pages, Talk("page", pages, listeners[:READERS], [], ""))
    deliveries = FEW_DELIVERIES if few else DELIVERIES
    seen = await _talk(Talk("deliver", deliveries, senders[:READERS], listeners[:READERS], ""))
    found.lags += seen.latencies


def _used(server: Server, database_pid: int) -> tuple[float, float]:
    return sum(cpu_of(pid) for pid in server.pids), cpu_below(database_pid)


@asynccontextmanager
async def staged() -> AsyncIterator[tuple[dict[str, Server], dict[str, str], int]]:
    """Every server over one PostgreSQL, and why others are missing; all gone afterwards."""
    async with AsyncExitStack() as stack:
        data_dir = searchable(stack.enter_context(tempfile.TemporaryDirectory(prefix="kindroom-peers-")))
        postgres = EmbeddedPostgres(data_dir)
        stack.callback(remove_home, data_dir / "postgres")
        stack.push_async_callback(postgres.stop)
        await postgres.start()
        migrate(postgres.dsn())
        most = max(SENDERS)
        rooms = await prepared(postgres, data_dir, 2 * most)
        servers: dict[str, Server] = {
            ONE: Kindroom(postgres, data_dir, 1, rooms[:most]),
            TWO: Kindroom(postgres, data_dir, 2, rooms[most:]),
        }
        missing: dict[str, str] = {}
        try:
            root = ejabberd.unpacked(PEERS / "ejabberd")
            servers[EJABBERD] = Ejabberd(root, postgres, data_dir / "ejabberd", free_port())
        except NotHere as reason:
            missing[EJABBERD] = str(reason)
        try:
            python = synapse.installed(PEERS / "synapse")
            servers[SYNAPSE] = Synapse(python, postgres, data_dir / "synapse", free_port())
        except NotHere as reason:
            missing[SYNAPSE] = str(reason)
        for server in servers.values():
            stack.push_async_callback(server.stop)
            await server.start()
        assert postgres.child is not None
        yield servers, missing, postgres.child.pid


async def _talk(talk: Talk) -> Seen:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.peers.talk"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
    )
    answer, _ = await process.communicate(json.dumps(asdict(talk)).encode())
    if process.returncode:
        raise RuntimeError(f"the load ended with {process.returncode}")
    return Seen(**json.loads(answer))


def report(found: dict[str, Found], missing: dict[str, str], rounds: int) -> str:
    """The whole report."""
    away = "".join(f"\n{name} is missing: {reason}.\n" for name, reason in missing.items())
    return (
        f"# Beside its peers\n\n{platform.machine()}, {os.cpu_count()} processors shared by load, servers and"
        f" PostgreSQL; Python {platform.python_version()}; one PostgreSQL with fsync on for all; medians of {rounds}"
        " interleaved rounds. ejabberd 23 (Debian) keeps its rooms' archive (XEP-0313) in PostgreSQL, a post counts"
        " when the room sends it back; matrix-synapse 1.163 is one process. Everybody is signed in before time"
        f" counts.\n{away}\n## Posting\n\n{_posts(found)}\n\n## A page of {PAGE}, {READERS} readers\n\n"
        f"{_pages(found)}\n\n## From one device to the other, {READERS} rooms at once\n\nTime from sending to"
        " the text on the other device: by server-sent event and one request (Kindroom), in the stream (ejabberd),"
        f" by `/sync` (synapse).\n\n{_lags(found)}\n"
    )


def _median(values: list[float], scale: float = 1_000) -> float:
    return statistics.median(values) * scale


def _posts(found: dict[str, Found]) -> str:
    lines = [
        "| people | server | posts/s (best) | Kindroom with two processes is | p50 ms | p99 ms"
        " | CPU ms: server + PostgreSQL |",
        "|---|---|---|---|---|---|---|",
    ]
    for senders in SENDERS:
        ours = _median(found[TWO].posts[senders].rates, 1)
        for name, each in found.items():
            at = each.posts[senders]
            lines.append(
                f"| {senders} | {name} | {_median(at.rates, 1):,.0f} ({max(at.rates):,.0f})"
                f" | {ours / _median(at.rates, 1):.2f} times | {_median(at.p50):.1f} | {_median(at.p99):.1f}"
                f" | {_median(at.server_cpu):.2f} + {_median(at.database_cpu):.2f} |"
            )
    return "\n".join(lines)


def _pages(found: dict[str, Found]) -> str:
    lines = ["| server | pages/s | p50 ms | p99 ms | CPU ms: server + PostgreSQL |", "|---|---|---|---|---|"]
    lines += [
        f"| {name} | {_median(at.rates, 1):,.0f} | {_median(at.p50):.1f} | {_median(at.p99):.1f}"
        f" | {_median(at.server_cpu):.2f} + {_median(at.database_cpu):.2f} |"
        for name, at in ((name, each.pages) for name, each in found.items())
    ]
    return "\n".join(lines)


def _lags(found: dict[str, Found]) -> str:
    lines = ["| server | p50 ms | p99 ms |", "|---|---|---|"]
    for name, each in found.items():
        ordered = sorted(each.lags)
        p50, p99 = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.99)]
        lines.append(f"| {name} | {p50 * 1_000:.1f} | {p99 * 1_000:.1f} |")
    return "\n".join(lines)


def main() -> None:
    """Measure, print, and keep the report in `bench/results/`."""
    parser = argparse.ArgumentParser(description="Kindroom beside ejabberd and matrix-synapse.")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--quick", action="store_true", help="one round; nothing is kept")
    given = parser.parse_args()
    rounds = 1 if given.quick else given.rounds
    found, missing = asyncio.run(measure(rounds))
    text = report(found, missing, rounds)
    print(text)
    if given.quick:
        return
    RESULTS.mkdir(exist_ok=True)
    kept = {"missing": missing, **{name: asdict(each) for name, each in found.items()}}
    (RESULTS / "peers.json").write_text(json.dumps(kept, indent=1) + "\n")
    (RESULTS / "peers.md").write_text(text)


if __name__ == "__main__":
    main()
