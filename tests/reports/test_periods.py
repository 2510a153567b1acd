"""Days and weeks of a report are the clinic's own, also in the weeks when clocks change."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Invalid
from domain.zones import zone
from reports.periods import Stretch, stretch

NY = zone("America/New_York")
NOW = datetime(2026, 11, 22, 10, 14, tzinfo=UTC)


def test_a_day_counts_whole_on_the_clinics_wall_clock() -> None:
    found = stretch(date(2026, 11, 1), date(2026, 11, 1), NOW, NY)
    # Clocks go back in this night: the day has 25 hours.
    assert found.start == datetime(2026, 11, 1, 4, tzinfo=UTC)
    assert found.end - found.start == timedelta(hours=25)
    assert (found.days.since, found.days.until) == (date(2026, 11, 1), date(2026, 11, 1))


def test_an_instant_is_exact_and_its_end_is_not_in_it() -> None:
    start, end = datetime(2026, 11, 1, 5, 30, tzinfo=UTC), datetime(2026, 11, 3, 5, tzinfo=UTC)
    found = stretch(start, end, NOW, NY)
    assert (found.start, found.end) == (start, end)
    assert found.days.until == date(2026, 11, 2)


def test_nothing_given_is_twelve_weeks_up_to_now() -> None:
    found = stretch(None, None, NOW, NY)
    assert found.end == NOW
    weeks = found.weeks(NOW)
    assert (len(weeks), weeks[0].label, weeks[-1].label) == (12, "2026-W36", "2026-W47")


def test_a_week_over_new_year_has_its_iso_year() -> None:
    found = stretch(date(2026, 12, 31), date(2027, 1, 4), NOW, NY)
    assert [week.label for week in found.weeks(found.end)] == ["2026-W53", "2027-W01"]


@given(st.integers(0, 10 * 365 * 24 * 60), st.integers(1, 3_000))
def test_weeks_meet_and_fill_the_stretch(minutes: int, hours: int) -> None:
    begins = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    weeks = Stretch(begins, begins + timedelta(hours=hours), NY).weeks(datetime(2099, 1, 1, tzinfo=UTC))
    assert (weeks[0].start, weeks[-1].end) == (begins, begins + timedelta(hours=hours))
    assert all(one.end == other.start for one, other in pairwise(weeks))
    assert all(week.start.astimezone(NY).weekday() == 0 for week in weeks[1:])
    assert len({week.label for week in weeks}) == len(weeks)


@pytest.mark.parametrize(
    ("since", "until"),
    [
        (date(2026, 2, 2), date(2026, 2, 1)),
        (NOW, NOW),
        (NOW + timedelta(days=1), None),
    ],
)
def test_an_empty_period_is_refused(since: date, until: date | None) -> None:
    with pytest.raises(Invalid):
        stretch(since, until, NOW, NY)


def test_weeks_that_have_not_begun_are_not_told_and_too_many_are_refused() -> None:
    assert len(stretch(date(2026, 11, 2), date(2099, 1, 1), NOW, NY).weeks(NOW)) == 3
    with pytest.raises(Invalid):
        stretch(date(1950, 1, 1), None, NOW, NY).weeks(NOW)
