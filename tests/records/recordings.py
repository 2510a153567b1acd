"""Recordings as browsers make them, and as nobody should: built in memory with PyAV."""

import io
import math
import struct
from array import array
from fractions import Fraction

import av
from av.audio.frame import AudioFrame
from av.video.frame import VideoFrame

RATE = 48_000
_STEP = 960  # samples of one packet


def video(
    *, seconds: float = 1.5, width: int = 160, height: int = 120, form: str = "webm", sound: bool = True
) -> bytes:
    """A moving picture: `webm` (VP8 and Opus, as Chromium records) or `mp4` (H.264 and AAC, as Safari does)."""
    codecs = ("libvpx", "libopus") if form == "webm" else ("libx264", "aac")
    file = io.BytesIO()
    with av.open(file, "w", format=form) as out:
        picture = out.add_stream(codecs[0], rate=10)
        picture.width, picture.height, picture.pix_fmt = width, height, "yuv420p"
        heard = out.add_stream(codecs[1], rate=RATE, layout="mono") if sound else None
        for n in range(round(10 * seconds)):
            frame = VideoFrame(width, height, "gray")
            frame.planes[0].update(bytes([60 + 10 * n % 180]) * frame.planes[0].buffer_size)
            frame.pts, frame.time_base = n, Fraction(1, 10)
            out.mux(picture.encode(frame.reformat(format="yuv420p")))
        out.mux(picture.encode(None))
        if heard is not None:
            _sing(out, heard, seconds)
    return file.getvalue()


def voice(*, seconds: float = 1.5, form: str = "webm", loud_after: float = 0.0) -> bytes:
    """A tone of 440 Hz, nothing before `loud_after`. `webm` and `ogg` hold Opus, `mp4` AAC."""
    file = io.BytesIO()
    with av.open(file, "w", format=form) as out:
        heard = out.add_stream("aac" if form == "mp4" else "libopus", rate=RATE, layout="mono")
        _sing(out, heard, seconds, loud_after)
    return file.getvalue()


def hours_of_silence(hours: float) -> bytes:
    """A tiny file that plays for hours: a packet of silence now and then, stamped far apart."""
    file = io.BytesIO()
    with av.open(file, "w", format="webm") as out:
        heard = out.add_stream("libopus", rate=RATE, layout="mono")
        for n in range(200):
            frame = AudioFrame("s16", "mono", _STEP)
            frame.planes[0].update(bytes(frame.planes[0].buffer_size))
            frame.sample_rate = RATE
            frame.pts, frame.time_base = n * _STEP, Fraction(1, RATE)
            for packet in heard.encode(frame):
                packet.pts = packet.dts = round(n / 200 * hours * 3600 * 1000)
                packet.time_base = Fraction(1, 1000)
                out.mux(packet)
    return file.getvalue()


def sideways(clockwise: bool) -> bytes:
    """A telephone's MP4: dark on the left as it was recorded, with a note how to turn it for the eye."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as out:
        picture = out.add_stream("libx264", rate=10)
        picture.width, picture.height, picture.pix_fmt = 160, 120, "yuv420p"
        for n in range(3):
            frame = VideoFrame(160, 120, "gray")
            line = bytes([20] * 80 + [220] * 80)
            frame.planes[0].update(line.ljust(frame.planes[0].line_size, b"\0") * 120)
            frame.pts, frame.time_base = n, Fraction(1, 10)
            out.mux(picture.encode(frame.reformat(format="yuv420p")))
        out.mux(picture.encode(None))
    data, turn = file.getvalue(), 1 if clockwise else -1
    at = data.index(b"tkhd") + 44  # the matrix of ISO/IEC 14496-12, 8.3.2
    matrix = struct.pack(">9i", 0, turn << 16, 0, -turn << 16, 0, 0, 0, 0, 1 << 30)
    return data[:at] + matrix + data[at + len(matrix) :]


def pixel_flood(*, only_in_the_frames: bool = False) -> bytes:
    """A small file that says its pictures have 268 million pixels: on its label and in each picture, or there alone."""
    small = video(seconds=0.3, width=320, height=256, sound=False)
    if not only_in_the_frames:
        small = small.replace(b"\xb0\x82\x01\x40\xba\x82\x01\x00", b"\xb0\x82\x3f\xff\xba\x82\x3f\xff")
    return small.replace(b"\x9d\x01\x2a\x40\x01\x00\x01", b"\x9d\x01\x2a\xff\x3f\xff\x3f")


def _sing(
    out: "av.container.OutputContainer", track: "av.AudioStream", seconds: float, loud_after: float = 0.0
) -> None:
    step = 1024 if track.codec_context.name == "aac" else _STEP
    for n in range(math.ceil(seconds * RATE / step)):
        loud = 12_000 if n * step / RATE >= loud_after else 0
        samples = array(
            "h", (round(loud * math.sin(2 * math.pi * 440 * (n * step + i) / RATE)) for i in range(step))
        )
        frame = AudioFrame("s16", "mono", step)
        frame.planes[0].update(samples.tobytes())
        frame.sample_rate = RATE
        frame.pts, frame.time_base = n * step, Fraction(1, RATE)
        out.mux(track.encode(frame))
    out.mux(track.encode(None))
