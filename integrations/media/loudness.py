"""The waveform of a recording: 48 bars, so that a voice message shows where somebody speaks."""

from array import array
from collections.abc import Sequence
from itertools import pairwise
from math import sqrt
from typing import Final

import av

from domain.media import WAVEFORM_BARS

_RATE: Final = 8_000  # samples a second: enough to see a voice
_WINDOW: Final = 160  # samples: 20 ms
_SILENCE: Final = 60  # of 32,767


class Loudness:
    """The loudest sample of every 20 ms."""

    def __init__(self) -> None:
        self._resampler = av.AudioResampler(format="s16", layout="mono", rate=_RATE)
        self._samples = array("h")
        self._peaks: list[int] = []

    def hear(self, frame: av.AudioFrame) -> None:
        """Take in what was decoded."""
        for plain in self._resampler.resample(frame):
            self._samples.frombytes(bytes(plain.planes[0])[: plain.samples * 2])
        whole = len(self._samples) // _WINDOW * _WINDOW
        for at in range(0, whole, _WINDOW):
            window = self._samples[at : at + _WINDOW]
            self._peaks.append(max(*window, -min(window)))
        del self._samples[:whole]

    def bars(self) -> tuple[int, ...]:
        """0 to 100, relative to the loudest bar; all 0 where nothing is to be heard."""
        return bars_of(self._peaks)


def bars_of(peaks: Sequence[int]) -> tuple[int, ...]:
    """Peaks gathered into 48 bars by their quadratic mean. A bar of a very short sound may repeat its neighbour."""
    if not peaks or max(peaks) < _SILENCE:
        return (0,) * WAVEFORM_BARS
    edges = [len(peaks) * n // WAVEFORM_BARS for n in range(WAVEFORM_BARS + 1)]
    heights = []
    for start, end in pairwise(edges):
        part = peaks[start : max(end, start + 1)]
        heights.append(sqrt(sum(peak * peak for peak in part) / len(part)))
    loudest = max(1.0, *heights)
    return tuple(round(100 * height / loudest) for height in heights)
