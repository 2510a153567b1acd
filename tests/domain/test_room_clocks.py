"""Limits of what people may do about a clock, and where the last tenth of a promise begins."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.answers import SHORT_ANSWER_WORDS, is_short
from domain.calendars import week
from domain.clocks import project
from domain.errors import Conflict, Invalid
from domain.policies import PRESETS, Rung, RungName, working_minutes
from domain.room_clocks import (
    EXTENSIONS_OF_A_CLOCK,
    LEAST_EXTENSION,
    MOST_EXTENSION,
    REVIEW_WITHIN,
    check_extension,
    check_review,
)
from domain.schedules import Schedule

MONDAY = datetime(2026, 5, 11, 13, tzinfo=UTC)
SECOND = timedelta(seconds=1)
OFFICE = Schedule(
    week(
        "America/New_York",
        {day: [("09:00", "12:00"), ("13:00", "17:00")] for day in ("mon", "tue", "thu", "fri")},
    )
)


def test_more_time_stays_within_its_limits() -> None:
    check_extension(LEAST_EXTENSION, 0)
    check_extension(MOST_EXTENSION, EXTENSIONS_OF_A_CLOCK - 1)
    for by in (LEAST_EXTENSION - SECOND, MOST_EXTENSION + SECOND, timedelta()):
        with pytest.raises(Invalid):
            check_extension(by, 0)
    with pytest.raises(Conflict):
        check_extension(LEAST_EXTENSION, EXTENSIONS_OF_A_CLOCK)


def test_a_hold_is_looked_at_again_within_two_weeks() -> None:
    check_review(MONDAY + SECOND, MONDAY)
    check_review(MONDAY + REVIEW_WITHIN, MONDAY)
    for review_by in (MONDAY, MONDAY + REVIEW_WITHIN + SECOND):
        with pytest.raises(Invalid):
            check_review(review_by, MONDAY)


@pytest.mark.parametrize(
    ("text", "short"),
    [
        (None, False),  # voice and video
        ("", True),
        (" ".join("a" * (SHORT_ANSWER_WORDS - 1)), True),
        (" ".join("a" * SHORT_ANSWER_WORDS), False),
        ("spaced   out\n\nover  lines  " * 4, False),
    ],
)
def test_an_answer_is_short_by_its_words(text: str | None, short: bool) -> None:
    assert is_short(text) is short


@given(
    st.integers(0, 366 * 1440).map(lambda minutes: MONDAY + timedelta(minutes=minutes)),
    st.sampled_from([*PRESETS.values(), working_minutes("odd", 37.5)]),
    st.integers(0, 600).map(lambda minutes: timedelta(minutes=minutes)),
)
def test_nine_tenths_of_the_open_time_lie_before_the_last_tenth(
    opened: datetime, policy: object, more: timedelta
) -> None:
    found = project(policy, OFFICE, opened, opened, extension=more)  # type: ignore[arg-type]
    assert found.due_at is not None
    assert found.last_tenth_at is not None
    assert opened <= found.last_tenth_at <= found.due_at
    whole = OFFICE.open_duration(opened, found.due_at)
    if whole:
        assert OFFICE.open_duration(opened, found.last_tenth_at) == whole * 90 / 100
    else:
        assert found.last_tenth_at - opened == (found.due_at - opened) * 90 / 100


def test_a_rung_at_ninety_per_cent_rings_when_the_last_tenth_begins() -> None:
    ladder = (Rung(RungName.NUDGE, 90), Rung(RungName.BREACH, 100))
    found = project(working_minutes("late-nudge", 100, ladder), OFFICE, MONDAY, MONDAY)
    assert [alarm.rung for alarm in found.alarms] == [RungName.NUDGE, RungName.BREACH]
    assert found.alarms[0].at == found.last_tenth_at == MONDAY + timedelta(minutes=90)


def test_a_clock_that_is_held_has_no_last_tenth() -> None:
    assert project(working_minutes("p", 60), Schedule(week("UTC", {})), MONDAY, MONDAY).last_tenth_at is None
