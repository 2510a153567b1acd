"""The copy that is kept: MP4 with H.264 and AAC, which every browser plays, and a JPEG of a video.

Everything is made anew from decoded pictures and sound: nothing of the stranger's file is carried over, no tag,
no second format, no trailing byte.
"""

import os
from collections.abc import Callable
from fractions import Fraction
from io import RawIOBase
from typing import Any, Final

import av
from av.audio.frame import AudioFrame
from av.container import OutputContainer
from av.filter import Graph
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter

LONGEST_SIDE: Final = 1280
POSTER_SIDE: Final = 640
_SHORTEST_STEP: Final = 1 / 40  # seconds between pictures: what is faster is thinned out
_TICKS: Final = 90_000
_RATE: Final = 48_000
_FRAME: Final = 1024  # samples that AAC takes at a time
_ONCE_LEFT: Final = ("cclock",)
_ONCE_RIGHT: Final = ("clock",)
_OVER: Final = ("clock", "clock")
_TURNS: Final = {
    90: _ONCE_LEFT,
    -90: _ONCE_RIGHT,
    180: _OVER,
    -180: _OVER,
    270: _ONCE_RIGHT,
    -270: _ONCE_LEFT,
}


class OutFile(RawIOBase):
    """A descriptor to write to, and to read again: MP4 puts its table in front at the end."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._at = 0

    def read(self, size: int = -1) -> bytes:
        piece = os.pread(self._fd, max(size, 0), self._at)
        self._at += len(piece)
        return piece

    def write(self, data: Any) -> int:
        done = os.pwrite(self._fd, data, self._at)
        self._at += done
        return done

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: os.fstat(self._fd).st_size}[whence]
        self._at = base + offset
        return self._at

    def tell(self) -> int:
        return self._at

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True


def open_copy(fd: int) -> OutputContainer:
    """An empty MP4 whose table will stand in front, so that it plays from its first bytes on."""

    def again(*_: object) -> OutFile:
        return OutFile(fd)

    opener: Callable[..., Any] = again
    return av.open(OutFile(fd), "w", format="mp4", options={"movflags": "+faststart"}, io_open=opener)


class Picture:
    """The moving picture of a copy: upright, at most 1280 pixels long, at most about 30 a second."""

    def __init__(self, copy: OutputContainer, first: VideoFrame) -> None:
        upright = _upright(first)
        self.width, self.height = _fitted(upright.width, upright.height, LONGEST_SIDE)
        self._track = copy.add_stream("libx264", rate=30, options={"preset": "veryfast", "crf": "26"})
        coder = self._track.codec_context
        coder.width, coder.height, coder.pix_fmt = self.width, self.height, "yuv420p"
        coder.time_base = Fraction(1, _TICKS)
        coder.thread_count = 1
        self._copy = copy
        self._shape = VideoReformatter()
        self._last = -1.0
        self.end = 0.0

    def add(self, at: float, frame: VideoFrame) -> None:
        """One picture at its instant (seconds). One that comes too soon after another is left out."""
        at = max(at, 0.0)
        if self._last >= 0 and at - self._last < _SHORTEST_STEP:
            return
        shaped = self._shape.reformat(_upright(frame), self.width, self.height, "yuv420p", threads=1)
        shaped.pts, shaped.time_base = round(at * _TICKS), Fraction(1, _TICKS)
        shaped.pict_type = 0  # the encoder decides
        self._copy.mux(self._track.encode(shaped))
        self.end = at + (min(at - self._last, 1.0) if self._last >= 0 else 1 / 30)
        self._last = at

    def finish(self) -> None:
        """What the encoder still holds."""
        self._copy.mux(self._track.encode(None))


class Sound:
    """The sound of a copy: AAC at 48 kHz, silent where the recording has a gap."""

    def __init__(self, copy: OutputContainer, channels: int) -> None:
        self._layout = "mono" if channels == 1 else "stereo"
        self._track = copy.add_stream("aac", rate=_RATE, layout=self._layout)
        self._track.codec_context.bit_rate = 64_000 if channels == 1 else 96_000
        self._copy = copy
        self._graph: Graph | None = None
        self._samples = 0

    @property
    def end(self) -> float:
        """Seconds."""
        return self._samples / _RATE

    def add(self, at: float, frame: AudioFrame) -> None:
        """Some sound at its instant (seconds)."""
        frame.pts = round(max(at, 0.0) * frame.sample_rate)
        frame.time_base = Fraction(1, frame.sample_rate)
        self._graph = self._graph or self._graph_for(frame)
        self._graph.push(frame)
        self._pull(self._graph)

    def finish(self) -> None:
        """What the resampler and the encoder still hold."""
        if self._graph is not None:
            self._graph.push(None)
            self._pull(self._graph)
        else:  # a track without a sound: a copy of it has one packet of silence
            self._encode(AudioFrame("fltp", self._layout, _FRAME))
        self._copy.mux(self._track.encode(None))

    def _graph_for(self, first: AudioFrame) -> Graph:
        graph = Graph()
        graph.threads = 1
        source = graph.add_abuffer(
            sample_rate=first.sample_rate,
            format=first.format.name,
            layout=first.layout.name,
            time_base=Fraction(1, first.sample_rate),
        )
        graph.link_nodes(
            source,
            graph.add("aresample", f"{_RATE}:async=1000:first_pts=0"),
            graph.add("aformat", f"sample_fmts=fltp:channel_layouts={self._layout}"),
            graph.add("asetnsamples", f"n={_FRAME}:p=0"),
            graph.add("abuffersink"),
        ).configure()
        return graph

    def _pull(self, graph: Graph) -> None:
        while True:
            try:
                ready = graph.pull()
            except (av.error.BlockingIOError, av.error.EOFError):
                return
            assert isinstance(ready, AudioFrame)  # noqa: S101  of this graph nothing else comes
            self._encode(ready)

    def _encode(self, frame: AudioFrame) -> None:
        frame.pts, frame.time_base = self._samples, Fraction(1, _RATE)
        frame.sample_rate = _RATE
        self._samples += frame.samples
        self._copy.mux(self._track.encode(frame))


def jpeg_of(frame: VideoFrame) -> bytes:
    """A picture of at most 640 pixels."""
    upright = _upright(frame)
    width, height = _fitted(upright.width, upright.height, POSTER_SIDE)
    coder = av.CodecContext.create("mjpeg", "w")
    coder.width, coder.height, coder.pix_fmt = width, height, "yuvj420p"
    coder.time_base = Fraction(1, 1)
    coder.thread_count = 1
    shaped = VideoReformatter().reformat(upright, width, height, "yuvj420p", threads=1)
    shaped.pts, shaped.time_base = 0, Fraction(1, 1)
    return b"".join(bytes(packet) for packet in [*coder.encode(shaped), *coder.encode(None)])


def _fitted(width: int, height: int, longest: int) -> tuple[int, int]:
    """The same shape, no side longer, both even."""
    scale = min(1.0, longest / max(width, height))
    return max(2, round(width * scale / 2) * 2), max(2, round(height * scale / 2) * 2)


def _upright(frame: VideoFrame) -> VideoFrame:
    """Telephones record sideways and say so; the copy says nothing and stands upright."""
    turns = _TURNS.get(frame.rotation)
    if turns is None:
        return frame
    graph = Graph()
    graph.threads = 1
    source = graph.add_buffer(
        width=frame.width,
        height=frame.height,
        format=frame.format,
        time_base=frame.time_base or Fraction(1, _TICKS),
    )
    graph.link_nodes(
        source, *(graph.add("transpose", turn) for turn in turns), graph.add("buffersink")
    ).configure()
    graph.push(frame)
    turned = graph.pull()
    assert isinstance(turned, VideoFrame)  # noqa: S101  of this graph nothing else comes
    return turned
