"""Two people's hours are compared as instants, not as numbers on two different walls."""

from datetime import date, timedelta

from domain.calendars import round_the_clock, week
from domain.week_hours import ALWAYS, NEVER, length, overlap, week_hours

WINTER = date(2026, 1, 14)
NINE_TO_FIVE = {"mon": [("09:00", "17:00")]}
HOUR = timedelta(hours=1)


def test_the_same_wall_clock_in_two_zones_overlaps_only_in_part() -> None:
    east = week_hours(week("America/New_York", NINE_TO_FIVE), WINTER)
    west = week_hours(week("America/Los_Angeles", NINE_TO_FIVE), WINTER)
    assert length(east) == length(west) == 8 * HOUR
    assert overlap(east, west) == 5 * HOUR


def test_sunday_evening_in_the_west_is_already_the_next_week_in_utc() -> None:
    late = week_hours(week("America/Los_Angeles", {"sun": [("20:00", "24:00")]}), WINTER)
    early = week_hours(week("UTC", {"mon": [("04:00", "08:00")]}), WINTER)
    assert late == early


def test_summer_time_moves_the_hours() -> None:
    calendar = week("America/New_York", NINE_TO_FIVE)
    assert overlap(week_hours(calendar, WINTER), week_hours(calendar, date(2026, 7, 15))) == 7 * HOUR


def test_an_hour_is_counted_only_when_it_is_wholly_open() -> None:
    odd = week_hours(week("UTC", {"tue": [("09:10", "10:20")]}), WINTER)
    assert length(odd) == HOUR / 2


def test_round_the_clock_is_always_and_nothing_is_never() -> None:
    assert week_hours(round_the_clock("America/Chicago"), WINTER) == ALWAYS
    assert week_hours(week("UTC", {}), WINTER) == NEVER
