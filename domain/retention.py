"""How long the law keeps a record of care: by state, longer for minors, never less than the federal floor.

The figures are presets. Counsel confirms them before a launch; a site changes them by a dated rule, never in place.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

FEDERAL_FLOOR_YEARS: Final = 6
"""45 CFR 164.316(b)(2)(i) and 164.530(j)(2): documentation is kept for six years."""

OTHERWISE: Final = "*"
"""The state code of the rule for every state without one of its own."""

_OLDEST_AGE: Final = 40
_LONGEST_YEARS: Final = 50

# Ala. Code 26-1-1, Neb. Rev. Stat. 43-2101, Miss. Code 1-3-27; eighteen elsewhere.
_MAJORITY: Final = {"AL": 19, "NE": 19, "MS": 21}
_MAJORITY_ELSEWHERE: Final = 18


@dataclass(frozen=True, slots=True)
class RetentionRule:
    """One state's rule from a day on: years after the last service, and for a minor at least until an age."""

    state: str
    effective_from: date
    years: int
    minor_until_age: int | None
    source: str

    def __post_init__(self) -> None:
        if not 0 <= self.years <= _LONGEST_YEARS:
            raise ValueError("years")
        if self.minor_until_age is not None and not 0 <= self.minor_until_age <= _OLDEST_AGE:
            raise ValueError("minor_until_age")


@dataclass(frozen=True, slots=True)
class Care:
    """The first and the last day on which a client was given care."""

    first: date
    last: date


_SINCE: Final = date(2000, 1, 1)

PRESETS: Final[tuple[RetentionRule, ...]] = (
    RetentionRule("AZ", _SINCE, 6, 21, "Ariz. Rev. Stat. 12-2297"),
    RetentionRule("CA", _SINCE, 7, 25, "Cal. Bus. & Prof. Code 2919, 4980.49, 4993, 4999.75"),
    RetentionRule("CO", _SINCE, 7, 25, "3 CCR 721-1.16, 4 CCR 736-1.16"),
    RetentionRule("FL", _SINCE, 7, None, "Fla. Admin. Code 64B19-19.003"),
    RetentionRule("NY", _SINCE, 6, 22, "8 NYCRR 29.2(a)(3)"),
    RetentionRule("TX", _SINCE, 7, 23, "22 Tex. Admin. Code 681.36, 781.309"),
    RetentionRule("WA", _SINCE, 8, None, "Wash. Admin. Code 246-924-354; the longest of its professions"),
    RetentionRule(
        OTHERWISE,
        _SINCE,
        10,
        28,
        "Default of this service, cautious on purpose: no rule of this state is on file",
    ),
)
"""States whose rule was read in its source; every other one is kept by the last line."""


def rule_in_force(state: str, rules: Iterable[RetentionRule], on: date) -> RetentionRule:
    """The state's rule on a day, else the one for states without. Raises LookupError when there is neither."""
    begun = [rule for rule in rules if rule.effective_from <= on]
    for code in (state, OTHERWISE):
        of_state = [rule for rule in begun if rule.state == code]
        if of_state:
            return max(of_state, key=lambda rule: rule.effective_from)
    raise LookupError(state)


def retained_until(
    states: Sequence[str], care: Care | None, date_of_birth: date, rules: Iterable[RetentionRule], on: date
) -> date | None:
    """The last day on which the record is kept, by the rules in force `on` a day; None where no care was given.

    Of several states the longest rule holds; without any, the one for states without a rule. Under age counts from
    the first service: what was written of a minor stays a minor's record.
    """
    if care is None:
        return None
    known = list(rules)
    return max(
        _kept(state, rule_in_force(state, known, on), care, date_of_birth) for state in states or (OTHERWISE,)
    )


def _kept(state: str, rule: RetentionRule, care: Care, date_of_birth: date) -> date:
    kept = add_years(care.last, max(rule.years, FEDERAL_FLOOR_YEARS))
    majority = add_years(date_of_birth, _MAJORITY.get(state, _MAJORITY_ELSEWHERE))
    if rule.minor_until_age is None or care.first >= majority:
        return kept
    return max(kept, add_years(date_of_birth, rule.minor_until_age))


def erases_at(until: date | None, asked_at: datetime) -> datetime:
    """The instant (UTC) from which a record kept until a day may be destroyed: that day is over everywhere on earth."""
    if until is None:
        return asked_at
    return max(asked_at, datetime.combine(until + timedelta(days=1), time(12), UTC))


def add_years(day: date, years: int) -> date:
    """The same day some years on; 29 February becomes 1 March where there is none, so nothing is kept too short."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)
