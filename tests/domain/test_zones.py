"""Dates and wall clocks across zones."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.states import STATES
from domain.zones import date_everywhere, zone

ZONES = {name for state in STATES.values() for name in state.zones}


@given(st.integers(0, 20 * 366 * 24 * 60))
def test_a_date_that_has_begun_everywhere_is_the_earliest_of_any_state(minutes: int) -> None:
    at = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    assert date_everywhere(at) == min(at.astimezone(zone(name)).date() for name in ZONES)


def test_in_the_evening_of_california_it_is_still_today() -> None:
    assert date_everywhere(datetime(2026, 11, 23, 1, 0, tzinfo=UTC)) == date(2026, 11, 22)
