"""An intake in plain words, step by step: what was asked of this person, what they said, what is missing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from domain.intake_forms import Field, IntakeForm, Kind, Step, holds, step_missing
from domain.states import STATES

NOT_SAID: Final = "Not said"
_NONE: Final = "None"


@dataclass(frozen=True, slots=True)
class Said:
    """A question that was put, and its answer in words. `missing`: a submit still needs it."""

    name: str
    label: str
    words: str = field(repr=False)
    missing: bool = False


@dataclass(frozen=True, slots=True)
class StepSaid:
    """A part of the form as this person took it."""

    title: str
    answers: tuple[Said, ...]


def in_words(form: IntakeForm, answers: Mapping[str, Any]) -> tuple[StepSaid, ...]:
    """The steps this person takes, by their dotted answers and `pathway`. What is not put to them is left out."""
    return tuple(StepSaid(step.title, _said(step, answers)) for step in form.shown(answers))


def _said(step: Step, answers: Mapping[str, Any]) -> tuple[Said, ...]:
    missing = step_missing(step, answers)
    return tuple(
        Said(each.name, each.label, answer_words(each, answers.get(each.name)), each.name in missing)
        for each in step.fields
        if holds(each.when, answers)
    )


def answer_words(asked: Field, value: object) -> str:
    """One answer as its reader understands it: labels for codes, `None` for an empty text that is an answer."""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, list):
        return ", ".join(_label(asked, each) for each in value) or NOT_SAID
    text = "" if value is None else str(value).strip()
    if not text:
        return _NONE if asked.none_counts and value is not None else NOT_SAID
    if asked.kind is Kind.STATE:
        return STATES[text].name if text in STATES else text
    return _label(asked, text)


def _label(asked: Field, value: object) -> str:
    return next((option.label for option in asked.options if option.value == value), str(value))
