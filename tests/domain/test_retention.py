"""How long the law keeps a record, state by state, day by day."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.retention import (
    FEDERAL_FLOOR_YEARS,
    OTHERWISE,
    PRESETS,
    Care,
    RetentionRule,
    add_years,
    erases_at,
    retained_until,
    rule_in_force,
)
from domain.states import STATES

TODAY = date(2026, 6, 1)
ADULT = date(1990, 1, 15)


def until(state: str, last: date, born: date = ADULT, first: date | None = None) -> date | None:
    return retained_until([state], Care(first or last, last), born, PRESETS, TODAY)


@pytest.mark.parametrize(
    ("state", "last", "kept"),
    [
        ("CA", date(2024, 3, 1), date(2031, 3, 1)),
        ("TX", date(2024, 3, 1), date(2031, 3, 1)),
        ("NY", date(2024, 3, 1), date(2030, 3, 1)),
        ("AZ", date(2024, 3, 1), date(2030, 3, 1)),
        ("WA", date(2024, 3, 1), date(2032, 3, 1)),
        ("OH", date(2024, 3, 1), date(2034, 3, 1)),  # no rule on file: the cautious default
        ("CA", date(2024, 2, 29), date(2031, 3, 1)),
    ],
)
def test_an_adults_record_is_kept_some_years_after_the_last_service(
    state: str, last: date, kept: date
) -> None:
    assert until(state, last) == kept


@pytest.mark.parametrize(
    ("state", "born", "first", "last", "kept"),
    [
        ("CA", date(2010, 5, 5), date(2025, 1, 1), date(2025, 6, 1), date(2035, 5, 5)),
        ("TX", date(2010, 5, 5), date(2025, 1, 1), date(2025, 6, 1), date(2033, 5, 5)),
        ("NY", date(2010, 5, 5), date(2025, 1, 1), date(2025, 6, 1), date(2032, 5, 5)),
        ("FL", date(2010, 5, 5), date(2025, 1, 1), date(2025, 6, 1), date(2032, 6, 1)),  # no rule for minors
        ("NY", date(2008, 5, 5), date(2026, 5, 5), date(2026, 5, 5), date(2032, 5, 5)),  # eighteen that day
        (
            "OH",
            date(2010, 5, 5),
            date(2025, 1, 1),
            date(2029, 6, 1),
            date(2039, 6, 1),
        ),  # the years are longer
        ("OH", date(2010, 5, 5), date(2025, 1, 1), date(2027, 6, 1), date(2038, 5, 5)),  # the age is
        ("MS", date(2006, 5, 5), date(2026, 5, 4), date(2026, 5, 4), date(2036, 5, 4)),  # of age at 21 there
    ],
)
def test_a_minors_record_is_kept_until_an_age(
    state: str, born: date, first: date, last: date, kept: date
) -> None:
    assert until(state, last, born, first) == kept


def test_what_was_written_of_a_minor_is_kept_as_such_though_care_went_on() -> None:
    rules = [RetentionRule("NY", date(2000, 1, 1), 6, 30, "-")]
    born, first, last = date(2008, 5, 5), date(2024, 1, 1), date(2027, 1, 1)
    assert retained_until(["NY"], Care(first, last), born, rules, TODAY) == date(2038, 5, 5)
    assert retained_until(["NY"], Care(last, last), born, rules, TODAY) == date(2033, 1, 1)


def test_without_care_nothing_is_kept() -> None:
    assert retained_until(["CA"], None, ADULT, PRESETS, TODAY) is None
    asked = datetime(2026, 6, 1, 8, tzinfo=UTC)
    assert erases_at(None, asked) == asked


def test_of_several_states_the_longest_rule_holds() -> None:
    care = Care(date(2024, 3, 1), date(2024, 3, 1))
    assert retained_until(["NY", "WA", "CA"], care, ADULT, PRESETS, TODAY) == date(2032, 3, 1)
    assert retained_until([], care, ADULT, PRESETS, TODAY) == date(2034, 3, 1)


def test_no_state_goes_below_the_federal_floor() -> None:
    rules = [RetentionRule("NY", date(2000, 1, 1), 2, None, "-")]
    care = Care(date(2024, 3, 1), date(2024, 3, 1))
    assert retained_until(["NY"], care, ADULT, rules, TODAY) == date(2030, 3, 1)


def test_a_rule_holds_from_its_day_on() -> None:
    later = RetentionRule("NY", date(2026, 7, 1), 9, 25, "A new law")
    rules = [*PRESETS, later]
    assert rule_in_force("NY", rules, date(2026, 6, 30)).years == 6
    assert rule_in_force("NY", rules, date(2026, 7, 1)) is later
    assert rule_in_force("OH", rules, date(2026, 7, 1)).state == OTHERWISE


def test_destruction_waits_until_the_day_is_over_everywhere() -> None:
    asked = datetime(2026, 6, 1, 8, tzinfo=UTC)
    assert erases_at(date(2030, 3, 1), asked) == datetime(2030, 3, 2, 12, tzinfo=UTC)
    assert erases_at(date(2020, 3, 1), asked) == asked


def test_every_preset_names_its_source_and_a_state_that_there_is() -> None:
    codes = [rule.state for rule in PRESETS]
    assert len(set(codes)) == len(codes)
    assert set(codes) <= {OTHERWISE, *STATES}
    assert all(len(rule.source) > 10 for rule in PRESETS)


days = st.dates(date(1990, 1, 1), date(2060, 12, 31))
rules_of = st.lists(
    st.builds(
        RetentionRule,
        st.sampled_from(["NY", "CA", "MS"]),
        st.dates(date(2001, 1, 1), date(2030, 1, 1)),
        st.integers(0, 30),
        st.none() | st.integers(0, 40),
        st.just("a source"),
    ),
    max_size=5,
)


@given(days, st.integers(0, 4_000), st.dates(date(1930, 1, 1), date(2010, 12, 31)), rules_of)
def test_a_record_is_kept_through_floor_rule_and_age_and_no_day_longer(
    first: date, days_of_care: int, born: date, rules: list[RetentionRule]
) -> None:
    care = Care(first, first + timedelta(days=days_of_care))
    known = [*PRESETS, *rules]
    kept = retained_until(["NY", "CA"], care, born, known, TODAY)
    assert kept is not None
    assert kept >= add_years(care.last, FEDERAL_FLOOR_YEARS)
    applied = [rule_in_force(state, known, TODAY) for state in ("NY", "CA")]
    ends = [add_years(care.last, max(rule.years, FEDERAL_FLOOR_YEARS)) for rule in applied]
    ages = [rule.minor_until_age for rule in applied if rule.minor_until_age is not None]
    if first < add_years(born, 18):
        ends += [add_years(born, age) for age in ages]
    assert kept == max(ends)
    assert erases_at(kept, datetime(1990, 1, 1, tzinfo=UTC)).date() > kept
