"""Sponsors: who may come, what is granted, what is hidden from their reports."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import Invalid
from domain.insured import Relationship
from domain.sponsors import (
    LEAST_SHOWN,
    Account,
    Grant,
    Member,
    Terms,
    admits,
    grant_of,
    shown_counts,
    shown_total,
    to_use,
)

DAY = date(2026, 11, 22)
OPEN = Terms(8, date(2026, 1, 1))
LISTED = Terms(8, date(2026, 1, 1), needs_roster=True)
AUTHORISED = Terms(8, date(2026, 1, 1), needs_roster=True, needs_authorisation=True)
FAMILIES = Terms(8, date(2026, 1, 1), needs_roster=True, covers_dependants=True)
ANA = Member(Relationship.SELF, date(2026, 1, 1))
CHILD = Member(Relationship.CHILD, date(2026, 1, 1))


@pytest.mark.parametrize(
    ("terms", "member", "may"),
    [
        (OPEN, None, True),
        (LISTED, None, False),
        (LISTED, ANA, True),
        (LISTED, Member(Relationship.SELF, DAY + timedelta(days=1)), False),
        (LISTED, Member(Relationship.SELF, date(2026, 1, 1), DAY), True),
        (LISTED, Member(Relationship.SELF, date(2026, 1, 1), DAY - timedelta(days=1)), False),
        (LISTED, CHILD, False),
        (FAMILIES, CHILD, True),
        (AUTHORISED, ANA, False),
        (AUTHORISED, Member(Relationship.SELF, DAY, None, 6, DAY), True),
        (AUTHORISED, Member(Relationship.SELF, DAY, None, 6, DAY - timedelta(days=1)), False),
    ],
)
def test_a_sponsor_admits_whom_its_terms_name(terms: Terms, member: Member | None, may: bool) -> None:
    assert admits(terms, member, DAY) is may


def test_a_grant_ends_with_the_first_that_ends() -> None:
    assert grant_of(OPEN, None, DAY, None) == Grant(8, DAY, DAY + timedelta(days=364))
    assert grant_of(OPEN, None, DAY, date(2026, 12, 31)) == Grant(8, DAY, date(2026, 12, 31))
    leaving = Member(Relationship.SELF, DAY, date(2026, 12, 1), 6, date(2027, 3, 1))
    assert grant_of(AUTHORISED, leaving, DAY, None) == Grant(6, DAY, date(2026, 12, 1))


def test_the_authorisation_that_runs_out_first_is_used_first() -> None:
    late, soon = Account(DAY, date(2027, 6, 1), 8), Account(DAY, date(2026, 12, 1), 1)
    assert to_use([late, soon], DAY) is soon
    assert to_use([late, Account(DAY, date(2026, 12, 1), 0)], DAY) is late
    assert to_use([soon], date(2026, 12, 2)) is None


def test_an_authorisation_needs_a_roster_to_stand_on() -> None:
    with pytest.raises(Invalid):
        Terms(8, DAY, needs_authorisation=True)


COUNTS = st.dictionaries(st.text("abcdef", min_size=1, max_size=2), st.integers(0, 12), max_size=5)


@settings(max_examples=150)
@given(COUNTS)
def test_no_group_under_five_can_be_worked_out(counts: dict[str, int]) -> None:
    shown, whole = shown_counts(counts), shown_total(counts)
    hidden = [name for name, count in shown.items() if count is None]
    assert all(count is None or count == 0 or count >= LEAST_SHOWN for count in shown.values())
    assert all(shown[name] in (None, count) for name, count in counts.items())
    if whole is not None and hidden:  # by subtraction
        assert len(hidden) > 1
        assert whole - sum(count for count in shown.values() if count is not None) >= LEAST_SHOWN
    if whole is not None:
        assert whole == sum(counts.values())
        assert whole == 0 or whole >= LEAST_SHOWN


def test_what_is_large_enough_is_shown() -> None:
    assert shown_counts({"self": 40, "child": 7, "other": 0}) == {"self": 40, "child": 7, "other": 0}
    assert shown_counts({"self": 40, "child": 7, "spouse": 3}) == {"self": 40, "child": None, "spouse": None}
    assert shown_total({"self": 40, "child": 7, "spouse": 3}) == 50
    assert shown_total({"self": 4}) is None
