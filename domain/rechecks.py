"""When a cover that is in force is asked about again.

Plans begin and end at the turn of a month, and a payer's yes guarantees nothing for later days: so every cover is asked
about once in each calendar month, and again before a service when the last answer is older than a week. Both are
settings of the clinic.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

from domain.errors import FieldError, Invalid


@dataclass(frozen=True, slots=True)
class RecheckPolicy:
    """`each_month`: by the client's calendar. `fresh_for`: how old an answer may be while a service is under way.
    `at_once`: how many questions one run puts, so that the first of a month floods no clearing house.
    """

    each_month: bool = True
    fresh_for: timedelta = timedelta(days=7)
    at_once: int = 200


STANDARD_RECHECK: Final = RecheckPolicy()

COVER_DENIALS: Final = frozenset({"26", "27", "31"})
"""CARC of a claim denied for cover: not begun, ended, not known. The payer is asked anew."""


def recheck_policy_from_json(definition: Mapping[str, Any]) -> RecheckPolicy:
    """`each_month`, `fresh_for_seconds`, `at_once`; what is left out is the standard. Raises Invalid."""
    changed: dict[str, Any] = {}
    if "each_month" in definition:
        if not isinstance(definition["each_month"], bool):
            raise Invalid(FieldError("each_month", "not_yes_or_no"))
        changed["each_month"] = definition["each_month"]
    if "fresh_for_seconds" in definition:
        seconds = definition["fresh_for_seconds"]
        if isinstance(seconds, bool) or not isinstance(seconds, int | float) or seconds < 0:
            raise Invalid(FieldError("fresh_for_seconds", "not_a_duration"))
        changed["fresh_for"] = timedelta(seconds=seconds)
    if "at_once" in definition:
        if isinstance(definition["at_once"], bool) or not isinstance(definition["at_once"], int):
            raise Invalid(FieldError("at_once", "not_a_count"))
        changed["at_once"] = max(1, definition["at_once"])
    return replace(STANDARD_RECHECK, **changed)
