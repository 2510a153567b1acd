"""Posting a message, durably, beside the floor in the same run: `python -m bench.post_message`.

PostgreSQL with fsync on, `kindroom api` and the floor as one uvicorn process each; the load comes from a third
process. Rounds are interleaved, so that what else the machine does falls on all alike; medians are told.
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
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

import psycopg

from bench.clinic import OpenRoom, open_rooms
from bench.floor import TABLE
from bench.load import Plan, Seen, Sender
from encryption.key_files import KeyFile, LocalFileKeys
from encryption.keys import KeyRing
from kindroom.embedded.placement import remove_home
from kindroom.embedded.ports import free_port
from kindroom.embedded.postgres import EmbeddedPostgres
from kindroom.embedded.processes import Child, ChildSpec, clean_environment
from kindroom.embedded.programs import Program, answers_http
from records.clinic import ensure_clinic_key
from records.database import Database
from records.migrate import migrate

ROOT = Path(__file__).resolve().parent.parent
RESULTS = Path(__file__).parent / "results"
SENDERS = {1: 300, 8: 1_200, 32: 1_600}
"""How many requests a round has, by how many send at once."""

ROUNDS = 5
GOAL = 0.6
TEXT = "I slept a little better this week, and I tried what we spoke about on Tuesday. It helped, mostly."

FLOOR = "floor"
QUIET = "message"
TURNS = "message that turns the clock"
CASES = {
    FLOOR: "FastAPI, session look-up, one sealed INSERT + COMMIT",
    QUIET: "the product: a message while an answer is owed already (opens no clock)",
    TURNS: "the product: client and therapist in turn (each message opens a clock or answers one)",
}
API_COMMAND: Sequence[str] = (sys.executable, "-m", "kindroom", "api")


@dataclass
class Figures:
    """What the rounds of one case at one load gave."""

    rates: list[float] = field(default_factory=list)  # requests a second
    p50: list[float] = field(default_factory=list)  # seconds
    p99: list[float] = field(default_factory=list)
    server_cpu: list[float] = field(default_factory=list)  # seconds a request
    database_cpu: list[float] = field(default_factory=list)

    def add(self, seen: Seen, server_cpu: float, database_cpu: float) -> None:
        """One round more."""
        ordered = sorted(seen.latencies)
        self.rates.append(seen.answered / seen.seconds)
        self.p50.append(ordered[len(ordered) // 2])
        self.p99.append(ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))])
        self.server_cpu.append(server_cpu / seen.answered)
        self.database_cpu.append(database_cpu / seen.answered)


@dataclass(frozen=True)
class Stage:
    """Two servers over one database, and the rooms to write in."""

    postgres: EmbeddedPostgres
    servers: dict[str, tuple[Child, int]]  # by case: process and port
    rooms: list[OpenRoom]

    def plan(self, case: str, senders: int) -> Plan:
        """Who posts what to where."""
        prefix = "" if case == FLOOR else "/v1"
        spread = self.rooms[: len(self.rooms) // 2] if case == TURNS else self.rooms[len(self.rooms) // 2 :]
        people = [
            Sender(
                f"{prefix}/rooms/{room.id}/messages",
                [room.client_token, room.therapist_token] if case == TURNS else [room.client_token],
                TEXT,
            )
            for room in spread[:senders]
        ]
        return Plan(self.servers[case][1], SENDERS[senders], people)

    def cpu(self, case: str) -> tuple[float, float]:
        """Processor seconds so far of this case's server, and of PostgreSQL with all its backends."""
        assert self.postgres.child is not None
        return cpu_of(self.servers[case][0].pid), cpu_below(self.postgres.child.pid)


async def measure(rounds: int) -> dict[str, dict[int, Figures]]:
    """Interleaved rounds of every case at every load; the first round of each only warms up."""
    figures = {case: {senders: Figures() for senders in SENDERS} for case in CASES}
    async with staged(2 * max(SENDERS)) as stage:
        for number in range(rounds + 1):
            for senders in SENDERS:
                for case in CASES:
                    before = stage.cpu(case)
                    seen = await _load(stage.plan(case, senders))
                    after = stage.cpu(case)
                    if seen.refused:
                        raise RuntimeError(f"{case}: {seen.refused} of {seen.answered} were refused")
                    if number:
                        figures[case][senders].add(seen, after[0] - before[0], after[1] - before[1])
            print(f"round {number} of {rounds}", file=sys.stderr, flush=True)
    return figures


@asynccontextmanager
async def staged(rooms: int) -> AsyncIterator[Stage]:
    """PostgreSQL, both servers and the rooms; all gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="kindroom-bench-") as name:
        data_dir = searchable(name)
        postgres = EmbeddedPostgres(data_dir)
        programs: list[Program] = []
        try:
            await postgres.start()
            migrate(postgres.dsn())
            opened = await prepared(postgres, data_dir, rooms)
            servers = {}
            for case, command in ((QUIET, API_COMMAND), (FLOOR, (sys.executable, "-m", "bench.floor"))):
                port = free_port()
                server = Program(
                    server_spec(case, command, port, postgres, data_dir),
                    answers_http(port, "/healthz", range(200, 500)),
                )
                programs.append(server)
                await server.start()
                assert server.child is not None
                servers[case] = (server.child, port)
            yield Stage(postgres, {**servers, TURNS: servers[QUIET]}, opened)
        finally:
            for program in programs:
                await program.stop()
            await postgres.stop()
            remove_home(data_dir / "postgres")


def searchable(name: str) -> Path:
    """The directory, where PostgreSQL's user may pass: root drops to another one."""
    path = Path(name)
    path.chmod(0o711)
    return path


async def prepared(postgres: EmbeddedPostgres, data_dir: Path, rooms: int) -> list[OpenRoom]:
    """Keys and open rooms over a migrated database."""
    KeyFile(data_dir / "codec.json")
    care = Database(postgres.dsn("kindroom_care"), KeyRing(LocalFileKeys(data_dir / "kek.json")), size=4)
    await care.open()
    await ensure_clinic_key(care)
    opened = await open_rooms(care, rooms)
    await care.close()
    with psycopg.connect(postgres.dsn()) as connection:
        connection.execute(TABLE.encode())
        connection.execute("ANALYZE")  # as autovacuum has done on any clinic that is older than a minute
    return opened


def server_spec(
    case: str, command: Sequence[str], port: int, postgres: EmbeddedPostgres, data_dir: Path
) -> ChildSpec:
    variables = {
        "KINDROOM_DATA_DIR": str(data_dir),
        "KINDROOM_DATABASE_CARE": postgres.dsn("kindroom_care"),
        "KINDROOM_DATABASE_BILLING": postgres.dsn("kindroom_billing"),
        "KINDROOM_DATABASE_LISTEN": postgres.dsn("kindroom_care"),
        "KINDROOM_KEK_FILE": str(data_dir / "kek.json"),
        "KINDROOM_CODEC_KEY_FILE": str(data_dir / "codec.json"),
        "KINDROOM_TEMPORAL_ADDRESS": f"127.0.0.1:{free_port()}",  # nobody there: posts do not need it
        "KINDROOM_PORT": str(port),
        "KINDROOM_LOG_LEVEL": "warning",
        "FLOOR_PORT": str(port),
    }
    return ChildSpec(
        name=case,
        command=tuple(command),
        log=data_dir / "logs" / f"{case.split(maxsplit=1)[0]}.log",
        environment={**clean_environment(), **variables},
        directory=ROOT,
    )


async def _load(plan: Plan) -> Seen:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.load"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
    )
    answer, _ = await process.communicate(json.dumps(asdict(plan)).encode())
    return Seen(**json.loads(answer))


def cpu_of(pid: int) -> float:
    """User and system seconds of one process."""
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def cpu_below(pid: int) -> float:
    """User and system seconds of a process and its children."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return cpu_of(pid) + sum(cpu_of(int(child)) for child in children if Path(f"/proc/{child}").exists())


def table(figures: dict[str, dict[int, Figures]]) -> str:
    """The medians as a Markdown table."""
    lines = [
        "| senders | case | requests/s (best) | of the floor | p50 ms | p99 ms | CPU ms: server + PostgreSQL |",
        "|---|---|---|---|---|---|---|",
    ]
    for senders in SENDERS:
        floor = statistics.median(figures[FLOOR][senders].rates)
        for case in CASES:
            found = figures[case][senders]
            rate = statistics.median(found.rates)
            p50, p99, server, database = (
                statistics.median(values) * 1_000
                for values in (found.p50, found.p99, found.server_cpu, found.database_cpu)
            )
            lines.append(
                f"| {senders} | {case} | {rate:,.0f} ({max(found.rates):,.0f}) | {rate / floor:.2f} | {p50:.1f} |"
                f" {p99:.1f} | {server:.2f} + {database:.2f} |"
            )
    return "\n".join(lines)


def report(figures: dict[str, dict[int, Figures]], rounds: int) -> str:
    """The whole report."""
    cases = "\n".join(f"- **{case}**: {meaning}." for case, meaning in CASES.items())
    return (
        f"# Posting a message\n\n{platform.machine()}, {os.cpu_count()} processors shared by load, servers and"
        f" PostgreSQL; Python {platform.python_version()}; fsync on; medians of {rounds} interleaved rounds."
        f" Goal: at least {GOAL} of the floor.\n\n{cases}\n\n{table(figures)}\n"
    )


def main() -> None:
    """Measure, print, and keep the report in `bench/results/`."""
    parser = argparse.ArgumentParser(description="Durable posts a second, beside the floor.")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--quick", action="store_true", help="two rounds; nothing is kept")
    given = parser.parse_args()
    rounds = 2 if given.quick else given.rounds
    figures = asyncio.run(measure(rounds))
    text = report(figures, rounds)
    print(text)
    if given.quick:
        return
    RESULTS.mkdir(exist_ok=True)
    kept = {
        case: {str(senders): asdict(found) for senders, found in loads.items()}
        for case, loads in figures.items()
    }
    (RESULTS / "post_message.json").write_text(json.dumps(kept, indent=1) + "\n")
    (RESULTS / "post_message.md").write_text(text)


if __name__ == "__main__":
    main()
