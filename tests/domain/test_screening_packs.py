"""What a site switches on, and the words it brings for it."""

from typing import Any

import pytest

from domain.errors import Invalid
from domain.instruments import INSTRUMENTS, Option
from domain.screening import SCALES, answers_in_order, score
from domain.screening_packs import (
    BROUGHT,
    FIRST,
    PACKS,
    ScreeningPolicy,
    screening_policy_from_json,
    screening_policy_to_json,
    words_from_json,
)


def words_for(name: str) -> dict[str, Any]:
    """Made-up words in the shape that a site's licensed ones have."""
    count = 7 if name == "C-SSRS" else SCALES[name].items
    scale = SCALES.get(name)
    options = [{"value": n, "text": f"Answer {n}"} for n in range(scale.low, scale.high + 1)] if scale else []
    items = [{"text": f"Question {n} of the site's own?"} for n in range(1, count + 1)]
    return {"title": "A pack", "stem": "Lately:", "licence": "By leave of its owner", "items": items} | (
        {"options": options} if options else {}
    )


def test_without_a_policy_the_first_two_are_asked() -> None:
    assert ScreeningPolicy().before_matching == FIRST == ("PHQ-9", "GAD-7")


def test_packs_are_put_in_the_order_in_which_they_are_switched_on() -> None:
    policy = screening_policy_from_json({"packs": ["WAI-SR", "C-SSRS", "PCL-5"]})
    assert policy.switched_on == (*FIRST, "WAI-SR", "C-SSRS", "PCL-5")
    assert policy.before_matching == (*FIRST, "C-SSRS", "PCL-5")
    assert screening_policy_from_json(screening_policy_to_json(policy)) == policy


def test_only_what_is_not_ours_to_print_needs_words() -> None:
    assert set(BROUGHT) == {"AUDIT-C", "C-SSRS", "WAI-SR"}
    assert set(PACKS) - set(BROUGHT) == set(INSTRUMENTS) - set(FIRST)


@pytest.mark.parametrize(
    ("definition", "code"),
    [
        ({"packs": ["WHO-5"]}, "unknown_pack"),
        ({"packs": ["PHQ-9"]}, "unknown_pack"),
        ({"packs": ["PCL-5", "PCL-5"]}, "named_twice"),
        ({"packs": "PCL-5"}, "wrong_type"),
        ({"pack": []}, "wrong_type"),
    ],
)
def test_a_policy_that_asks_for_what_there_is_not_is_refused(definition: dict[str, Any], code: str) -> None:
    with pytest.raises(Invalid) as refused:
        screening_policy_from_json(definition)
    assert [error.code for error in refused.value.errors] == [code]


@pytest.mark.parametrize("name", BROUGHT)
def test_words_that_fit_the_score_are_taken(name: str) -> None:
    found = words_from_json(name, words_for(name))
    least = [found.options_of(item)[-1 if name == "C-SSRS" else 0].value for item in found.items]
    assert score(name, answers_in_order(name, least)).complete is True
    assert found.licence == "By leave of its owner"


def test_answers_may_stand_with_each_question() -> None:
    words = words_for("AUDIT-C")
    options = words.pop("options")
    words["items"] = [{**item, "options": options[::-1]} for item in words["items"]]
    found = words_from_json("AUDIT-C", words)
    assert found.options_of(found.items[2])[0] == Option(4, "Answer 4")
    assert (found.loinc_panel, found.loinc_total) == ("72109-2", "75626-2")


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"title": " "}, ["title"]),
        ({"licence": None, "stem": 3}, ["stem", "licence"]),
        ({"items": [{"text": "One?"}]}, ["items"]),
        ({"items": [{"text": "One?"}, {"text": "Two?"}, {"words": "Three?"}]}, ["items.3"]),
        ({"options": [{"value": 0, "text": "Never"}]}, ["items.1", "items.2", "items.3"]),
        ({"stem": "x" * 601}, ["stem"]),
        ({"title": "One\x07"}, ["title"]),
    ],
)
def test_words_that_do_not_fit_are_refused_by_their_places(change: dict[str, Any], fields: list[str]) -> None:
    with pytest.raises(Invalid) as refused:
        words_from_json("AUDIT-C", {**words_for("AUDIT-C"), **change})
    assert [error.field for error in refused.value.errors] == fields


@pytest.mark.parametrize("name", ["PHQ-9", "WHO-5", "CSQ-8"])
def test_nobody_brings_words_for_what_is_printed_here_or_may_not_be_asked(name: str) -> None:
    with pytest.raises(Invalid):
        words_from_json(name, {})


def test_a_columbia_screen_answered_by_places_is_the_one_answered_by_names() -> None:
    by_place = answers_in_order("C-SSRS", [1, 1, 0, 0, 0, 1, 0])
    assert score("C-SSRS", by_place).band == "moderate"
    half = score("C-SSRS", answers_in_order("C-SSRS", [0, None, None, None, None, 0, None]))
    assert (half.band, half.missing) == (None, (2,))
    assert answers_in_order("PHQ-2", [0, 1]) == [0, 1]
    for answers in ([1] * 6, [2, *[0] * 6]):
        with pytest.raises(Invalid):
            answers_in_order("C-SSRS", answers)
