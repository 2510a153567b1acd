"""The terms of an offer to a therapist, as the clinic's policy has them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from domain.errors import FieldError, Invalid

OFFER_WINDOW: Final = timedelta(hours=4)  # working time of the therapist who is asked
MISSES_BEFORE_A_PERSON: Final = 3  # declined or expired offers, then the matcher takes over


@dataclass(frozen=True, slots=True)
class OfferPolicy:
    """`window` is working time of the therapist asked; after `misses` a person looks."""

    window: timedelta = OFFER_WINDOW
    misses: int = MISSES_BEFORE_A_PERSON


def offer_policy_from_json(definition: Mapping[str, Any]) -> OfferPolicy:
    """`window_seconds` and `misses`; what is left out is the default. Raises Invalid."""
    seconds = definition.get("window_seconds", OFFER_WINDOW.total_seconds())
    misses = definition.get("misses", MISSES_BEFORE_A_PERSON)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or seconds <= 0:
        raise Invalid(FieldError("window_seconds", "not_positive"))
    if isinstance(misses, bool) or not isinstance(misses, int) or misses < 1:
        raise Invalid(FieldError("misses", "not_a_count"))
    return OfferPolicy(timedelta(seconds=seconds), misses)
