"""Which plan a card is of."""

from datetime import date

import pytest

from domain.errors import Invalid
from domain.insurance_plans import InsurancePlan, plan_of
from domain.insured import Card

SINCE = date(2026, 1, 1)
STUDENTS = InsurancePlan("students", "Student plan", SINCE, group_numbers=("78358",), plan_year_from=(8, 16))
STAFF = InsurancePlan("staff", "Staff plan", SINCE, group_numbers=("B0001",), member_prefixes=("GTR",))
OLD = InsurancePlan("old", "Old plan", SINCE, date(2026, 6, 30), member_prefixes=("GT",))
PLANS = (STUDENTS, STAFF, OLD)
DAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("card", "on", "plan"),
    [
        (Card("H1", "78358"), DAY, "students"),
        (Card("H1", " 78-358 "), DAY, "students"),
        (Card("gtr 123"), DAY, "staff"),
        (Card("GTR123", "78358"), DAY, "students"),  # the group says more
        (Card("H1", "99999"), DAY, None),
        (Card("H1"), DAY, None),
        (Card("GTA1"), DAY, None),  # its plan is sold no more
        (Card("GTA1"), date(2026, 6, 30), "old"),
        (Card("GTR1"), date(2026, 6, 30), None),  # two fit: nobody guesses
    ],
)
def test_a_card_tells_its_plan_or_none(card: Card, on: date, plan: str | None) -> None:
    assert plan_of(PLANS, card, on) == plan


def test_limits_begin_anew_on_the_plans_own_day() -> None:
    assert STUDENTS.year_of(date(2026, 8, 15)) == date(2025, 8, 16)
    assert STUDENTS.year_of(date(2026, 8, 16)) == date(2026, 8, 16)


def test_a_plan_that_no_card_can_tell_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        InsurancePlan("x", "X", SINCE, date(2025, 1, 1), ("- ",), plan_year_from=(2, 29))
    assert {each.field for each in refused.value.errors} == {
        "group_numbers",
        "effective_to",
        "plan_year_from",
    }
