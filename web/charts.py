"""Charts drawn by the server: geometry here, shapes in `charts.html`, the message in the title, a table
behind.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from web.money import dollars

WIDTH = 720


@dataclass(frozen=True, slots=True)
class Bar:
    """One horizontal bar; `length` from 0 to 100, the longest bar being 100."""

    label: str
    value: str
    length: float
    tone: str


@dataclass(frozen=True, slots=True)
class Bars:
    """A horizontal bar chart with its values in words: chart and table in one."""

    title: str
    sub: str
    bars: tuple[Bar, ...]


def money_bars(title: str, sub: str, rows: Sequence[tuple[str, Decimal, str]]) -> Bars:
    """Bars for `(label, dollars, tone)`; tone is empty, `soon` or `late`."""
    most = max((amount for _, amount, _ in rows), default=Decimal(0))
    bars = tuple(
        Bar(label, dollars(amount), round(float(amount / most) * 100, 2) if most > 0 else 0.0, tone)
        for label, amount, tone in rows
    )
    return Bars(title, sub, bars)


@dataclass(frozen=True, slots=True)
class Score:
    """One answered questionnaire, or a missed one (`value` None), which is a gap and never a zero."""

    at: datetime
    value: int | None


@dataclass(frozen=True, slots=True)
class Band:
    """Scores from `low` up to the next band are called `label`."""

    low: int
    label: str


@dataclass(frozen=True, slots=True)
class Shade:
    """A drawn band."""

    label: str
    y: float
    height: float
    opacity: str


@dataclass(frozen=True, slots=True)
class Point:
    """A drawn score."""

    x: float
    y: float
    score: Score


@dataclass(frozen=True, slots=True)
class Trend:
    """A line of scores over bands; `segments` break where a questionnaire was missed."""

    title: str
    sub: str
    shades: tuple[Shade, ...]
    segments: tuple[str, ...]
    points: tuple[Point, ...]
    gaps: tuple[Point, ...]
    scores: tuple[Score, ...]
    ticks: tuple[tuple[float, int], ...]
    ends: tuple[Point, ...]
    width: float = WIDTH
    height: float = 264
    left: float = 34
    right: float = 600


def score_trend(title: str, sub: str, scores: tuple[Score, ...], bands: Sequence[Band], top: int) -> Trend:
    """Place the scores by date on a scale from 0 to `top`. Lower is drawn lower."""
    high, low, left, right = 12.0, 232.0, 34.0, 600.0

    def y(value: float) -> float:
        return round(low - (low - high) * value / top, 1)

    first, last = (scores[0].at, scores[-1].at) if scores else (None, None)
    span = (last - first).total_seconds() if first and last else 0.0

    def x(at: datetime) -> float:
        if first is None or span == 0:
            return (left + right) / 2
        return round(left + 14 + (right - left - 28) * (at - first).total_seconds() / span, 1)

    edges = [band.low for band in bands] + [top]
    shades = tuple(
        Shade(
            band.label, y(edges[place + 1]), y(band.low) - y(edges[place + 1]), f"{0.08 + 0.16 * place:.2f}"
        )
        for place, band in enumerate(bands)
    )
    segments: list[list[str]] = [[]]
    points, gaps = [], []
    for score in scores:
        if score.value is None:
            segments.append([])
            gaps.append(Point(x(score.at), low, score))
            continue
        point = Point(x(score.at), y(score.value), score)
        points.append(point)
        segments[-1].append(f"{point.x},{point.y}")
    return Trend(
        title,
        sub,
        shades,
        tuple(" ".join(part) for part in segments if len(part) > 1),
        tuple(points),
        tuple(gaps),
        scores,
        tuple((y(edge), edge) for edge in edges),
        tuple(
            Point(x(score.at), low, score)
            for score in (scores[:1] + scores[-1:] if len(scores) > 1 else scores)
        ),
    )


def trend_words(scores: Sequence[Score]) -> str:
    """The message of a trend: `From 19 to 8 since August. Lower means fewer symptoms.`"""
    answered = [score for score in scores if score.value is not None]
    if not answered:
        return "No answers yet."
    if len(answered) == 1:
        return f"{answered[0].value} to begin with. Lower means fewer symptoms."
    start, now = answered[0], answered[-1]
    change = "Still" if start.value == now.value else f"From {start.value} to"
    return f"{change} {now.value} since {start.at:%B}. Lower means fewer symptoms."
