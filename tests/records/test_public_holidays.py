"""Public holidays become plain dates: of the country, of the state, and of the weekday they are observed on."""

from datetime import date

import pytest

from domain.errors import Invalid
from records.public_holidays import expand

TODAY = date(2026, 5, 11)


def test_the_days_of_the_country_reach_from_this_year_to_the_end_of_the_one_after_next() -> None:
    days, until = expand(["US"], TODAY)
    assert until == date(2028, 12, 31)
    assert {date(year, 12, 25) for year in (2026, 2027, 2028)} <= days
    assert {day.year for day in days} == {2026, 2027, 2028}
    assert date(2026, 11, 26) in days  # Thanksgiving, a fourth Thursday
    assert date(2026, 5, 11) not in days


def test_a_holiday_of_a_weekend_is_off_on_the_weekday_it_is_observed() -> None:
    days, _ = expand(["US"], TODAY)
    assert date(2026, 7, 3) in days  # Independence Day is a Saturday
    assert date(2027, 7, 5) in days  # and a Sunday
    assert date(2027, 12, 31) in days  # New Year's Day of 2028 is a Saturday


def test_a_state_keeps_days_of_the_country_and_of_its_own() -> None:
    nation, _ = expand(["US"], TODAY)
    texas, _ = expand(["US-TX"], TODAY)
    assert date(2026, 11, 26) in texas & nation
    assert date(2026, 3, 2) in texas - nation  # Texas Independence Day
    assert date(2026, 10, 12) in nation - texas  # Columbus Day, which Texas does not keep


def test_codes_add_up_and_none_is_no_day_off() -> None:
    both, _ = expand(["US", "GB-SCT"], TODAY)
    assert both == expand(["US"], TODAY)[0] | expand(["GB-SCT"], TODAY)[0]
    assert date(2026, 11, 30) in both  # Saint Andrew's Day
    assert expand([], TODAY) == (frozenset(), date(2028, 12, 31))


@pytest.mark.parametrize("code", ["", "USA", "us", "US-", "US-ZZ", "-NY", "NY", "US-NY-X", "US NY", "Mars"])
def test_a_code_that_is_not_known_is_refused_by_its_place(code: str) -> None:
    with pytest.raises(Invalid) as refused:
        expand(["US", code], TODAY)
    (error,) = refused.value.errors
    assert (error.field, error.code) == ("public_holidays[1]", "unknown_public_holidays")
