"""Times in words: relative and exact, zones named, days as people say them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from web.times import Reader, ago_words, due_words, exact_words, heading_words, span_words

NOON = datetime(2026, 11, 22, 17, 0, tzinfo=UTC)  # noon in New York
NEW_YORK = Reader(NOON, "America/New_York")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (59.9, "59 s"), (60, "1 min 0 s"), (364, "6 min 4 s"), (600, "10 min"), (3599, "59 min"),
     (3600, "1 h 0 min"), (14340, "3 h 59 min"), (86400, "1 day"), (187200, "2 days 4 h"), (900000, "10 days")],
)  # fmt: skip
def test_a_span_is_told_in_at_most_two_units(seconds: float, words: str) -> None:
    assert span_words(seconds) == span_words(-seconds) == words


def test_due_and_overdue_are_told_apart_at_the_instant_itself() -> None:
    assert due_words(NOON + timedelta(minutes=17), NOON) == "due in 17 min"
    assert due_words(NOON, NOON) == "0 s overdue"
    assert due_words(NOON - timedelta(minutes=22), NOON) == "22 min overdue"


def test_what_was_and_what_comes_are_told_apart() -> None:
    assert ago_words(NOON - timedelta(seconds=30), NOON) == "just now"
    assert ago_words(NOON - timedelta(hours=2), NOON) == "2 h 0 min ago"
    assert ago_words(NOON + timedelta(days=3), NOON) == "in 3 days"


@pytest.mark.parametrize(
    ("later", "words"),
    [
        (timedelta(hours=3, minutes=20), "3:20 PM EST"),
        (timedelta(days=1), "tomorrow, 12:00 PM EST"),
        (timedelta(days=-1), "yesterday, 12:00 PM EST"),
        (timedelta(days=3), "Wed 12:00 PM EST"),
        (timedelta(days=10), "Wed, Dec 2, 12:00 PM EST"),
        (timedelta(days=60), "Thu, Jan 21, 2027, 12:00 PM EST"),
    ],
)
def test_an_exact_time_names_as_much_of_its_day_as_is_needed(later: timedelta, words: str) -> None:
    assert exact_words(NOON + later, NEW_YORK) == words


def test_the_zone_changes_its_name_with_the_season() -> None:
    before = datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    after = datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
    assert exact_words(before, Reader(before, "America/New_York")) == "1:30 AM EDT"
    assert exact_words(after, Reader(after, "America/New_York")) == "1:30 AM EST"


def test_the_day_is_the_readers_day() -> None:
    late = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)  # still Saturday evening in Los Angeles
    assert heading_words(late, Reader(NOON, "America/Los_Angeles")) == "Yesterday"
    assert heading_words(late, NEW_YORK) == "Today"
