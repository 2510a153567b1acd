"""Public holidays of countries and states as dates: what a calendar that names them takes as days off.

The days are those of the `holidays` package, with the weekdays on which a holiday of a weekend is observed. They are
written into the calendar, so that the response clock reads plain dates and a new edition of the package moves nothing
by itself.
"""

from collections.abc import Sequence
from datetime import date
from functools import cache, lru_cache
from typing import Final

import holidays

from domain.errors import FieldError, Invalid

YEARS: Final = 3
"""The year asked for and the next two."""

_FIELD: Final = "public_holidays"


def expand(codes: Sequence[str], since: date) -> tuple[frozenset[date], date]:
    """The public holidays of each code in the year of `since` and the next two, and the last day that covers.

    A code is a country ("US") or one of its states ("US-NY"): the days that are kept there, national ones included
    (ISO 3166). Raises Invalid (`unknown_public_holidays`) for any other.
    """
    years = range(since.year, since.year + YEARS)
    days: set[date] = set()
    for place, code in enumerate(codes):
        country, _, state = code.partition("-")
        if not _is_known(country, state, code):
            raise Invalid(FieldError(f"{_FIELD}[{place}]", "unknown_public_holidays"))
        days |= _days(country, state, years)
    return frozenset(days), date(years[-1], 12, 31)


@cache
def _supported() -> dict[str, list[str]]:
    return dict(holidays.list_supported_countries(include_aliases=False))


def _is_known(country: str, state: str, code: str) -> bool:
    states = _supported().get(country)
    return states is not None and (state in states or code == country)


@lru_cache(maxsize=256)
def _days(country: str, state: str, years: range) -> frozenset[date]:
    return frozenset(holidays.country_holidays(country, subdiv=state or None, years=years, observed=True))
