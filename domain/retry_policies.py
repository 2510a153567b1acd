"""Reading the policy by which a silent payer is asked again from its stored form."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from domain.coverage import STANDARD_RETRY, RetryPolicy
from domain.errors import FieldError, Invalid

_SPANS = {
    "then_seconds": "then",
    "give_up_after_seconds": "give_up_after",
    "minimum_gap_seconds": "minimum_gap",
    "burst_window_seconds": "burst_window",
}
_COUNTS = ("burst_limit", "malformed_limit")


def retry_policy_from_json(definition: Mapping[str, Any]) -> RetryPolicy:
    """`delays_seconds` (a list), `then_seconds`, `give_up_after_seconds`, `minimum_gap_seconds`, `burst_limit`,
    `burst_window_seconds`, `malformed_limit`; what is left out is the standard. Raises Invalid.
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
