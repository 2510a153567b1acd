import dataclasses
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.outcomes import YARDSTICKS, Reliability, Reliable, change, follow_up, joint_change

VECTORS = Path(__file__).parent.parent / "vectors"
CHANGE = json.loads((VECTORS / "reliable_change.json").read_text("utf-8"))
WINDOWS = json.loads((VECTORS / "phq9_gad7.json").read_text("utf-8"))["outcome_windows"]["vectors"]


@pytest.mark.parametrize("case", CHANGE["vectors"])
def test_change_between_two_scores_is_judged_as_published(case: dict[str, Any]) -> None:
    assert dataclasses.asdict(change(case["instrument"], case["pre"], case["post"])) == case["expected"]


@pytest.mark.parametrize("case", CHANGE["joint_vectors"])
def test_mood_and_worry_are_judged_together(case: dict[str, Any]) -> None:
    assert dataclasses.asdict(joint_change(tuple(case["phq"]), tuple(case["gad"]))) == case["expected"]


@pytest.mark.parametrize("name", ["PHQ-9", "GAD-7"])
def test_the_reliable_step_follows_from_the_printed_reliability(name: str) -> None:
    for row in CHANGE["parameters"][name]:
        reliability = Reliability(row["sd"], row["r"])
        assert reliability.s_diff == pytest.approx(row["sdiff"], abs=1e-4)
        assert reliability.threshold == pytest.approx(row["threshold_raw"], abs=1e-4)
    used = YARDSTICKS[name]
    assert used.reliable - 1 < used.reliability.threshold < used.reliable


@given(st.sampled_from(["PHQ-9", "GAD-7"]), st.integers(0, 21), st.integers(0, 21))
def test_getting_better_one_way_is_getting_worse_the_other(name: str, a: int, b: int) -> None:
    there, back = change(name, a, b), change(name, b, a)
    assert there.change == -back.change
    assert (there.reliable is Reliable.IMPROVED) == (back.reliable is Reliable.DETERIORATED)


@pytest.mark.parametrize("case", WINDOWS)
def test_the_follow_up_windows_include_their_edges(case: dict[str, Any]) -> None:
    later = [(date.fromisoformat(on), score) for on, score in case["followups"]]
    result = follow_up(date.fromisoformat(case["baseline_date"]), case["baseline"], later)
    assert dataclasses.asdict(result) == case["expected"]


@pytest.mark.parametrize(("day", "inside"), [(-61, False), (-60, True), (60, True), (61, False)])
def test_the_anniversary_window_is_sixty_days_either_side(day: int, inside: bool) -> None:
    start = date(2024, 2, 29)
    later = [(date.fromordinal(date(2025, 2, 28).toordinal() + day), 3)]
    result = follow_up(start, 16, later)
    assert result.nqf0710_score == (3 if inside else None)
    assert result.nqf0710_remission_lt5 is inside


def test_a_baseline_that_was_not_elevated_has_no_follow_up() -> None:
    result = follow_up(date(2026, 1, 5), 9, [(date(2026, 5, 20), 2)])
    assert (result.elevated_gt9, result.drr_score) == (False, None)
