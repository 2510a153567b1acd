"""When a cover that is in force is asked about again, and for how long its payer's yes is good.

Plans begin and end at the turn of a month, deductibles begin anew with a plan year, and a payer's yes guarantees
nothing for later days: so every cover is asked about once in each calendar month and plan year, and again before a
service when the last answer is older than a week. A service that begins long after the last yes is not billed on it.
All of these are settings of the clinic.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

from domain.errors import FieldError, Invalid


@dataclass(frozen=True, slots=True)
class RecheckPolicy:
    """`each_month`, `each_plan_year`: by the client's calendar. `fresh_for`: how old an answer may be while a service
    is under way. `good_for`: how long after a yes a service may begin and be billed on it; a calendar month and some
    days, so that asking each month is enough. `at_once`: how many questions one run puts, so that the first of a month
    floods no clearing house.
    """

    each_month: bool = True
    each_plan_year: bool = True
    fresh_for: timedelta = timedelta(days=7)
    good_for: timedelta = timedelta(days=35)
    at_once: int = 200


STANDARD_RECHECK: Final = RecheckPolicy()

COVER_DENIALS: Final = frozenset({"26", "27", "31"})
"""CARC of a claim denied for cover: not begun, ended, not known. The payer is asked anew."""


def recheck_policy_from_json(definition: Mapping[str, Any]) -> RecheckPolicy:
    """`each_month`, `each_plan_year`, `fresh_for_seconds`, `good_for_seconds`, `at_once`; what is left out is the
    standard. Raises Invalid.
    """
    changed: dict[str, Any] = {
        name: _yes_or_no(name, definition[name])
        for name in ("each_month", "each_plan_year")
        if name in definition
    }
    changed |= {
        name: _span(f"{name}_seconds", definition[f"{name}_seconds"])
        for name in ("fresh_for", "good_for")
        if f"{name}_seconds" in definition
    }
    if "at_once" in definition:
        if isinstance(definition["at_once"], bool) or not isinstance(definition["at_once"], int):
            raise Invalid(FieldError("at_once", "not_a_count"))
        changed["at_once"] = max(1, definition["at_once"])
    return replace(STANDARD_RECHECK, **changed)


def _yes_or_no(key: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise Invalid(FieldError(key, "not_yes_or_no"))
    return value


def _span(key: str, seconds: object) -> timedelta:
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or seconds < 0:
        raise Invalid(FieldError(key, "not_a_duration"))
    return timedelta(seconds=seconds)
