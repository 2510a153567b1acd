"""Recordings looked at and copied by the fenced process: what plays everywhere, and what is refused."""

import asyncio
import io
import json
import os
import signal
import sys
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import av
import pytest
from recordings import hours_of_silence, pixel_flood, sideways, video, voice

from domain.errors import Unavailable
from domain.media import WAVEFORM_BARS, Details, MediumKind, RecordingRefused, Refusal
from integrations.media.limited import LimitedProcessor, verdict
from integrations.media.loudness import bars_of

AUDIO, VIDEO = MediumKind.AUDIO, MediumKind.VIDEO
ROOT = Path(__file__).resolve().parents[2]


async def _content(data: bytes) -> AsyncIterator[bytes]:
    yield data


async def _sparse(data: bytes) -> AsyncIterator[tuple[int, bytes]]:
    yield 0, data


async def _made(data: bytes, kind: MediumKind) -> tuple[Details, bytes, bytes]:
    async with LimitedProcessor().process(len(data), _content(data), kind) as made:
        play = b"".join([piece async for piece in made.play.chunks()])
        poster = b"".join([piece async for piece in made.poster.chunks()]) if made.poster else b""
        return made.details, play, poster


async def _refusal(data: bytes, kind: MediumKind) -> Refusal:
    with pytest.raises(RecordingRefused) as refused:
        await LimitedProcessor().probe(len(data), _sparse(data), kind)
    return refused.value.reason


@pytest.mark.parametrize("form", ["webm", "mp4"])
async def test_a_video_becomes_an_mp4_that_safari_plays_with_a_picture_and_a_waveform(form: str) -> None:
    given = video(form=form, seconds=1.5)
    await LimitedProcessor().probe(len(given), _sparse(given), VIDEO)
    details, play, poster = await _made(given, VIDEO)
    with av.open(io.BytesIO(play)) as copy:
        assert [s.codec_context.name for s in copy.streams.video] == ["h264"]
        assert [s.codec_context.name for s in copy.streams.audio] == ["aac"]
        assert sum(1 for _ in copy.decode(video=0)) == 15
    assert play.index(b"moov") < play.index(b"mdat")  # it plays from its first bytes on
    assert (details.width, details.height) == (160, 120)
    assert abs(details.duration_ms - 1500) < 120
    assert len(details.waveform) == WAVEFORM_BARS
    assert max(details.waveform) == 100
    assert poster.startswith(b"\xff\xd8\xff")


@pytest.mark.parametrize("form", ["webm", "ogg", "mp4"])
async def test_a_voice_message_becomes_aac_and_its_waveform_shows_when_somebody_spoke(form: str) -> None:
    details, play, poster = await _made(voice(form=form, seconds=2, loud_after=1), AUDIO)
    with av.open(io.BytesIO(play)) as copy:
        assert [s.codec_context.name for s in copy.streams] == ["aac"]
    assert abs(details.duration_ms - 2000) < 120
    assert max(details.waveform[:20]) <= 5
    assert min(details.waveform[28:]) >= 70
    assert (details.width, poster) == (None, b"")


async def test_a_recording_that_was_cut_off_plays_to_where_it_was_cut() -> None:
    whole = video(seconds=3)
    details, _, _ = await _made(whole[: len(whole) * 6 // 10], VIDEO)
    assert 800 < details.duration_ms < 2_900


async def test_a_large_picture_is_made_smaller() -> None:
    details, _, _ = await _made(video(seconds=0.2, width=1920, height=1080, sound=False), VIDEO)
    assert (details.width, details.height) == (1280, 720)


@pytest.mark.parametrize("clockwise", [True, False])
async def test_what_a_telephone_recorded_sideways_stands_upright(clockwise: bool) -> None:
    details, play, _ = await _made(sideways(clockwise), VIDEO)
    assert (details.width, details.height) == (120, 160)
    with av.open(io.BytesIO(play)) as copy:
        picture = next(copy.decode(video=0)).reformat(format="gray").planes[0]
    top, bottom = (bytes(picture)[row * picture.line_size + 60] for row in (5, 155))
    assert (top < bottom) is clockwise  # what was on the left is on top now, or below


def _zip() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("run.js", "alert(1)")
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "kind", "reason"),
    [
        (b"MZ" + bytes(range(256)) * 20, VIDEO, Refusal.NOT_PLAYABLE),  # a program with another name
        (b"\x7fELF" + bytes(5_000), AUDIO, Refusal.NOT_PLAYABLE),
        (b"<svg onload=alert(1)>" + bytes(900), VIDEO, Refusal.NOT_PLAYABLE),
        (b"#EXTM3U\nfile:///etc/passwd\n", VIDEO, Refusal.NOT_PLAYABLE),
        (b"\x1a\x45\xdf\xa3" + bytes(5_000), VIDEO, Refusal.NOT_PLAYABLE),  # only looks like one
        (b"", AUDIO, Refusal.NOT_PLAYABLE),
    ],
)
async def test_what_is_no_recording_is_refused(data: bytes, kind: MediumKind, reason: Refusal) -> None:
    assert await _refusal(data, kind) is reason


async def test_a_file_that_is_two_things_at_once_is_refused() -> None:
    assert await _refusal(video(seconds=0.5) + _zip(), VIDEO) is Refusal.MIXED_FORMATS
    mp4 = video(form="mp4", seconds=0.5)
    size = int.from_bytes(mp4[:4], "big")
    page = b"<script>alert(1)</script>%PDF-1.7"
    box = (8 + len(page)).to_bytes(4, "big") + b"free" + page
    assert await _refusal(mp4[:size] + box + mp4[size:], VIDEO) is Refusal.MIXED_FORMATS


async def test_a_voice_is_no_video_and_a_video_no_voice() -> None:
    assert await _refusal(voice(), VIDEO) is Refusal.WRONG_KIND
    assert await _refusal(video(seconds=0.5), AUDIO) is Refusal.WRONG_KIND


async def test_a_flood_of_pixels_is_refused_and_never_decoded() -> None:
    told, hidden = pixel_flood(), pixel_flood(only_in_the_frames=True)
    assert max(len(told), len(hidden)) < 20_000
    assert await _refusal(told, VIDEO) is Refusal.TOO_MANY_PIXELS
    assert await _refusal(hidden, VIDEO) is Refusal.NOT_PLAYABLE  # its decoder was told how many it may take


async def test_a_small_file_that_plays_for_hours_is_refused() -> None:
    silence = hours_of_silence(3)
    assert len(silence) < 50_000
    with pytest.raises(RecordingRefused) as refused:
        await _made(silence, AUDIO)
    assert refused.value.reason is Refusal.TOO_LONG


async def test_nothing_of_the_strangers_file_is_carried_over() -> None:
    given = video(form="mp4", seconds=0.5)
    marked = given + (8 + 13).to_bytes(4, "big") + b"free" + b"canary phrase"
    _, play, poster = await _made(marked, VIDEO)
    assert b"canary" not in play + poster


FENCED = """
import json, os, socket, sys, threading
from integrations.media.fence import close_off, limit
limit(1)
close_off()
def refused(work):
    try: work()
    except (OSError, RuntimeError, MemoryError) as error: return type(error).__name__
    return "done"
def much(): bytearray(3 * 1024**3)
told = {
    "file": refused(lambda: open("/etc/hostname")), "socket": refused(socket.socket), "child": refused(os.fork),
    "program": refused(lambda: os.execv("/bin/true", ["true"])),
    "thread": refused(threading.Thread(target=print).start),
    "kill": refused(lambda: os.kill(os.getppid(), 0)), "memory": refused(much),
}
os.write(1, json.dumps(told).encode())
while "--spin" in sys.argv: pass
"""


async def test_the_process_opens_nothing_starts_nothing_and_reaches_nobody() -> None:
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", FENCED, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    told = json.loads((await child.communicate())[0])
    assert "done" not in told.values(), told
    assert told.keys() == {"file", "socket", "child", "program", "thread", "kill", "memory"}


async def test_what_takes_too_long_is_ended_and_that_is_a_verdict() -> None:
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", FENCED, "--spin", cwd=ROOT, stdout=asyncio.subprocess.DEVNULL
    )
    assert await child.wait() == -signal.SIGXCPU
    with pytest.raises(RecordingRefused) as refused:
        verdict(-signal.SIGXCPU, b"")
    assert refused.value.reason is Refusal.TAKES_TOO_MUCH


async def test_a_process_that_is_killed_is_no_verdict_about_the_recording(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("integrations.media.limited.sys.executable", "/bin/false")
    with pytest.raises(Unavailable):
        await LimitedProcessor().probe(4, _sparse(b"abcd"), VIDEO)


async def test_plaintext_is_in_memory_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    await _made(video(seconds=0.5), VIDEO)
    assert os.listdir(tmp_path) == []


def test_bars_are_relative_to_the_loudest_and_silence_is_flat() -> None:
    assert bars_of([]) == bars_of([10] * 500) == (0,) * WAVEFORM_BARS
    assert bars_of([1_000] * 24 + [2_000] * 24) == (50,) * 24 + (100,) * 24
    assert len(bars_of([9_000])) == WAVEFORM_BARS
