"""Scores against published keys; what a skipped answer and item 9 set off."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Invalid, NotFound
from domain.instruments import INSTRUMENTS, instrument
from domain.screening import Item9Followup, item9_followup, score

VECTORS = Path(__file__).parent.parent / "vectors"
BASIC = json.loads((VECTORS / "phq9_gad7.json").read_text("utf-8"))
OTHERS = json.loads((VECTORS / "other_instruments.json").read_text("utf-8"))
TEXTS = json.loads((VECTORS / "instruments_text.json").read_text("utf-8"))
CASES = [("PHQ-9", case) for case in BASIC["phq9"]] + [("GAD-7", case) for case in BASIC["gad7"]]
CASES += [(name, case) for name, cases in OTHERS.items() for case in cases]

phq9_answers = st.lists(st.sampled_from([0, 1, 2, 3, None]), min_size=9, max_size=9)


@pytest.mark.parametrize(("name", "case"), CASES)
def test_a_measure_scores_as_published(name: str, case: dict[str, Any]) -> None:
    result = score(name, case.get("answers") or case["items"], sex=case.get("sex"))
    assert dict(result.figures) == case["expected"]


@given(phq9_answers)
def test_a_phq9_total_is_given_only_when_every_item_is_answered(answers: list[int | None]) -> None:
    result = score("PHQ-9", answers)
    if None in answers:
        assert (result.complete, result.total, result.band) == (False, None, None)
        assert result.missing == tuple(n for n, a in enumerate(answers, start=1) if a is None)
    else:
        assert (result.complete, result.total, result.missing) == (True, sum(a or 0 for a in answers), ())


@given(phq9_answers)
def test_item_nine_is_reviewed_whatever_the_rest_says(answers: list[int | None]) -> None:
    assert score("PHQ-9", answers).item9_review is (answers[8] != 0)


@pytest.mark.parametrize(
    ("answer", "asked_again", "expected"),
    [
        (0, False, Item9Followup.NONE),
        (1, False, Item9Followup.ASK_SAFE_NOW),
        (3, False, Item9Followup.ASK_SAFE_NOW),
        (None, False, Item9Followup.ASK_ONCE_MORE),
        (None, True, Item9Followup.SAME_DAY_TASK),
        (2, True, Item9Followup.ASK_SAFE_NOW),
        (0, True, Item9Followup.NONE),
    ],
)
def test_item_nine_asks_at_once_and_a_skipped_one_is_asked_once_more(
    answer: int | None, asked_again: bool, expected: Item9Followup
) -> None:
    assert item9_followup(answer, asked_again=asked_again) is expected


@pytest.mark.parametrize(("total", "positive"), [(2, False), (3, True)])
@pytest.mark.parametrize("name", ["PHQ-2", "GAD-2"])
def test_two_items_are_positive_from_three(name: str, total: int, positive: bool) -> None:
    assert score(name, [1, total - 1]).figures == {
        "status": "complete",
        "total": total,
        "positive_ge3": positive,
    }


@pytest.mark.parametrize(
    ("name", "answers", "field", "code"),
    [
        ("PHQ-9", [0] * 8, "answers", "wrong_count"),
        ("PHQ-9", "000000000", "answers", "wrong_count"),
        ("PHQ-9", [0] * 8 + [4], "answers.8", "out_of_range"),
        ("PHQ-9", [-1] + [0] * 8, "answers.0", "out_of_range"),
        ("GAD-7", [True] + [0] * 6, "answers.0", "out_of_range"),
        ("GAD-7", [1.0] + [0] * 6, "answers.0", "out_of_range"),
        ("WAI-SR", [0] + [1] * 11, "answers.0", "out_of_range"),
        ("PHQ-9", {"q1": 1}, "answers", "wrong_count"),
        ("C-SSRS", [True], "answers", "wrong_type"),
        ("C-SSRS", {"q1": "yes"}, "answers.q1", "not_yes_or_no"),
        ("C-SSRS", {"q7": True}, "answers", "unknown_question"),
    ],
)
def test_a_wrong_answer_is_refused_by_its_place(name: str, answers: Any, field: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        score(name, answers)
    assert [(e.field, e.code) for e in refused.value.errors] == [(field, code)]


def test_a_measure_that_is_not_scored_is_not_found() -> None:
    with pytest.raises(NotFound):
        score("CSQ-8", [1] * 8)


def test_an_unfinished_columbia_screen_never_says_none() -> None:
    result = score("C-SSRS", {"q1": False, "q2": False, "q6_ever": None})
    assert (result.complete, result.band) == (False, None)
    assert result.figures["missing"] == ["q6"]
    half = score("C-SSRS", {"q1": True, "q2": True, "q3": None, "q4": True, "q6_ever": False})
    assert (half.complete, half.band) == (False, "high")
    skipped = score("C-SSRS", {"q1": False, "q2": None, "q4": True, "q6_ever": False})
    assert (skipped.complete, skipped.band) == (False, "high")  # only a no rules the next ones out
    when = score("C-SSRS", {"q1": False, "q2": False, "q6_ever": True})
    assert (when.missing, when.band) == ((7,), "moderate")


@pytest.mark.parametrize(("name", "key"), [("PHQ-9", "phq9"), ("GAD-7", "gad7"), ("PCL-5", "pcl5")])
def test_the_words_shown_are_the_published_ones(name: str, key: str) -> None:
    shown, published = instrument(name), TEXTS[key]
    assert shown.stem == published["stem"]
    assert [(i.n, i.text) for i in shown.items] == [(i["n"], i["text"]) for i in published["items"]]
    assert [(o.value, o.text) for o in shown.options] == [
        (o["value"], o["text"]) for o in published["options"]
    ]


@pytest.mark.parametrize("name", ["PHQ-9", "GAD-7", "PHQ-2"])
def test_the_loinc_codes_are_the_published_ones(name: str) -> None:
    shown, codes = instrument(name), BASIC["loinc"][name]
    assert (shown.loinc_panel, shown.loinc_total) == (codes["panel"], codes["total"])
    if "items" in codes:
        assert [i.loinc for i in shown.items] == codes["items"]
    assert {str(o.value): o.loinc for o in shown.options} == BASIC["loinc"]["answers"]


@pytest.mark.parametrize("name", ["WHO-5", "CSQ-8", "C-SSRS", "WAI-SR", "AUDIT-C"])
def test_words_that_may_not_ship_do_not(name: str) -> None:
    assert name not in INSTRUMENTS
    with pytest.raises(NotFound):
        instrument(name)
