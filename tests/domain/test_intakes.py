"""The intake as data: what a submit needs, under which conditions, and whose word counts."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.guardians import Pathway
from domain.intake_editions import FORMS, form_of, form_on
from domain.intake_forms import PATHWAY, Kind
from domain.intakes import changes, leaves, nested, write
from domain.suitability import RULES

FORM = form_on(date(2026, 6, 1))
INTAKE: dict[str, Any] = {
    "focus": ["anxiety"],
    "address": {"line1": "1 Main Street", "city": "Albany", "state": "NY", "postal_code": "12207"},
    "phone": "+15185550100",
    "sex_on_file": "female",
    "prior_care": "",
    "medication": "",
    "state": "NY",
    "location": "at home",
    "emergency_contact": {"name": "A. Friend", "phone": "+15185550101"},
    "safety": {
        "suicidal_thoughts": "never",
        "homicidal_thoughts": "never",
        "private_channel": True,
        "recent_attempt": False,
        "recent_discharge": False,
        "imminent_violence": False,
        "psychosis_or_mania": False,
        "withdrawal": False,
    },
}


def missing(change: dict[str, Any] | None = None, pathway: Pathway | None = Pathway.ADULT) -> list[str]:
    """What a submit of this intake lacks."""
    return FORM.missing(leaves(INTAKE | (change or {})) | {PATHWAY: pathway})


def test_a_full_intake_lacks_nothing_and_none_is_an_answer() -> None:
    assert missing() == []


def test_an_empty_intake_lacks_every_needed_field_in_the_order_of_the_form() -> None:
    lacking = FORM.missing({PATHWAY: Pathway.ADULT})
    assert lacking[0] == "focus"
    assert lacking == [f.name for s in FORM.steps for f in s.fields if f.required and s.name != "guardian"]


@pytest.mark.parametrize("name", sorted(leaves(INTAKE)))
def test_each_answer_left_out_is_named(name: str) -> None:
    answers = {each: value for each, value in leaves(INTAKE).items() if each != name}
    assert FORM.missing(answers | {PATHWAY: Pathway.ADULT}) == [name]


@pytest.mark.parametrize(
    ("change", "lacking"),
    [
        ({"phone": "   "}, ["phone"]),
        ({"focus": []}, ["focus"]),
        ({"emergency_contact": {"name": "A. Friend"}}, ["emergency_contact.phone"]),
        ({"emergency_contact": {"available": False}}, []),
        ({"location": None, "location_withheld": True}, []),
        ({"location": None, "location_withheld": False}, ["location"]),
    ],
)
def test_a_condition_decides_what_is_asked(change: dict[str, Any], lacking: list[str]) -> None:
    assert missing(change) == lacking


def test_only_whose_guardian_must_agree_is_asked_for_one() -> None:
    needed = ["guardian", "guardian_contact.relationship", "guardian_contact.email"]
    assert missing(pathway=Pathway.GUARDIAN) == needed
    assert [missing(pathway=each) for each in (Pathway.MINOR, Pathway.NOT_SERVED, None)] == [[], [], []]


def test_every_edition_is_whole_and_answers_keep_theirs() -> None:
    for form in FORMS:
        names = [each.name for each in form.fields]
        assert len(names) == len(set(names))
        for each in form.fields:
            assert form.field(each.name) is each
            assert bool(each.options) == (each.kind in (Kind.CHOICE, Kind.CHOICES))
            assert each.when is None or each.when.field in names
        # Whatever makes messages alone the wrong care is asked.
        assert {rule.field for rule in RULES} - {"c_ssrs"} <= set(names)
        assert form_of(form.version, date(2199, 1, 1)) is form
    assert [form.effective_from for form in FORMS] == sorted(form.effective_from for form in FORMS)
    assert form_on(date(1999, 1, 1)) is FORMS[0]


NAMES = ("focus", "phone", "address.city", "safety.withdrawal")
SAID = st.dictionaries(st.sampled_from(NAMES), st.one_of(st.none(), st.text("ab", min_size=1, max_size=2)))


@settings(max_examples=60)
@given(st.lists(st.tuples(SAID, st.integers(0, 4)), max_size=6))
def test_the_last_word_on_each_answer_counts_and_who_had_not_seen_an_earlier_one_is_told(
    writes: list[tuple[dict[str, str | None], int]],
) -> None:
    answers: dict[str, Any] = {}
    marks: dict[str, int] = {}
    last: dict[str, str | None] = {}
    for version, (said, behind) in enumerate(writes, start=1):
        before, earlier = dict(answers), dict(marks)
        saved = write(answers, marks, said, version=version, seen=max(0, version - 1 - behind))
        answers, marks = saved.answers, saved.marks
        last |= said
        told = set(saved.overwrote)
        unseen = {name for name, at in earlier.items() if at > max(0, version - 1 - behind)}
        assert told == {name for name in unseen & set(said) if before.get(name) != said[name]}
    assert answers == {name: value for name, value in last.items() if value is not None}


def test_groups_come_apart_and_together_again() -> None:
    assert nested(leaves(INTAKE)) == INTAKE
    assert changes({"safety": {"withdrawal": None}, "phone": "1"}, ()) == {
        "safety.withdrawal": None,
        "phone": "1",
    }
    assert changes({"address": None}, ("address.city", "phone")) == {"address.city": None}
