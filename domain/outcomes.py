"""Change between two scores of one client: reliable change, recovery, response, remission, follow-up windows.

Reliable change: Jacobson and Truax 1991; the operational steps (PHQ-9 6, GAD-7 4) and caseness (10, 8) are
those of NHS Talking Therapies. Windows: HEDIS DRR-E (days 120-240) and NQF 0710 (twelve months, 60 days
either side).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from math import sqrt

RELIABLE_AT = 1.96


@dataclass(frozen=True, slots=True)
class Reliability:
    """Spread and reliability of a measure; printed beside every figure that rests on them."""

    sd: float
    r: float

    @property
    def s_diff(self) -> float:
        """Standard error of a difference between two scores: SD * sqrt(2) * sqrt(1 - r)."""
        return self.sd * sqrt(2) * sqrt(1 - self.r)

    @property
    def threshold(self) -> float:
        """The raw change above which a change is reliable at 95 %."""
        return RELIABLE_AT * self.s_diff


@dataclass(frozen=True, slots=True)
class Yardstick:
    """How change on one measure is judged. `reliable` is in whole points."""

    reliable: int
    case_from: int
    remission_below: int
    reliability: Reliability


YARDSTICKS = {
    "PHQ-9": Yardstick(6, 10, 5, Reliability(6.1, 0.89)),
    "GAD-7": Yardstick(4, 8, 5, Reliability(4.7, 0.92)),
}


class Reliable(StrEnum):
    IMPROVED = "improved"
    DETERIORATED = "deteriorated"
    NO_RELIABLE_CHANGE = "no_reliable_change"


@dataclass(frozen=True, slots=True)
class Change:
    """From a first to a later score on one measure; lower scores are better, `change` is points gained."""

    change: int
    reliable: Reliable
    case_at_start: bool
    recovered: bool
    reliable_recovery: bool
    remission_lt5: bool
    response50: bool


def change(instrument: str, pre: int, post: int) -> Change:
    """Judge the change on PHQ-9 or GAD-7. A first score of 0 leaves no room for a response."""
    yardstick = YARDSTICKS[instrument]
    gained = pre - post
    if gained >= yardstick.reliable:
        reliable = Reliable.IMPROVED
    elif gained <= -yardstick.reliable:
        reliable = Reliable.DETERIORATED
    else:
        reliable = Reliable.NO_RELIABLE_CHANGE
    case = pre >= yardstick.case_from
    recovered = case and post < yardstick.case_from
    return Change(
        change=gained,
        reliable=reliable,
        case_at_start=case,
        recovered=recovered,
        reliable_recovery=recovered and reliable is Reliable.IMPROVED,
        remission_lt5=post < yardstick.remission_below,
        response50=pre > 0 and post * 2 <= pre,
    )


@dataclass(frozen=True, slots=True)
class JointChange:
    """Change on mood and worry together, one course of care at a time."""

    case_at_start: bool
    reliable_improvement: bool
    reliable_deterioration: bool
    mixed: bool
    recovery: bool
    reliable_recovery: bool


def joint_change(phq: tuple[int, int], gad: tuple[int, int]) -> JointChange:
    """Judge (first, later) PHQ-9 and GAD-7 together: recovery needs both below caseness at the end."""
    both = [("PHQ-9", *phq), ("GAD-7", *gad)]
    ways = {change(*scores).reliable for scores in both}
    up, down = Reliable.IMPROVED in ways, Reliable.DETERIORATED in ways
    case = any(pre >= YARDSTICKS[name].case_from for name, pre, _ in both)
    recovery = case and all(post < YARDSTICKS[name].case_from for name, _, post in both)
    return JointChange(
        case, up and not down, down and not up, up and down, recovery, recovery and up and not down
    )


def improved(scores: Mapping[str, tuple[int, int]]) -> bool | None:
    """Whether a course of care ended in reliable improvement, from (first, later) by instrument: on one measure and
    worse on none. None where it says nothing: no measure, or no caseness at the start.
    """
    found = [change(name, *each) for name, each in scores.items()]
    if not any(each.case_at_start for each in found):
        return None
    ways = {each.reliable for each in found}
    return Reliable.IMPROVED in ways and Reliable.DETERIORATED not in ways


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A PHQ-9 baseline judged at its follow-up windows."""

    elevated_gt9: bool
    drr_followup: bool
    drr_score: int | None
    drr_remission_lt5: bool
    drr_response_ge50pct: bool
    nqf0710_score: int | None
    nqf0710_remission_lt5: bool


def follow_up(baseline_on: date, baseline: int, later: Sequence[tuple[date, int]]) -> FollowUp:
    """The latest score inside each window, first and last day included; only after a baseline above 9."""
    elevated = baseline > 9
    drr = _latest(later, baseline_on + timedelta(days=120), baseline_on + timedelta(days=240))
    anniversary = _a_year_after(baseline_on)
    nqf = _latest(later, anniversary - timedelta(days=60), anniversary + timedelta(days=60))
    if not elevated:
        drr = nqf = None
    return FollowUp(
        elevated_gt9=elevated,
        drr_followup=drr is not None,
        drr_score=drr,
        drr_remission_lt5=drr is not None and drr < 5,
        drr_response_ge50pct=drr is not None and drr * 2 <= baseline,
        nqf0710_score=nqf,
        nqf0710_remission_lt5=nqf is not None and nqf < 5,
    )


def _latest(scores: Sequence[tuple[date, int]], first: date, last: date) -> int | None:
    inside = [(on, score) for on, score in scores if first <= on <= last]
    return max(inside, key=lambda dated: dated[0])[1] if inside else None


def _a_year_after(day: date) -> date:
    try:
        return day.replace(year=day.year + 1)
    except ValueError:  # 29 February
        return date(day.year + 1, 2, 28)
