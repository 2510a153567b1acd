"""An intake in words says what was said, what was not, and nothing that was not asked."""

from datetime import date

from domain.guardians import Pathway
from domain.intake_editions import form_on
from domain.intake_words import in_words
from domain.intakes import corrected

FORM = form_on(date(2026, 11, 20))


def told(**answers: object) -> dict[str, tuple[str, bool]]:
    """Words and whether they are missing, by the name of the question."""
    given = {name.replace("__", "."): value for name, value in answers.items()}
    steps = in_words(FORM, {"pathway": Pathway.ADULT, **given})
    return {each.name: (each.words, each.missing) for step in steps for each in step.answers}


def test_codes_are_told_by_their_labels() -> None:
    words = told(
        focus=["sleep", "work"],
        state="OR",
        prior_care="",
        safety__suicidal_thoughts="within_30_days",
        safety__private_channel=False,
    )
    assert words["focus"] == ("Sleep, Work or study", False)
    assert words["state"] == ("Oregon", False)
    assert words["prior_care"] == ("None", False)
    assert words["safety.suicidal_thoughts"] == ("In the last 30 days", False)
    assert words["safety.private_channel"] == ("No", False)


def test_what_is_missing_is_marked_and_what_may_be_left_out_is_not() -> None:
    words = told()
    assert words["medication"] == ("Not said", True)
    assert words["preferences.gender"] == ("Not said", False)


def test_what_is_not_put_to_somebody_is_left_out() -> None:
    words = told(location_withheld=True, emergency_contact__available=False)
    assert "location" not in words
    assert "emergency_contact.name" not in words
    assert "guardian" not in words
    assert words["emergency_contact.available"] == ("No", False)


def test_a_correction_keeps_what_stood_there_before() -> None:
    before = {"focus": ["sleep"], "phone": "1", "state": "OR"}
    assert corrected(before, {"focus": ["work"], "phone": "1", "location": "Salem"}) == {
        "focus": ["sleep"],
        "state": "OR",
        "location": None,
    }
    assert corrected(before, dict(before)) == {}
