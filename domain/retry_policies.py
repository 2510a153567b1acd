"""When a silent payer is asked again: the rule, and how a clinic's own is read from its stored form.

Source: the CAQH CORE real-time connectivity rule on resending a question.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from domain.errors import FieldError, Invalid


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """When a silent payer is asked again. `delays` follow the first attempts, `then` all later ones.

    The default keeps the CORE rule: not before 90 s, at most 5 repeats in the 15 minutes after the first
    question; it gives up after 24 h. A payer that holds a question and answers by itself has `later_answer_within`.
    A demo clinic loads one that is seconds long.
    """

    delays: tuple[timedelta, ...] = (
        timedelta(seconds=90),
        timedelta(minutes=2),
        timedelta(minutes=4),
        timedelta(minutes=8),
        timedelta(minutes=15),
        timedelta(minutes=30),
    )
    then: timedelta = timedelta(hours=1)
    give_up_after: timedelta = timedelta(hours=24)
    minimum_gap: timedelta = timedelta(seconds=90)
    burst_limit: int = 5
    burst_window: timedelta = timedelta(minutes=15)
    malformed_limit: int = 3
    later_answer_within: timedelta = timedelta(days=2)


STANDARD_RETRY = RetryPolicy()


def next_attempt(policy: RetryPolicy, attempts: Sequence[datetime]) -> datetime | None:
    """The instant (UTC) of the next attempt after `attempts`, oldest first; None when the policy gives up."""
    first, last = attempts[0], attempts[-1]
    repeats = len(attempts) - 1
    delay = policy.delays[repeats] if repeats < len(policy.delays) else policy.then
    at = last + max(delay, policy.minimum_gap)
    in_burst = sum(1 for each in attempts[1:] if each <= first + policy.burst_window)
    if in_burst >= policy.burst_limit:
        at = max(at, first + policy.burst_window + timedelta(seconds=1))
    return at if at <= first + policy.give_up_after else None


_SPANS = {
    "then_seconds": "then",
    "give_up_after_seconds": "give_up_after",
    "minimum_gap_seconds": "minimum_gap",
    "burst_window_seconds": "burst_window",
    "later_answer_within_seconds": "later_answer_within",
}
_COUNTS = ("burst_limit", "malformed_limit")


def retry_policy_from_json(definition: Mapping[str, Any]) -> RetryPolicy:
    """`delays_seconds` (a list), `then_seconds`, `give_up_after_seconds`, `minimum_gap_seconds`, `burst_limit`,
    `burst_window_seconds`, `malformed_limit`, `later_answer_within_seconds`; what is left out is the standard.
    Raises Invalid.
    """
    changed: dict[str, Any] = {
        name: _span(key, definition[key]) for key, name in _SPANS.items() if key in definition
    }
    changed |= {key: _count(key, definition[key]) for key in _COUNTS if key in definition}
    if "delays_seconds" in definition:
        delays = definition["delays_seconds"]
        if not isinstance(delays, list):
            raise Invalid(FieldError("delays_seconds", "not_a_list"))
        changed["delays"] = tuple(_span("delays_seconds", each) for each in delays)
    return replace(STANDARD_RETRY, **changed)


def _span(key: str, value: object) -> timedelta:
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise Invalid(FieldError(key, "not_a_duration"))
    return timedelta(seconds=value)


def _count(key: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise Invalid(FieldError(key, "not_a_count"))
    return value
