"""100 MB of video into a room and out of it, through a real front process: `python -m bench.media`.

PostgreSQL and the blob directory with fsync on. In: parts of eight MiB, each sealed and durable when it is answered,
the last one looked at by the fenced process. Out: the same bytes by Range, opened as they leave. The copy that a
worker would make is put in place directly: what is measured is the way of the bytes, not the encoding.
"""

import argparse
import asyncio
import io
import json
import os
import platform
import random
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from uuid import UUID

import av
import httpx

from bench.clinic import OpenRoom
from bench.post_message import API_COMMAND, QUIET, RESULTS, cpu_of, prepared, searchable, server_spec
from domain.media import MIB, PART_BYTES, Details, FileName
from encryption.key_files import LocalFileKeys
from encryption.keys import KeyRing
from encryption.media import SealedFile
from integrations.blobs.directory import DirectoryBlobs
from integrations.blobs.sealed import seal_into
from kindroom.embedded.placement import remove_home
from kindroom.embedded.ports import free_port
from kindroom.embedded.postgres import EmbeddedPostgres
from kindroom.embedded.programs import Program, answers_http
from records import media_copies
from records.database import Database
from records.migrate import migrate

SIZE = 100 * MIB
ROUNDS = 5
SEEKS = 100
GOAL_MIB = 200
_PAUSE_SECONDS = 60.0


@dataclass
class Figures:
    """What the rounds gave. Seconds, bytes."""

    size: int
    came_in: list[float] = field(default_factory=list)
    went_out: list[float] = field(default_factory=list)
    seeks: list[float] = field(default_factory=list)
    cpu_in: list[float] = field(default_factory=list)
    cpu_out: list[float] = field(default_factory=list)
    resident_before: int = 0
    resident_peak: int = 0


@dataclass(frozen=True)
class Stage:
    """A front process, a room, and the worker's way to the recordings."""

    pid: int
    room: OpenRoom
    http: httpx.AsyncClient
    worker: Database
    blobs: DirectoryBlobs


async def measure(size: int, rounds: int) -> Figures:
    """Every round a recording of its own, in and out; the first round is of a small one and only warms up."""
    video = await asyncio.to_thread(_video, size)
    async with staged() as stage:
        await _round(stage, await asyncio.to_thread(_video, PART_BYTES), Figures(0))
        figures = Figures(len(video), resident_before=_memory(stage.pid, "VmRSS"))
        for number in range(rounds):
            await _round(stage, video, figures)
            print(f"round {number + 1} of {rounds}", file=sys.stderr, flush=True)
        figures.resident_peak = _memory(stage.pid, "VmHWM")
    return figures


async def _round(stage: Stage, video: bytes, figures: Figures) -> None:
    used, began = cpu_of(stage.pid), time.perf_counter()
    medium_id = await _upload(stage, video)
    figures.came_in.append(time.perf_counter() - began)
    figures.cpu_in.append(cpu_of(stage.pid) - used)
    await _make_playable(stage, medium_id, video)
    used, began = cpu_of(stage.pid), time.perf_counter()
    await _play(stage, medium_id, video)
    figures.went_out.append(time.perf_counter() - began)
    figures.cpu_out.append(cpu_of(stage.pid) - used)
    for _ in range(SEEKS):
        begin = random.randrange(len(video) - MIB)
        began = time.perf_counter()
        answer = await stage.http.get(
            f"/v1/media/{medium_id}", headers={"Range": f"bytes={begin}-{begin + MIB - 1}"}
        )
        figures.seeks.append(time.perf_counter() - began)
        if answer.status_code != 206 or answer.content != video[begin : begin + MIB]:
            raise RuntimeError(f"a range answered {answer.status_code}")


async def _upload(stage: Stage, video: bytes) -> UUID:
    asked = {"kind": "video", "content_type": "video/mp4", "size": len(video)}
    begun = (await stage.http.post(f"/v1/rooms/{stage.room.id}/media", json=asked)).raise_for_status().json()
    answer = None
    for start in range(0, len(video), PART_BYTES):
        part = video[start : start + PART_BYTES]
        place = f"bytes {start}-{start + len(part) - 1}/{len(video)}"
        answer = await stage.http.put(
            f"/v1/media/{begun['media_id']}", content=part, headers={"Content-Range": place}
        )
        answer.raise_for_status()
    if answer is None or answer.status_code != 202:
        raise RuntimeError("the recording was not taken")
    return UUID(begun["media_id"])


async def _make_playable(stage: Stage, medium_id: UUID, video: bytes) -> None:
    """What the worker does, without encoding anything."""
    async with stage.worker.transaction() as tx:
        given = await media_copies.to_make(tx, medium_id)
    assert given is not None
    file = SealedFile(given.room_id, given.id, FileName.PLAY.value, given.key)

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(video), MIB):
            yield video[start : start + MIB]

    size = await seal_into(stage.blobs, file, pieces())
    details = Details(1_000, (0,) * 48, 1280, 720)
    async with stage.worker.transaction() as tx:
        await media_copies.keep(tx, given, details, [(FileName.PLAY.value, "video/mp4", size)])


async def _play(stage: Stage, medium_id: UUID, video: bytes) -> None:
    place = 0
    async with stage.http.stream("GET", f"/v1/media/{medium_id}", headers={"Range": "bytes=0-"}) as answer:
        async for piece in answer.aiter_raw():
            if piece != video[place : place + len(piece)]:
                raise RuntimeError("other bytes came out than went in")
            place += len(piece)
    if answer.status_code != 206 or place != len(video):
        raise RuntimeError(f"{place} bytes of {len(video)} came out: {answer.status_code}")


@asynccontextmanager
async def staged() -> AsyncIterator[Stage]:
    """PostgreSQL, one front process, one room; all gone afterwards."""
    async with AsyncExitStack() as stack:
        data_dir = searchable(stack.enter_context(tempfile.TemporaryDirectory(prefix="kindroom-bench-")))
        postgres = EmbeddedPostgres(data_dir)
        stack.callback(remove_home, data_dir / "postgres")
        stack.push_async_callback(postgres.stop)
        await postgres.start()
        migrate(postgres.dsn())
        (room,) = await prepared(postgres, data_dir, 1)
        port = free_port()
        spec = server_spec(QUIET, API_COMMAND, port, postgres, data_dir)
        server = Program(spec, answers_http(port, "/healthz", range(200, 500)))
        stack.push_async_callback(server.stop)
        await server.start()
        ring = KeyRing(LocalFileKeys(data_dir / "kek.json"))
        worker = Database(postgres.dsn("kindroom_worker"), ring, size=2)
        await worker.open()
        stack.push_async_callback(worker.close)
        http = await stack.enter_async_context(
            httpx.AsyncClient(
                base_url=f"http://127.0.0.1:{port}",
                headers={"Authorization": f"Bearer {room.client_token}"},
                timeout=_PAUSE_SECONDS,
            )
        )
        assert server.child is not None
        yield Stage(server.child.pid, room, http, worker, DirectoryBlobs(data_dir / "blobs"))


def _video(size: int) -> bytes:
    """A real MP4 of about this size: one picture of noise, shown again and again."""
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=10, options={"preset": "ultrafast", "qp": "1"})
        stream.width, stream.height, stream.pix_fmt = 1280, 720, "yuv420p"
        frame = av.VideoFrame(1280, 720, "yuv420p")
        noise = random.Random(0)
        for plane in frame.planes:
            plane.update(noise.randbytes(plane.buffer_size))
        packets = [*stream.encode(frame), *stream.encode(None)]
        picture = bytes(packets[0])
        for number in range(max(1, size // len(picture))):
            packet = av.Packet(picture)
            packet.stream, packet.time_base = stream, stream.codec_context.time_base
            packet.pts = packet.dts = number
            packet.is_keyframe = True
            container.mux(packet)
    return out.getvalue()


def _memory(pid: int, name: str) -> int:
    """VmRSS or VmHWM (the highest so far) of a process, in bytes."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:"))


def report(figures: Figures, rounds: int) -> str:
    """The whole report."""
    megabytes = figures.size / 1_000_000

    def row(name: str, seconds: list[float], cpu: list[float]) -> str:
        taken = statistics.median(seconds)
        return (
            f"| {name} | {megabytes / taken:,.0f} ({megabytes / min(seconds):,.0f}) | {taken:.2f}"
            f" | {statistics.median(cpu) / megabytes * 1_000:.1f} |"
        )

    seeks = sorted(figures.seeks)
    return (
        f"# {megabytes:.0f} MB of video\n\n{platform.machine()}, {os.cpu_count()} processors shared by client, server"
        f" and PostgreSQL; Python {platform.python_version()}; fsync on; medians of {rounds} rounds.\n\n"
        "| | MB/s (best) | seconds | CPU of the server, ms a MB |\n|---|---|---|---|\n"
        f"{row('in, parts of 8 MiB', figures.came_in, figures.cpu_in)}\n"
        f"{row('out, one Range', figures.went_out, figures.cpu_out)}\n\n"
        f"A Range of one MiB anywhere in it: p50 {seeks[len(seeks) // 2] * 1_000:.1f} ms, p99"
        f" {seeks[int(len(seeks) * 0.99)] * 1_000:.1f} ms.\n\nMemory of the front process:"
        f" {figures.resident_before / MIB:.0f} MiB before, {figures.resident_peak / MIB:.0f} MiB at its highest"
        f" (goal: below {GOAL_MIB}).\n"
    )


def main() -> None:
    """Measure, print, and keep the report in `bench/results/`."""
    parser = argparse.ArgumentParser(description="100 MB of video in and out.")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--quick", action="store_true", help="one round of 32 MB; nothing is kept")
    given = parser.parse_args()
    size, rounds = (32 * MIB, 1) if given.quick else (SIZE, given.rounds)
    figures = asyncio.run(measure(size, rounds))
    text = report(figures, rounds)
    print(text)
    if given.quick:
        return
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "media.json").write_text(json.dumps(asdict(figures), indent=1) + "\n")
    (RESULTS / "media.md").write_text(text)


if __name__ == "__main__":
    main()
