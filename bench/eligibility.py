"""One eligibility round trip against the payer sandbox, one at a time and 50 at once: `python -m bench.eligibility`.

Twice: the line alone (a 270 is written, sent, answered, and the 271 read into the value that decides), on both
transports; and the whole verification as the worker does it, with its rows, locks, sealing and audit on PostgreSQL. The
sandbox is a process of its own that adds no latency: a real payer's seconds come on top.
"""

import argparse
import asyncio
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4

import httpx
from temporalio.testing import ActivityEnvironment

from activities.coverages import CoverageActivities
from activities.eligibility_mapping import read_answer
from activities.eligibility_questions import question_of, trace_of
from activities.shapes.coverages import AskPayer
from bench.post_message import cpu_of, searchable
from domain.consents import Document, current
from domain.insured import Card, PlanPerson
from encryption.key_files import LocalFileKeys
from encryption.keys import KeyRing, KeyScope
from encryption.rooms import seal_field
from integrations.clearinghouse.core import CoreAccount, CoreClearingHouse
from integrations.clearinghouse.http import KEPT, Exchange
from integrations.clearinghouse.port import ClearingHouse
from integrations.clearinghouse.raw import RawClearingHouse
from kindroom.clinic.payers import PRACTICE
from kindroom.embedded.placement import remove_home
from kindroom.embedded.postgres import EmbeddedPostgres
from records import payers
from records.clinic import ensure_clinic_key
from records.database import Database, Transaction, dumps
from records.eligibility_checks import ToAsk
from records.migrate import migrate
from records.practice import set_practice

RESULTS = Path(__file__).parent / "results"
AT_ONCE: Final = (1, 50)
CIGNA: Final = "62308"
LINE, WHOLE = "270 written, sent, 271 read", "whole verification on rows"


@dataclass(frozen=True)
class Measured:
    """One case. Milliseconds of a round trip; processor milliseconds of one, ours and the sandbox's."""

    what: str
    transport: str
    at_once: int
    asked: int
    p50_ms: float
    p99_ms: float
    each_second: float
    cpu_ms: float
    sandbox_cpu_ms: float


async def measure(rounds: int) -> list[Measured]:
    """Every case, one after the other."""
    measured = []
    with tempfile.TemporaryDirectory(prefix="kindroom-bench-") as name:
        folder = searchable(name)
        with sandbox(folder / "sandbox") as (url, pid):
            async with clinic(folder) as (owner, worker), httpx.AsyncClient(limits=KEPT) as client:
                for transport, house in houses(client, url).items():
                    for at_once in AT_ONCE:
                        asking = _line(house)
                        await asking(-1)
                        measured.append(await _timed(LINE, transport, at_once, rounds, asking, pid))
                house = houses(client, url)["raw"]
                for at_once in AT_ONCE:
                    covers = await insured(owner, rounds + 1)
                    asking = _verification(worker, house, covers)
                    await asking(rounds)
                    measured.append(await _timed(WHOLE, "raw", at_once, rounds, asking, pid))
    return measured


@contextmanager
def sandbox(folder: Path) -> Any:
    """The payer sandbox without latency: its address and process id."""
    command = [sys.executable, "-m", "sandbox", "--data", str(folder), "--latency-p50-ms=0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().split()[-1], process.pid
        finally:
            process.terminate()
            process.wait(timeout=20)


def houses(client: httpx.AsyncClient, url: str) -> dict[str, ClearingHouse]:
    """Both transports."""
    exchange = Exchange(client, url)
    account = CoreAccount("kindroom", "secret", "KINDROOM", "SANDBOX")
    return {"raw": RawClearingHouse(exchange), "core": CoreClearingHouse(exchange, account)}


@asynccontextmanager
async def clinic(folder: Path) -> AsyncIterator[tuple[Database, Database]]:
    """A clinic with one payer, under the logins of its owner and its worker; gone afterwards."""
    postgres = EmbeddedPostgres(folder)
    try:
        await postgres.start()
        migrate(postgres.dsn())
        ring = KeyRing(LocalFileKeys(folder / "kek.json"))
        owner = Database(postgres.dsn(), ring, size=2)
        worker = Database(postgres.dsn("kindroom_worker"), ring, size=10)
        await owner.open()
        await worker.open()
        await ensure_clinic_key(owner)
        async with owner.transaction() as tx:
            await set_practice(tx, PRACTICE)
            await payers.add_payer(tx, payers.NewPayer("cigna", "Cigna", CIGNA, "CI", 90))
        yield owner, worker
        await owner.close()
        await worker.close()
    finally:
        await postgres.stop()
        remove_home(folder / "postgres")


async def insured(database: Database, many: int) -> list[UUID]:
    """Clients whose cover is to be asked about."""
    async with database.transaction() as tx:
        payer = await payers.by_number(tx, CIGNA)
        assert payer is not None
        return [await _insured(tx, payer["id"], n) for n in range(many)]


async def _insured(tx: Transaction, payer_id: UUID, n: int) -> UUID:
    client_id, coverage_id = uuid4(), uuid4()
    await tx.insert(
        "accounts", id=client_id, role="client", username_index=client_id.bytes, display_name="K-1",
        password_hash="-",  # noqa: S106  nobody can sign in to it
        time_zone="America/New_York", created_at=tx.now, confirmed_at=tx.now,
    )  # fmt: skip
    key = await tx.new_key(KeyScope.BILLING, client_id)
    profile = dumps({"legal_name": "Ana Rivera", "date_of_birth": "1990-01-15", "sex_on_file": "female"})
    await tx.insert(
        "clients", id=client_id, code=f"K-{client_id.hex[:8]}", state="NY", stage="coverage", stage_since=tx.now,
        profile_sealed=seal_field(key, client_id, "clients", "profile_sealed", client_id, profile),
        intake_version=0, journey_version=1, created_at=tx.now,
    )  # fmt: skip
    await tx.insert(
        "consents", id=uuid4(), client_id=client_id, document=Document.RELEASE_OF_BENEFITS, state="NY",
        version=current(Document.RELEASE_OF_BENEFITS, tx.now.date()).version, signature_sealed=b"-",
        signed_at=tx.now,
    )  # fmt: skip
    card = dumps(Card(f"U{n:08d}01").to_json())
    await tx.insert(
        "coverages", id=coverage_id, client_id=client_id, kind="insurance", payer_id=payer_id,
        card_payer_id=payer_id, status="verifying", status_at=tx.now, asking=True, verification=1, version=1,
        details_sealed=seal_field(key, client_id, "coverages", "details_sealed", coverage_id, card),
        reasons=["asked"], owner="payer", created_at=tx.now,
    )  # fmt: skip
    return coverage_id


def _line(house: ClearingHouse) -> Callable[[int], Awaitable[None]]:
    """Ask for one member, without rows."""
    person = PlanPerson("RIVERA", "ANA", date(1990, 1, 15), "F")

    async def ask(n: int) -> None:
        trace = uuid4().hex
        to_ask = ToAsk(
            uuid4(), trace, n + 2, PRACTICE, "CIGNA", CIGNA, ("MH",), datetime.now(UTC).date(),
            f"U{n % 10_000:08d}01", None, person, None, fewer_fields=False,
        )  # fmt: skip
        answer = read_answer(await house.check(question_of(to_ask, datetime.now(UTC))), trace_of(to_ask))
        assert answer.active

    return ask


def _verification(
    database: Database, house: ClearingHouse, covers: list[UUID]
) -> Callable[[int], Awaitable[None]]:
    """One attempt of the worker: its row, the question, the answer, the settled cover."""
    activities = CoverageActivities(database, house)

    async def ask(n: int) -> None:
        asked = await ActivityEnvironment().run(activities.ask_payer, AskPayer(covers[n], 1, 1))
        assert asked.next_at is None

    return ask


async def _timed(
    what: str, transport: str, at_once: int, rounds: int, ask: Callable[[int], Awaitable[None]], pid: int
) -> Measured:
    """Every round once, as many as `at_once` under way at a time."""
    waiting, took = iter(range(rounds)), list[float]()
    began, ours, theirs = time.perf_counter(), time.process_time(), cpu_of(pid)

    async def lane(rounds: Iterable[int]) -> None:
        for n in rounds:
            at = time.perf_counter()
            await ask(n)
            took.append(time.perf_counter() - at)

    await asyncio.gather(*(lane(waiting) for _ in range(at_once)))
    seconds = time.perf_counter() - began
    took.sort()
    return Measured(
        what,
        transport,
        at_once,
        rounds,
        p50_ms=round(took[len(took) // 2] * 1e3, 1),
        p99_ms=round(took[int(len(took) * 0.99)] * 1e3, 1),
        each_second=round(rounds / seconds, 1),
        cpu_ms=round((time.process_time() - ours) / rounds * 1e3, 2),
        sandbox_cpu_ms=round((cpu_of(pid) - theirs) / rounds * 1e3, 2),
    )


def report(measured: list[Measured]) -> str:
    """The whole report."""
    return "\n".join(
        [
            "# One eligibility round trip",
            "",
            f"{platform.machine()}, {os.cpu_count()} processors shared by the worker, PostgreSQL, the sandbox and"
            f" whatever else ran; Python {platform.python_version()}; load average at the end"
            f" {os.getloadavg()[0]:.1f}. The sandbox adds no latency of its own.",
            "",
            "| what | transport | at once | asked | p50 ms | p99 ms | a second | our CPU ms | sandbox's CPU ms |",
            "|---|---|---:|---:|---:|---:|---:|---:|---:|",
            *(
                f"| {m.what} | {m.transport} | {m.at_once} | {m.asked:,} | {m.p50_ms} | {m.p99_ms} | {m.each_second} |"
                f" {m.cpu_ms} | {m.sandbox_cpu_ms} |"
                for m in measured
            ),
            "",
            "With 50 at once everything waits for the processors: the median is about 50 times what one costs the"
            " worker, PostgreSQL and the sandbox together, divided by those that are free. Requests take their"
            " connections in turn, so the 99th percentile says how uneven the machine is, not how unfair the queue.",
            "",
        ]
    )


def main() -> None:
    """Measure, print, and keep the report in `bench/results/`."""
    parser = argparse.ArgumentParser(description="Eligibility round trips against the payer sandbox.")
    parser.add_argument("--quick", action="store_true", help="100 of each instead of 1,000; nothing is kept")
    quick = parser.parse_args().quick
    measured = asyncio.run(measure(100 if quick else 1_000))
    text = report(measured)
    if not quick:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / "eligibility.json").write_text(
            json.dumps([asdict(each) for each in measured], indent=1) + "\n"
        )
        (RESULTS / "eligibility.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
