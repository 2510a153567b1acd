"""Local hours become the right instants, on any night of the year, or are refused."""

import json
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendars import (
    WEEKDAYS,
    Calendar,
    Shift,
    calendar_from_json,
    calendar_to_json,
    round_the_clock,
    week,
)
from domain.errors import Invalid
from domain.zones import resolve, zone

NINE_TO_FIVE: dict[str, Any] = {"tz": "America/New_York", "weekly": {"mon": [["09:00", "17:00"]]}}


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    ("tz", "local", "instant"),
    [
        ("America/New_York", "2026-03-08T01:59", "2026-03-08T01:59-05:00"),
        ("America/New_York", "2026-03-08T02:00", "2026-03-08T03:00-04:00"),
        ("America/New_York", "2026-03-08T02:30", "2026-03-08T03:00-04:00"),
        ("America/New_York", "2026-03-08T03:00", "2026-03-08T03:00-04:00"),
        ("America/New_York", "2026-11-01T01:30", "2026-11-01T01:30-04:00"),
        ("America/New_York", "2026-11-01T02:00", "2026-11-01T02:00-05:00"),
        ("America/Santiago", "2026-09-06T00:00", "2026-09-06T01:00-03:00"),
        ("Australia/Lord_Howe", "2026-10-04T02:10", "2026-10-04T02:30+11:00"),
        ("America/Havana", "2026-11-01T00:30", "2026-11-01T00:30-04:00"),
        ("Pacific/Apia", "2011-12-30T09:00", "2011-12-31T00:00+14:00"),
        ("America/Sao_Paulo", "2018-02-18T00:00", "2018-02-18T00:00-03:00"),
    ],
)
def test_a_wall_clock_time_is_the_first_moment_that_reads_it_or_later(
    tz: str, local: str, instant: str
) -> None:
    assert resolve(datetime.fromisoformat(local), zone(tz)) == utc(instant)


def test_no_moment_before_reads_the_time_and_the_moment_itself_does() -> None:
    tz = zone("America/New_York")
    for minutes in range(0, 24 * 60, 7):
        for day in (datetime(2026, 3, 8), datetime(2026, 11, 1)):  # noqa: DTZ001 - wall clock
            local = day + timedelta(minutes=minutes)
            found = resolve(local, tz)
            assert found.astimezone(tz).replace(tzinfo=None) >= local
            assert (found - timedelta(seconds=1)).astimezone(tz).replace(tzinfo=None) < local


@pytest.mark.parametrize(
    ("night", "hours"), [(date(2026, 3, 7), 23), (date(2026, 10, 31), 25), (date(2026, 5, 11), 24)]
)
def test_a_round_the_clock_calendar_is_open_through_every_clock_change(night: date, hours: int) -> None:
    calendar = round_the_clock("America/New_York")
    start, end = calendar.instant(night, 12 * 60), calendar.instant(night + timedelta(days=1), 12 * 60)
    assert end - start == timedelta(hours=hours)
    spans = list(calendar.shifts(start, end))
    assert spans[0][0] <= start
    assert spans[-1][1] >= end
    assert all(before[1] == after[0] for before, after in pairwise(spans))


def test_an_overnight_shift_belongs_to_the_day_it_starts() -> None:
    calendar = week("Europe/Paris", {"mon": [("22:00", "06:00")]}, holidays=[date(2026, 5, 11)])
    assert calendar.shifts_on(date(2026, 5, 4)) == (
        (utc("2026-05-04T22:00+02:00"), utc("2026-05-05T06:00+02:00")),
    )
    assert calendar.shifts_on(date(2026, 5, 5)) == ()
    assert calendar.shifts_on(date(2026, 5, 11)) == ()
    dropped = calendar.holiday_shifts(utc("2026-05-11T00:00+02:00"), utc("2026-05-13T00:00+02:00"))
    assert list(dropped) == [(utc("2026-05-11T22:00+02:00"), utc("2026-05-12T06:00+02:00"))]


def test_a_holiday_leaves_the_night_that_began_before_it() -> None:
    calendar = week("Europe/Paris", {"sun": [("22:00", "06:00")]}, holidays=[date(2026, 5, 11)])
    spans = list(calendar.shifts(utc("2026-05-11T03:00+02:00"), utc("2026-05-12T00:00+02:00")))
    assert spans == [(utc("2026-05-10T22:00+02:00"), utc("2026-05-11T06:00+02:00"))]


def test_a_shift_between_two_times_that_the_clock_skips_has_no_length() -> None:
    calendar = week("America/New_York", {"sun": [("02:10", "02:50")]})
    assert calendar.shifts_on(date(2026, 3, 8)) == ()
    assert len(calendar.shifts_on(date(2026, 3, 15))) == 1


def test_overlapping_and_repeated_shifts_count_once() -> None:
    calendar = week("UTC", {"mon": [("11:00", "15:00"), ("09:00", "13:00"), ("09:00", "13:00")]})
    assert calendar.shifts_on(date(2026, 5, 11)) == ((utc("2026-05-11T09:00Z"), utc("2026-05-11T15:00Z")),)


def test_zones_are_read_from_the_pinned_database_and_not_from_the_machine() -> None:
    assert zone("America/New_York").key == "America/New_York"
    assert zone("America/New_York") is not ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"tz": "America/Gotham"}, "tz", "unknown_zone"),
        ({"tz": "../../etc/passwd"}, "tz", "unknown_zone"),
        ({"tz": "EST5EDT4"}, "tz", "unknown_zone"),
        ({"tz": ""}, "tz", "unknown_zone"),
        ({"tz": None}, "tz", "not_text"),
        ({"weekly": None}, "weekly", "not_an_object"),
        ({"weekly": {"monday": []}}, "weekly", "unknown_field"),
        ({"weekly": {"mon": [["9:00", "17:00"]]}}, "weekly.mon[0]", "bad_time"),
        ({"weekly": {"mon": [["09:00", "25:00"]]}}, "weekly.mon[0]", "bad_time"),
        ({"weekly": {"mon": [["24:00", "08:00"]]}}, "weekly.mon[0]", "bad_time"),
        ({"weekly": {"mon": [["09:00"]]}}, "weekly.mon[0]", "not_a_pair"),
        ({"weekly": {"mon": [[9, 17]]}}, "weekly.mon[0][0]", "not_text"),
        ({"weekly": {"mon": "09:00-17:00"}}, "weekly.mon", "not_a_list"),
        ({"holidays": ["2026-02-30"]}, "holidays[0]", "bad_date"),
        ({"holidays": ["20260101"]}, "holidays[0]", "bad_date"),
        ({"holidays": {"2026-01-01": True}}, "holidays", "not_a_list"),
        ({"always_open": True}, "", "unknown_field"),
    ],
)
def test_a_malformed_calendar_is_refused_and_never_read_as_always_open(
    change: dict[str, Any], field: str, code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        calendar_from_json({**NINE_TO_FIVE, **change})
    assert [(error.field, error.code) for error in refused.value.errors] == [(field, code)]


def test_a_calendar_without_zone_or_week_is_refused() -> None:
    for key in ("tz", "weekly"):
        with pytest.raises(Invalid):
            calendar_from_json({name: value for name, value in NINE_TO_FIVE.items() if name != key})
    with pytest.raises(Invalid):
        Calendar("Mars/Olympus", ((),) * 7)
    with pytest.raises(Invalid):
        Calendar("UTC", ((Shift(-1, 60),),) + ((),) * 6)
    with pytest.raises(Invalid):
        Calendar("UTC", ())


times = st.integers(0, 1439)
calendars = st.builds(
    Calendar,
    tz=st.sampled_from(["America/New_York", "Europe/London", "Asia/Kathmandu"]),
    weekly=st.tuples(*[st.lists(st.builds(Shift, times, st.integers(0, 1440)), max_size=3).map(tuple)] * 7),
    holidays=st.frozensets(st.dates(), max_size=4),
)


@given(calendars)
def test_a_calendar_survives_the_way_through_the_database(calendar: Calendar) -> None:
    again = calendar_from_json(json.loads(json.dumps(calendar_to_json(calendar))))
    assert again == calendar
    assert hash(again) == hash(calendar)


def test_the_week_starts_on_monday() -> None:
    assert date(2026, 5, 11).weekday() == WEEKDAYS.index("mon")
