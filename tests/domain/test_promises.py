"""The promise in people's words: their clock, the therapist's beside it, and how long is left."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.calendars import WEEKDAYS, week
from domain.clocks import project
from domain.errors import Invalid
from domain.policies import preset
from domain.promises import Pronoun, exact, promise, relative, rough
from domain.schedules import Schedule

SPLIT = Schedule(
    week("America/New_York", {day: [("09:00", "12:00"), ("13:00", "17:00")] for day in WEEKDAYS[:5]})
)


@pytest.mark.parametrize(
    ("sunday", "words"),
    [
        ("2026-05-10T03:00-04:00", "Mon 11:00 AM PDT (2:00 PM where she is)"),
        ("2026-03-08T03:00-04:00", "Mon 11:00 AM PDT (2:00 PM where she is)"),
        ("2026-11-01T03:00-05:00", "Mon 11:00 AM PST (2:00 PM where she is)"),
    ],
)
def test_a_message_at_three_on_sunday_is_promised_in_both_zones_over_clock_changes(
    sunday: str, words: str
) -> None:
    opened = datetime.fromisoformat(sunday)
    due = project(preset("first_response"), SPLIT, opened, opened).due_at
    assert due is not None
    assert promise(due, "America/Los_Angeles", "America/New_York", Pronoun.SHE) == words


DUE = datetime(2026, 5, 11, 18, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("reader", "therapist", "pronoun", "words"),
    [
        ("America/New_York", "America/New_York", Pronoun.SHE, "Mon 2:05 PM EDT"),
        ("America/New_York", "America/Toronto", Pronoun.SHE, "Mon 2:05 PM EDT"),
        ("America/New_York", "America/Chicago", Pronoun.HE, "Mon 2:05 PM EDT (1:05 PM where he is)"),
        ("America/New_York", "America/Chicago", Pronoun.THEY, "Mon 2:05 PM EDT (1:05 PM where they are)"),
        ("America/New_York", "Asia/Tokyo", Pronoun.THEY, "Mon 2:05 PM EDT (Tue 3:05 AM where they are)"),
        ("America/Sao_Paulo", "America/New_York", Pronoun.SHE, "Mon 3:05 PM UTC-03 (2:05 PM where she is)"),
    ],
)
def test_the_therapists_time_stands_beside_the_readers_where_clocks_differ(
    reader: str, therapist: str, pronoun: Pronoun, words: str
) -> None:
    assert promise(DUE, reader, therapist, pronoun) == words


def test_zones_that_differ_only_in_winter_are_told_apart_only_then() -> None:
    winter = datetime(2026, 1, 12, 18, tzinfo=UTC)
    assert promise(DUE, "America/Denver", "America/Phoenix") != "Mon 12:05 PM MDT"
    assert promise(winter, "America/Denver", "America/Phoenix") == "Mon 11:00 AM MST"


def test_a_far_due_time_carries_its_date() -> None:
    words = promise(DUE, "UTC", "UTC", now=DUE - timedelta(days=6))
    assert words == "Mon May 11, 6:05 PM UTC"
    assert promise(DUE, "UTC", "UTC", now=DUE - timedelta(days=5)) == "Mon 6:05 PM UTC"


def test_noon_and_midnight_are_twelve() -> None:
    assert promise(datetime(2026, 5, 11, 0, 0, tzinfo=UTC), "UTC", "UTC") == "Mon 12:00 AM UTC"
    assert promise(datetime(2026, 5, 11, 12, 0, tzinfo=UTC), "UTC", "UTC") == "Mon 12:00 PM UTC"


def test_an_unknown_zone_is_refused() -> None:
    with pytest.raises(Invalid):
        promise(DUE, "America/Gotham", "UTC")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (17 * 60 + 59, "due in 17 min"),
        (42, "due in 42 s"),
        (3 * 3600 + 5 * 60, "due in 3 h 5 min"),
        (3 * 3600, "due in 3 h"),
        (52 * 3600, "due in 2 d 4 h"),
        (0, "due now"),
        (-1, "1 s overdue"),
        (-22 * 60, "22 min overdue"),
        (-26 * 3600, "1 d 2 h overdue"),
    ],
)
def test_what_is_left_is_told_in_two_units_at_most(seconds: int, words: str) -> None:
    assert relative(DUE, DUE - timedelta(seconds=seconds)) == words


def test_durations_are_rough_for_people_and_exact_in_explanations() -> None:
    assert rough(timedelta(minutes=90)) == "1 h 30 min"
    assert exact(timedelta(minutes=90)) == "90 min"
    assert exact(timedelta(seconds=4.5)) == "4.5 s"
    assert exact(timedelta(minutes=1, seconds=30)) == "1 min 30 s"
