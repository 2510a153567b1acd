"""How long until an answer, while some still wait: the product-limit estimate of Kaplan and Meier (1958).

Those who wait are counted as long as they have waited (censored), so that a queue of old unanswered messages
cannot make the answered ones look quick. Durations are of any one unit; the results are of the same.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

Counts: TypeAlias = Mapping[int, int]
"""How many items share a duration."""

# Far beneath any share of countable items, far above what products of floats lose.
_ROUNDING: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Step:
    """A duration at which answers came: of `at_risk` items that had waited so long, `events` were answered.

    `waiting` is the estimated share that is still without an answer just after `at`, from 1 down to 0.
    """

    at: int
    at_risk: int
    events: int
    waiting: float


@dataclass(frozen=True, slots=True)
class Curve:
    """The steps in order of duration. Empty when nothing was ever answered."""

    steps: tuple[Step, ...]

    def quantile(self, share: float) -> int | None:
        """The shortest duration by which this share (0 to 1) is answered; None when it is not reached."""
        return next((step.at for step in self.steps if step.waiting <= 1 - share + _ROUNDING), None)


def kaplan_meier(answered: Counts, waiting: Counts) -> Curve:
    """The curve of answered items and of those still waiting, both counted by duration.

    An item that waits at the very duration at which another is answered counts as at risk there.
    """
    at_risk = sum(answered.values()) + sum(waiting.values())
    steps: list[Step] = []
    # Between two censored items the product telescopes: base * left / at_base loses nothing to rounding.
    base, at_base, share = 1.0, at_risk, 1.0
    for at in sorted({*answered, *waiting}):
        events, censored = answered.get(at, 0), waiting.get(at, 0)
        if events:
            share = base * ((at_risk - events) / at_base)
            steps.append(Step(at, at_risk, events, share))
        at_risk -= events + censored
        if censored:
            base, at_base = share, at_risk
    return Curve(tuple(steps))


def together(counts: Iterable[Counts]) -> Counts:
    """Several groups counted as one."""
    whole: dict[int, int] = {}
    for group in counts:
        for at, count in group.items():
            whole[at] = whole.get(at, 0) + count
    return whole
