import itertools
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Conflict, Invalid
from domain.goals import (
    ENDED,
    FINAL_ACHIEVEMENTS,
    TRANSITIONS,
    Achievement,
    GoalState,
    GoalTerms,
    Lifecycle,
    Side,
    accept,
    assess,
    attainment_t,
    check_terms,
    goal_weight,
    move,
    propose,
    revise,
)

VECTORS = json.loads((Path(__file__).parent.parent / "vectors" / "goal_attainment.json").read_text("utf-8"))
TODAY = date(2026, 5, 4)
BOTH = frozenset(Side)


def at(lifecycle: Lifecycle) -> GoalState:
    return GoalState(3, lifecycle, BOTH)


@pytest.mark.parametrize("case", VECTORS["vectors"])
def test_the_attainment_score_is_as_published(case: dict[str, Any]) -> None:
    assert attainment_t(case["weights"], case["levels"]) == pytest.approx(case["expected_T"], abs=1e-4)


@pytest.mark.parametrize("case", VECTORS["change_vectors"])
def test_the_change_of_the_score_is_as_published(case: dict[str, Any]) -> None:
    before = attainment_t(case["weights"], case["baseline"])
    after = attainment_t(case["weights"], case["followup"])
    assert before is not None
    assert after is not None
    wanted = case["expected"]
    assert (before, after) == pytest.approx((wanted["T0"], wanted["T1"]), abs=1e-4)
    assert after - before == pytest.approx(wanted["change"], abs=1e-4)


def test_no_weighted_goal_has_no_score_not_zero() -> None:
    assert attainment_t([], []) is None
    assert attainment_t([0, 0], [1, -1]) is None


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(-2, 2)), min_size=1, max_size=8))
def test_goals_without_weight_change_nothing(goals: list[tuple[int, int]]) -> None:
    weighted = [goal for goal in goals if goal[0] > 0]
    all_of_them = attainment_t([w for w, _ in goals], [x for _, x in goals])
    assert all_of_them == attainment_t([w for w, _ in weighted], [x for _, x in weighted])


@pytest.mark.parametrize(("weights", "levels"), [([1], [3]), ([1], [0, 0]), ([-1], [0])])
def test_levels_and_weights_out_of_range_are_refused(weights: list[int], levels: list[int]) -> None:
    with pytest.raises(Invalid):
        attainment_t(weights, levels)


def test_a_weight_is_importance_times_difficulty() -> None:
    assert goal_weight(3, 2) == 6
    with pytest.raises(Invalid):
        goal_weight(4, 1)


@pytest.mark.parametrize(("origin", "to"), list(itertools.product(Lifecycle, Lifecycle)))
def test_only_the_moves_of_the_lifecycle_are_allowed(origin: Lifecycle, to: Lifecycle) -> None:
    def attempt() -> GoalState:
        return move(
            at(origin),
            to,
            achievement=Achievement.ACHIEVED,
            reason="Exams first.",
            review_on=date(2026, 6, 1),
        )

    if to in TRANSITIONS[origin]:
        assert attempt().lifecycle is to
    else:
        with pytest.raises(Conflict, match="goal_transition"):
            attempt()


def test_an_ended_goal_leads_nowhere_but_to_a_recorded_error() -> None:
    for lifecycle in ENDED:
        assert TRANSITIONS[lifecycle] <= {Lifecycle.ENTERED_IN_ERROR}


@pytest.mark.parametrize("achievement", [None, *sorted(set(Achievement) - FINAL_ACHIEVEMENTS)])
def test_no_goal_is_completed_without_saying_how_it_ended(achievement: Achievement | None) -> None:
    with pytest.raises(Invalid) as refused:
        move(at(Lifecycle.ACTIVE), Lifecycle.COMPLETED, achievement=achievement)
    assert [e.code for e in refused.value.errors] == ["achievement_required"]


def test_an_achievement_recorded_before_completes_a_goal() -> None:
    goal = assess(at(Lifecycle.ACTIVE), Achievement.NOT_ATTAINABLE)
    assert move(goal, Lifecycle.COMPLETED).achievement is Achievement.NOT_ATTAINABLE


def test_on_hold_needs_a_reason_and_a_review_date() -> None:
    with pytest.raises(Invalid) as refused:
        move(at(Lifecycle.ACTIVE), Lifecycle.ON_HOLD, reason=" ")
    assert {e.code for e in refused.value.errors} == {"reason_required", "review_date_required"}
    held = move(at(Lifecycle.ACTIVE), Lifecycle.ON_HOLD, reason="Exams.", review_on=date(2026, 6, 1))
    assert held.review_on == date(2026, 6, 1)
    assert move(held, Lifecycle.ACTIVE).review_on is None


@pytest.mark.parametrize("writer", Side)
def test_a_goal_is_accepted_once_both_have_accepted_it(writer: Side) -> None:
    goal = propose(writer)
    with pytest.raises(Conflict, match="not_accepted_by_both"):
        move(goal, Lifecycle.ACCEPTED)
    assert accept(goal, writer).lifecycle is Lifecycle.PROPOSED
    other = next(side for side in Side if side is not writer)
    assert accept(goal, other).lifecycle is Lifecycle.ACCEPTED


def test_a_changed_goal_is_a_new_version_for_the_other_to_accept_while_work_goes_on() -> None:
    changed = revise(at(Lifecycle.ACTIVE), Side.CLIENT)
    assert (changed.version, changed.lifecycle) == (4, Lifecycle.ACTIVE)
    assert changed.accepted_by == {Side.CLIENT}
    assert accept(changed, Side.CLINICIAN) == GoalState(4, Lifecycle.ACTIVE, BOTH)


@pytest.mark.parametrize("lifecycle", sorted(ENDED))
def test_an_ended_goal_is_not_changed(lifecycle: Lifecycle) -> None:
    for change in (accept, revise):
        with pytest.raises(Conflict, match="goal_ended"):
            change(at(lifecycle), Side.CLIENT)
    with pytest.raises(Conflict, match="goal_not_active"):
        assess(at(lifecycle), Achievement.IMPROVING)


def test_the_words_of_a_goal_stay_out_of_its_repr() -> None:
    terms = GoalTerms("canary phrase", "canary", "canary", "canary", TODAY)
    assert "canary" not in repr(terms)


@pytest.mark.parametrize(
    ("terms", "field", "code"),
    [
        (GoalTerms("  "), "statement", "required"),
        (GoalTerms("Walk daily", target="x" * 2001), "target", "too_long"),
        (GoalTerms("Walk daily", due_on=date(2026, 5, 3)), "due_on", "in_the_past"),
    ],
)
def test_terms_that_cannot_stand_are_refused_by_field(terms: GoalTerms, field: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_terms(terms, TODAY)
    assert [(e.field, e.code) for e in refused.value.errors] == [(field, code)]


def test_a_goal_due_today_can_be_set() -> None:
    check_terms(GoalTerms("Call my brother", due_on=TODAY), TODAY)
