"""Attainment leaves out what is not due yet, says how sure it is, and ranks nobody by a handful of items."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.attainment import RANKED_FROM, Tally, ranks, wilson

COUNT = st.integers(0, 400)
TALLY = st.builds(Tally, COUNT, COUNT, COUNT, COUNT, COUNT, COUNT)


def test_what_is_not_due_yet_waived_or_cancelled_is_left_out() -> None:
    tally = Tally(met=6, late=1, overdue=1, not_yet_due=50, waived=9, cancelled=3)
    assert (tally.n, tally.items, tally.running) == (8, 70, 51)
    assert tally.attainment == 0.75


def test_an_overdue_message_counts_against_it_before_it_is_answered() -> None:
    assert Tally(met=1, overdue=1).attainment == 0.5


def test_nothing_that_counts_is_no_figure_and_not_a_hundred_per_cent() -> None:
    assert Tally(not_yet_due=4).attainment is None
    assert Tally(waived=4).interval is None


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [(10, 10, 0.7225, 1.0), (0, 10, 0.0, 0.2775), (81, 263, 0.2553, 0.3662), (5, 10, 0.2366, 0.7634)],
)
def test_the_interval_is_wilsons(hits: int, n: int, low: float, high: float) -> None:
    assert wilson(hits, n) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


@given(TALLY)
def test_the_interval_holds_the_share_and_stays_a_share(tally: Tally) -> None:
    if tally.attainment is not None and tally.interval is not None:
        low, high = tally.interval
        assert 0 <= low <= tally.attainment <= high <= 1


@given(TALLY, TALLY)
def test_tallies_add_up(one: Tally, other: Tally) -> None:
    whole = one + other
    assert (whole.n, whole.items) == (one.n + other.n, one.items + other.items)


def test_nobody_is_ranked_by_fewer_than_thirty_items() -> None:
    found = ranks(
        {
            "few": Tally(met=RANKED_FROM - 1, not_yet_due=9),
            "good": Tally(met=30),
            "better": Tally(met=60),
            "worst": Tally(met=20, late=10),
        }
    )
    assert found == {"good": 1, "better": 1, "worst": 3}
