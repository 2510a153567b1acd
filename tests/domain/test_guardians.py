"""Whose consent a client under 18 needs: by age and state, from cited rows."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.guardians import ADULT, MINOR_CONSENT, YOUNGEST, Pathway, minor_consent, pathway, reminders
from domain.states import STATES

TODAY = date(2026, 6, 1)


@pytest.mark.parametrize(
    ("age", "state", "found"),
    [
        (18, "TX", Pathway.ADULT),
        (18, None, Pathway.ADULT),
        (17, None, None),
        (17, "TX", Pathway.GUARDIAN),
        (13, "WA", Pathway.MINOR),
        (12, "WA", Pathway.NOT_SERVED),
        (13, "OR", Pathway.GUARDIAN),
        (14, "OR", Pathway.MINOR),
        (15, "NJ", Pathway.GUARDIAN),
        (16, "NJ", Pathway.MINOR),
        (13, "CA", Pathway.MINOR),
        (17, "NY", Pathway.GUARDIAN),
    ],
)
def test_the_table_says_who_agrees(age: int, state: str | None, found: Pathway | None) -> None:
    assert pathway(age, state, TODAY) is found


def test_a_law_holds_from_its_day_on() -> None:
    assert pathway(14, "MD", date(2021, 9, 30)) is Pathway.GUARDIAN
    assert pathway(14, "MD", date(2021, 10, 1)) is Pathway.MINOR
    assert pathway(16, "MD", date(2021, 9, 30)) is Pathway.MINOR


def test_a_site_may_close_a_state_to_minors_but_not_to_adults() -> None:
    assert pathway(16, "OR", TODAY, {"OR"}) is Pathway.NOT_SERVED
    assert pathway(18, "OR", TODAY, {"OR"}) is Pathway.ADULT


def test_every_row_names_a_state_an_age_and_a_law() -> None:
    for row in MINOR_CONSENT:
        assert row.state in STATES
        assert YOUNGEST - 1 <= row.from_age < ADULT
        assert any(character.isdigit() for character in row.citation)
        assert minor_consent(row.state, row.effective_from) == row


@settings(max_examples=80)
@given(st.integers(0, 30), st.sampled_from(sorted(STATES)), st.dates(date(2000, 1, 1), date(2040, 1, 1)))
def test_getting_older_never_asks_for_more_consent(age: int, state: str, on: date) -> None:
    free = (Pathway.MINOR, Pathway.ADULT)
    if pathway(age, state, on) in free:
        assert pathway(age + 1, state, on) in free


@pytest.mark.parametrize(
    ("days", "kept"),
    [
        ([1, 4], (1, 4)),
        ([], ()),
        (None, (2, 5, 9)),
        ([3, 3], (2, 5, 9)),
        ([0], (2, 5, 9)),
        ([1, 2, 3, 4, 5, 6], (2, 5, 9)),
    ],
)
def test_reminders_are_few_and_each_is_later_than_the_one_before(days: object, kept: tuple[int, ...]) -> None:
    assert reminders(days) == kept
