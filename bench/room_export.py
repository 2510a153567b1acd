"""The archive of a room of 50,000 messages: `python -m bench.room_export`.

`kindroom api` as one process on PostgreSQL; the archive is read as a browser does, and meanwhile somebody else asks for
their rooms again and again. Memory is the most the process held in RAM while it was made.
"""

import argparse
import asyncio
import io
import json
import os
import platform
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from zipfile import ZipFile

import httpx

from bench.long_room import LongRoom, long_room
from bench.post_message import API_COMMAND, server_spec
from kindroom.embedded.ports import free_port
from kindroom.embedded.programs import Program, answers_http

RESULTS = Path(__file__).parent / "results"
MESSAGES = 50_000
GOAL_MB = 64.0  # more than the process held before


@dataclass(frozen=True)
class Measured:
    """Seconds and bytes of one export; of somebody else's requests before and meanwhile p50 and highest, in ms."""

    messages: int
    first_byte: float
    seconds: float
    archive: int
    foretold: int
    plain: int
    resident_before: int
    resident_most: int
    others_before: tuple[float, float]
    others_meanwhile: tuple[float, float]


async def measure(messages: int) -> Measured:
    """Fill, serve, export once to warm up and once to measure."""
    async with long_room(messages) as room:
        port = free_port()
        api = Program(
            server_spec("api", API_COMMAND, port, room.postgres, room.data_dir),
            answers_http(port, "/healthz", range(200, 500)),
        )
        await api.start()
        assert api.child is not None
        try:
            async with httpx.AsyncClient(
                base_url=f"http://127.0.0.1:{port}", timeout=300, trust_env=False
            ) as http:
                return await _measured(http, room, api.child.pid)
        finally:
            await api.stop()


async def _measured(http: httpx.AsyncClient, room: LongRoom, pid: int) -> Measured:
    stop = asyncio.Event()
    asking = asyncio.create_task(_ask(http, room, stop))
    await asyncio.sleep(2)
    stop.set()
    before = await asking
    resident = _resident(pid, "VmRSS")
    _count_anew(pid)
    stop = asyncio.Event()
    asking = asyncio.create_task(_ask(http, room, stop))
    began = time.perf_counter()
    headers = {"Authorization": f"Bearer {room.room.client_token}"}
    archive, first_byte = io.BytesIO(), 0.0
    async with http.stream("POST", f"/v1/rooms/{room.room.id}/export", headers=headers) as answer:
        foretold = int(answer.headers["X-Export-Bytes"])
        async for chunk in answer.aiter_raw():
            first_byte = first_byte or time.perf_counter() - began
            archive.write(chunk)
    seconds = time.perf_counter() - began
    stop.set()
    with ZipFile(archive) as whole:
        assert len(json.loads(whole.read("messages.json"))["messages"]) == room.messages
        plain = sum(entry.file_size for entry in whole.infolist())
    return Measured(
        room.messages,
        first_byte,
        seconds,
        archive.getbuffer().nbytes,
        foretold,
        plain,
        resident,
        _resident(pid, "VmHWM"),
        before,
        await asking,
    )


async def _ask(http: httpx.AsyncClient, room: LongRoom, stop: asyncio.Event) -> tuple[float, float]:
    """Somebody else's request every 20 ms: median and highest milliseconds."""
    taken = []
    while not stop.is_set():
        began = time.perf_counter()
        answer = await http.get("/v1/me", headers={"Authorization": f"Bearer {room.room.therapist_token}"})
        answer.raise_for_status()
        taken.append((time.perf_counter() - began) * 1_000)
        await asyncio.sleep(0.02)
    taken.sort()
    return round(taken[len(taken) // 2], 1), round(taken[-1], 1)


def _count_anew(pid: int) -> None:
    """From here on the most that it held is counted (VmHWM)."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def _resident(pid: int, name: str) -> int:
    """Bytes of memory of a process: now (VmRSS), or the most (VmHWM)."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024
    raise ProcessLookupError


def report(found: Measured) -> str:
    """The whole report."""
    grown = (found.resident_most - found.resident_before) / 1e6
    return "\n".join(
        [
            "# The archive of a room",
            "",
            f"{platform.machine()}, {os.cpu_count()} processors shared by reader, API, PostgreSQL and whatever else"
            f" ran; Python {platform.python_version()}; load average at the end {os.getloadavg()[0]:.1f}."
            f" {found.messages:,} messages, no recordings. Goal: less than {GOAL_MB:.0f} MB more memory than before.",
            "",
            f"- {found.seconds:.1f} s for {found.archive / 1e6:.1f} MB ({found.plain / 1e6:.1f} MB unpacked; foretold"
            f" {found.foretold / 1e6:.1f} MB); the first byte after {found.first_byte * 1_000:.0f} ms;"
            f" {found.messages / found.seconds:,.0f} messages a second.",
            f"- Memory of the API's process: {found.resident_before / 1e6:.0f} MB before, at most"
            f" {found.resident_most / 1e6:.0f} MB ({grown:+.1f} MB).",
            f"- Somebody else's request (p50, highest): {found.others_before[0]} and {found.others_before[1]} ms"
            f" before, {found.others_meanwhile[0]} and {found.others_meanwhile[1]} ms meanwhile.",
            "",
        ]
    )


def main() -> None:
    """Measure, print, and keep the report in `bench/results/`."""
    parser = argparse.ArgumentParser(description="The archive of a long room.")
    parser.add_argument("--messages", type=int, default=MESSAGES)
    given = parser.parse_args()
    found = asyncio.run(measure(given.messages))
    text = report(found)
    if given.messages == MESSAGES:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / "room_export.json").write_text(json.dumps(asdict(found), indent=1) + "\n")
        (RESULTS / "room_export.md").write_text(text)
    print(text)
    if (found.resident_most - found.resident_before) / 1e6 > GOAL_MB:
        sys.exit("more memory than the goal")


if __name__ == "__main__":
    main()
