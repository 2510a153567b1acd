"""Looking at a recording, and making its playable copy."""

import os
from collections.abc import Iterator
from typing import Any, Final

from av.audio.frame import AudioFrame
from av.video.frame import VideoFrame

from domain.media import MediumKind, RecordingRefused, Refusal
from integrations.media.decoding import choose_tracks, decoded, open_recording
from integrations.media.encoding import Picture, Sound, jpeg_of, open_copy
from integrations.media.loudness import Loudness
from integrations.media.sniff import LOOKED_AT, demuxer_of

Frame = tuple[float, VideoFrame | AudioFrame]
LOOK: Final = "look"
MAKE: Final = "make"
_ENOUGH: Final = 3  # decoded pictures or sounds that show that a recording plays
_POSTER_AT: Final = 1.0  # seconds: the first pictures are often dark
_MOST_WAITING: Final = 2_000


def run(task: str, kind: MediumKind, descriptors: list[int]) -> dict[str, Any]:
    """`look` at the first file, or `make` the second and third of it. Raises RecordingRefused."""
    source, *made = descriptors
    size = os.fstat(source).st_size
    head = os.pread(source, LOOKED_AT, 0)
    demuxer = demuxer_of(head, os.pread(source, LOOKED_AT, max(0, size - LOOKED_AT)))
    os.lseek(source, 0, os.SEEK_SET)
    with os.fdopen(source, "rb", buffering=0) as file:
        if task == LOOK:
            look(file, demuxer, kind)
            return {}
        return make(file, demuxer, kind, *made)


def look(file: Any, demuxer: str, kind: MediumKind) -> None:
    """Whether the first pictures, or sounds, decode. Raises RecordingRefused."""
    with open_recording(file, demuxer) as given:
        tracks = choose_tracks(given, kind)
        wanted = VideoFrame if kind is MediumKind.VIDEO else AudioFrame
        seen = 0
        for _, frame in decoded(given, tracks):
            seen += isinstance(frame, wanted)
            if seen >= _ENOUGH:
                return
    if not seen:
        raise RecordingRefused(Refusal.NOT_PLAYABLE)


def make(file: Any, demuxer: str, kind: MediumKind, out: int, poster: int) -> dict[str, Any]:
    """The copy into `out`, for a video its picture into `poster`; what was found out. Raises RecordingRefused."""
    loudness = Loudness()
    with open_recording(file, demuxer) as given, open_copy(out) as copy:
        tracks = choose_tracks(given, kind)
        sound = Sound(copy, tracks.audio.channels) if tracks.audio is not None else None
        picture: Picture | None = None
        shown: tuple[float, VideoFrame] | None = None
        for at, frame in _picture_first(decoded(given, tracks)) if tracks.video else decoded(given, tracks):
            if isinstance(frame, VideoFrame):
                picture = picture or Picture(copy, frame)
                picture.add(at, frame)
                if shown is None or shown[0] < _POSTER_AT <= at:
                    shown = (at, frame)
            elif sound is not None:
                loudness.hear(frame)
                sound.add(at, frame)
        if (picture is None) if kind is MediumKind.VIDEO else (sound is None or not sound.end):
            raise RecordingRefused(Refusal.NOT_PLAYABLE)
        made = [track for track in (picture, sound) if track is not None]
        for track in made:
            track.finish()
    if shown is not None:
        os.pwrite(poster, jpeg_of(shown[1]), 0)
    return {
        "duration_ms": round(1000 * max(track.end for track in made)),
        "waveform": loudness.bars(),
        "width": picture.width if picture else None,
        "height": picture.height if picture else None,
    }


def _picture_first(frames: Iterator[Frame]) -> Iterator[Frame]:
    """An MP4 names its tracks before their first bytes: sound that comes before any picture waits for it."""
    waiting: list[Frame] = []
    for at, frame in frames:
        waiting.append((at, frame))
        if isinstance(frame, VideoFrame):
            yield (at, frame)
            yield from waiting[:-1]
            yield from frames
            return
        if len(waiting) > _MOST_WAITING:
            raise RecordingRefused(Refusal.NOT_PLAYABLE)
