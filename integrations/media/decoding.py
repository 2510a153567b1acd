"""Opening a stranger's recording: one reader, known codecs, bounded pictures, bounded time."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from domain.media import (
    MAX_DURATION,
    MAX_FRAMES,
    MAX_PIXELS,
    MAX_TRACKS,
    MediumKind,
    RecordingRefused,
    Refusal,
)

_CODECS: Final = frozenset(
    {
        "h264",
        "hevc",
        "vp8",
        "vp9",
        "av1",
        "libdav1d",
        "opus",
        "libopus",
        "vorbis",
        "aac",
        "mp3",
        "flac",
        "alac",
    }
)
Track = VideoStream | AudioStream
_PATIENCE: Final = 50  # packets in a row that may be damaged, as in a recording that was cut off
_SLACK: Final = 5.0  # seconds: a recorder does not stop on the instant


@dataclass(frozen=True, slots=True)
class Tracks:
    """What is used of a recording; `start` is the earliest instant in it, in seconds."""

    video: VideoStream | None
    audio: AudioStream | None
    start: float
    most: float  # seconds that are taken


def open_recording(file: Any, demuxer: str) -> InputContainer:
    """The container. Nothing outside of it is ever followed. Raises RecordingRefused."""
    try:
        opened: InputContainer = av.open(
            file,
            "r",
            format=demuxer,
            options={"max_pixels": str(MAX_PIXELS), "threads": "1"},
            metadata_errors="replace",
        )
    except (FFmpegError, ValueError):
        raise RecordingRefused(Refusal.NOT_PLAYABLE) from None
    return opened


def choose_tracks(container: InputContainer, kind: MediumKind) -> Tracks:
    """The picture and the sound of a recording. Raises RecordingRefused."""
    if len(container.streams) > MAX_TRACKS:
        raise RecordingRefused(Refusal.TOO_MANY_TRACKS)
    video = next((s for s in container.streams.video if not _is_cover(s)), None)
    audio = next(iter(container.streams.audio), None)
    if kind is MediumKind.AUDIO and (video is not None or audio is None):
        raise RecordingRefused(Refusal.WRONG_KIND if video is not None else Refusal.NOT_PLAYABLE)
    if kind is MediumKind.VIDEO and video is None:
        raise RecordingRefused(Refusal.NOT_PLAYABLE if audio is None else Refusal.WRONG_KIND)
    used = [track for track in (video, audio) if track is not None]
    for track in used:
        _bound(track)
    starts = [float(t.start_time * t.time_base) for t in used if t.start_time is not None and t.time_base]
    most = MAX_DURATION[kind].total_seconds() + _SLACK
    if container.duration is not None and container.duration / av.time_base > most:
        raise RecordingRefused(Refusal.TOO_LONG)
    return Tracks(video, audio, min(starts, default=0.0), most)


def decoded(container: InputContainer, tracks: Tracks) -> Iterator[tuple[float, VideoFrame | AudioFrame]]:
    """Every picture and sound with its instant, in seconds from the beginning. Damage is passed over.

    Raises RecordingRefused when there is more of it than any recording has.
    """
    used = [track for track in (tracks.video, tracks.audio) if track is not None]
    pictures, heard, damaged = 0, 0.0, 0
    for packet in _packets(container, used):
        try:
            frames: list[Any] = packet.decode()
        except av.error.MemoryError:
            raise RecordingRefused(Refusal.TAKES_TOO_MUCH) from None
        except FFmpegError:
            damaged += 1
            if damaged > _PATIENCE:
                return
            continue
        damaged = 0
        for frame in frames:
            if isinstance(frame, VideoFrame):
                pictures += 1
                _check_picture(frame, pictures)
            else:
                heard += frame.samples / frame.sample_rate
            at = heard if frame.time is None else frame.time - tracks.start
            if max(at, heard) > tracks.most:
                raise RecordingRefused(Refusal.TOO_LONG)
            yield at, frame


def _packets(container: InputContainer, used: list[Track]) -> Iterator["Packet[Any]"]:
    """As many as there are: a recording that was cut off ends where it was cut."""
    packets = container.demux(*used)
    while True:
        try:
            yield next(packets)
        except (StopIteration, FFmpegError):
            return


def _check_picture(frame: VideoFrame, count: int) -> None:
    if frame.width * frame.height > MAX_PIXELS:
        raise RecordingRefused(Refusal.TOO_MANY_PIXELS)
    if count > MAX_FRAMES:
        raise RecordingRefused(Refusal.TOO_MANY_FRAMES)


def _bound(track: Track) -> None:
    """Refuse what is not known or too large before anything of it is decoded."""
    coder = track.codec_context
    if coder.name not in _CODECS:
        raise RecordingRefused(Refusal.NOT_PLAYABLE)
    if isinstance(track, VideoStream) and track.width * track.height > MAX_PIXELS:
        raise RecordingRefused(Refusal.TOO_MANY_PIXELS)
    if isinstance(track, AudioStream) and (track.rate > 192_000 or track.channels > 8):
        raise RecordingRefused(Refusal.NOT_PLAYABLE)
    coder.thread_count = 1
    coder.options = {"max_pixels": str(MAX_PIXELS)}


def _is_cover(track: VideoStream) -> bool:
    """Whether it is a still picture that belongs to a sound."""
    return bool(track.disposition & av.stream.Disposition.attached_pic)
