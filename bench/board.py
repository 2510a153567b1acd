"""The supervisors' board over a hundred thousand open rooms: `python -m bench.board`.

PostgreSQL with a filled clinic and `kindroom api` as one process; every filter in every order through HTTP, the first
page and the one after it, and what the process has grown by after two hundred requests.
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
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from bench.full_clinic import FullClinic, fill
from bench.post_message import cpu_below, searchable
from encryption.key_files import KeyFile, LocalFileKeys
from encryption.keys import KeyRing
from kindroom.embedded.placement import remove_home
from kindroom.embedded.ports import free_port
from kindroom.embedded.postgres import EmbeddedPostgres
from kindroom.embedded.processes import ChildSpec, clean_environment
from kindroom.embedded.programs import Program, answers_http
from records.board_cursors import Sort
from records.clinic import ensure_clinic_key
from records.database import Database
from records.migrate import migrate

ROOT = Path(__file__).resolve().parent.parent
ROOMS = 100_000
RESULTS = Path(__file__).parent / "results"
GOAL_MS = 100.0
GROWTH_REQUESTS = 200
ORDERS = tuple(f"{sign}{sort}" for sort in Sort for sign in ("", "-"))


@dataclass(frozen=True)
class Figure:
    """Milliseconds of one filter in one order: the first page, and the page after it (None: there is none).

    `cpu`: processor time of API and PostgreSQL together, a request; the steadiest figure on a busy machine.
    """

    filter: str
    order: str
    rows: int
    p50: float
    p95: float
    next_p50: float | None
    cpu: float


@dataclass(frozen=True)
class Measured:
    """Everything that was measured. Bytes are of the API's process (resident)."""

    rooms: int
    figures: list[Figure]
    page_ms: dict[str, float]  # whole pages of the web, p50
    resident_before: int
    resident_after: int


def filters(clinic: FullClinic) -> dict[str, dict[str, str]]:
    """Each filter of the board, by name, as its query."""
    soon = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    code = clinic.codes[len(clinic.codes) // 2]
    states = ("running", "overdue", "held", "breached", "met", "late", "waived", "cancelled")
    return {
        **{f"state={state}": {"state": state} for state in states},
        "therapist": {"therapist": str(clinic.therapist_ids[7])},
        "team": {"team": "North"},
        "team, overdue": {"team": "North", "state": "overdue"},
        "policy": {"policy": "evening"},
        "policy of nobody": {"policy": "nobody-has-it"},
        "kind": {"kind": "consult"},
        "due before": {"due_before": soon},
        "coverage gap": {"coverage_gap": "true"},
        "no coverage gap": {"coverage_gap": "false"},
        "acknowledged": {"acknowledged": "true"},
        "not acknowledged": {"acknowledged": "false"},
        "code begins": {"client_code": code[:4]},
        "one code": {"client_code": code},
    }


async def measure(rooms: int, repeats: int) -> Measured:
    """Fill, serve, ask."""
    async with served(rooms) as (http, clinic, pids):
        await _ask(http, {"state": "running"}, "due_at")  # warms up
        before = _resident(pids[0])
        for _ in range(GROWTH_REQUESTS):
            await _ask(http, {"state": "running"}, "due_at")
        after = _resident(pids[0])
        figures = [
            await _figure(http, pids, name, query, order, repeats)
            for name, query in filters(clinic).items()
            for order in ORDERS
        ]
        pages = {path: await _page(http, path, repeats) for path in _PAGES}
    return Measured(rooms, figures, pages, before, after)


_PAGES = ("/board", "/board?state=overdue&team=North", "/board/load", "/board/breaches")


async def _figure(
    http: httpx.AsyncClient, pids: tuple[int, int], name: str, query: dict[str, str], order: str, repeats: int
) -> Figure:
    first, following = [], []
    rows, used = 0, _cpu(pids)
    for _ in range(repeats):
        seconds, answer = await _ask(http, query, order)
        first.append(seconds * 1_000)
        rows = len(answer["items"])
        if answer["next_cursor"]:
            seconds, _ = await _ask(http, {**query, "cursor": answer["next_cursor"]}, order)
            following.append(seconds * 1_000)
    used = (_cpu(pids) - used) / (len(first) + len(following))
    first.sort()
    return Figure(
        name,
        order,
        rows,
        round(statistics.median(first), 1),
        round(first[min(len(first) - 1, int(len(first) * 0.95))], 1),
        round(statistics.median(following), 1) if following else None,
        round(used * 1_000, 1),
    )


def _cpu(pids: tuple[int, int]) -> float:
    """Seconds so far of the API and of PostgreSQL with its backends."""
    return sum(cpu_below(pid) for pid in pids)


async def _ask(http: httpx.AsyncClient, query: dict[str, str], order: str) -> tuple[float, dict[str, Any]]:
    began = time.perf_counter()
    answer = await http.get("/v1/clocks", params={**query, "sort": order, "limit": 100})
    seconds = time.perf_counter() - began
    answer.raise_for_status()
    return seconds, answer.json()


async def _page(http: httpx.AsyncClient, path: str, repeats: int) -> float:
    taken = []
    for _ in range(repeats):
        began = time.perf_counter()
        (await http.get(path)).raise_for_status()
        taken.append((time.perf_counter() - began) * 1_000)
    return round(statistics.median(taken), 1)


@asynccontextmanager
async def served(rooms: int) -> AsyncIterator[tuple[httpx.AsyncClient, FullClinic, tuple[int, int]]]:
    """A filled database and the API over it, asked by its supervisor; all gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="kindroom-bench-") as name:
        data_dir = searchable(name)
        postgres = EmbeddedPostgres(data_dir)
        server: Program | None = None
        try:
            await postgres.start()
            migrate(postgres.dsn())
            await _keys(postgres, data_dir)
            clinic = fill(postgres.dsn(), rooms)
            print(f"{rooms:,} rooms are filled in", file=sys.stderr, flush=True)
            port = free_port()
            server = Program(_api(port, postgres, data_dir), answers_http(port, "/healthz", range(200, 500)))
            await server.start()
            assert server.child is not None
            assert postgres.child is not None
            headers = {"Authorization": f"Bearer {clinic.supervisor_token}"}
            async with httpx.AsyncClient(
                base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=60, trust_env=False
            ) as http:
                yield http, clinic, (server.child.pid, postgres.child.pid)
        finally:
            if server is not None:
                await server.stop()
            await postgres.stop()
            remove_home(data_dir / "postgres")


async def _keys(postgres: EmbeddedPostgres, data_dir: Path) -> None:
    KeyFile(data_dir / "codec.json")
    care = Database(postgres.dsn("kindroom_care"), KeyRing(LocalFileKeys(data_dir / "kek.json")), size=2)
    await care.open()
    await ensure_clinic_key(care)
    await care.close()


def _api(port: int, postgres: EmbeddedPostgres, data_dir: Path) -> ChildSpec:
    variables = {
        "KINDROOM_DATA_DIR": str(data_dir),
        "KINDROOM_DATABASE_CARE": postgres.dsn("kindroom_care"),
        "KINDROOM_DATABASE_BILLING": postgres.dsn("kindroom_billing"),
        "KINDROOM_DATABASE_LISTEN": postgres.dsn("kindroom_care"),
        "KINDROOM_KEK_FILE": str(data_dir / "kek.json"),
        "KINDROOM_CODEC_KEY_FILE": str(data_dir / "codec.json"),
        "KINDROOM_TEMPORAL_ADDRESS": f"127.0.0.1:{free_port()}",  # nobody there: lists do not need it
        "KINDROOM_PORT": str(port),
        "KINDROOM_LOG_LEVEL": "warning",
    }
    return ChildSpec(
        name="api",
        command=(sys.executable, "-m", "kindroom", "api"),
        log=data_dir / "logs" / "api.log",
        environment={**clean_environment(), **variables},
        directory=ROOT,
    )


def _resident(pid: int) -> int:
    """Bytes of memory of a process."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise ProcessLookupError


def report(measured: Measured, repeats: int) -> str:
    """The whole report."""
    slow = [each for each in measured.figures if each.p50 > GOAL_MS]
    worst = max(measured.figures, key=lambda each: each.p50)
    grown = (measured.resident_after - measured.resident_before) / 1_000_000
    return "\n".join(
        [
            "# The supervisors' board",
            "",
            f"{platform.machine()}, {os.cpu_count()} processors shared by client, API, PostgreSQL and whatever else"
            f" ran; Python {platform.python_version()}. {measured.rooms:,} open rooms, each with a running clock and"
            f" two that ended; one page is 100 rows over HTTP. Milliseconds, {repeats} requests each; load average"
            f" at the end {os.getloadavg()[0]:.1f}. Goal: the first page under {GOAL_MS:.0f} ms.",
            "",
            f"- {len(measured.figures) - len(slow)} of {len(measured.figures)} filter and order pairs have a p50 of the"
            f" first page within the goal; the slowest is {worst.filter} by {worst.order} with {worst.p50} ms.",
            f"- Processor time of API and PostgreSQL together, a request: median"
            f" {statistics.median(each.cpu for each in measured.figures):.1f} ms, highest"
            f" {max(each.cpu for each in measured.figures):.1f} ms. What stands above it in the table is waiting for a"
            " processor.",
            f"- Memory of the API's process over {GROWTH_REQUESTS} requests: {measured.resident_before / 1e6:.1f} to"
            f" {measured.resident_after / 1e6:.1f} MB ({grown:+.2f} MB).",
            "- Whole pages, p50: "
            + "; ".join(f"`{path}` {ms} ms" for path, ms in measured.page_ms.items())
            + ".",
            "",
            *_table(measured),
            "",
        ]
    )


def _table(measured: Measured) -> Iterator[str]:
    yield "First page p50 / p95, in brackets the p50 of the page after it, and processor time a request."
    yield ""
    yield "| filter | rows | " + " | ".join(ORDERS) + " |"
    yield "|---" * (len(ORDERS) + 2) + "|"
    for name in dict.fromkeys(each.filter for each in measured.figures):
        found = {each.order: each for each in measured.figures if each.filter == name}
        cells = [
            f"{each.p50:.0f} / {each.p95:.0f}"
            + (f" ({each.next_p50:.0f})" if each.next_p50 is not None else "")
            + f" {each.cpu:.0f}"
            for each in found.values()
        ]
        yield f"| {name} | {next(iter(found.values())).rows} | " + " | ".join(cells) + " |"


def main() -> None:
    """Measure, print, and keep the report in `bench/results/`."""
    parser = argparse.ArgumentParser(description="The board over a hundred thousand open rooms.")
    parser.add_argument("--rooms", type=int, default=ROOMS)
    parser.add_argument("--repeats", type=int, default=10)
    given = parser.parse_args()
    measured = asyncio.run(measure(given.rooms, given.repeats))
    text = report(measured, given.repeats)
    if given.rooms == ROOMS:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / "board.json").write_text(json.dumps(asdict(measured), indent=1) + "\n")
        (RESULTS / "board.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
