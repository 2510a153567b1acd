"""The intake's questions as the page shows them, and its answers as a form's words and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from domain.intake_forms import Field, Kind
from domain.intake_forms import Step as FormStep
from records.database import dumps
from web.choices import STATE, YES_NO
from web.views.intake import Question
from web.views.shell import Choice, Form

CLEARED: tuple[object, ...] = ("", [])

_CHOOSE = frozenset({Kind.CHOICE, Kind.CHOICES, Kind.STATE, Kind.YES_NO})


def question(field: Field) -> Question:
    """One question of the page."""
    options = tuple(Choice(each.value, each.label, each.hint) for each in field.options)
    if field.kind is Kind.STATE:
        options = STATE
    elif field.kind is Kind.YES_NO:
        options = YES_NO
    return Question(
        field.name,
        field.label,
        field.kind,
        field.help,
        field.required and not field.none_counts,
        options,
        field.autocomplete,
        field.most,
        field.when.field if field.when else "",
        " ".join(_word(value) for value in field.when.unless) if field.when else "",
    )


def form_of(answers: Mapping[str, Any]) -> Form:
    """Saved answers as the fields show them."""
    many = {name: tuple(value) for name, value in answers.items() if isinstance(value, list)}
    return Form({name: _word(value) for name, value in answers.items() if name not in many}, many)


def shown_of(step: FormStep, answers: Mapping[str, Any]) -> str:
    """What the fields of a part show, for the page to send back: what it did not change is left alone."""
    shown: dict[str, object] = {}
    for field in step.fields:
        value = answers.get(field.name)
        if value is None and field.none_counts:
            continue  # left empty, this is an answer too: the first press says it
        if field.kind is Kind.CHOICES:
            shown[field.name] = value or []
        else:
            shown[field.name] = _word(value)
    return dumps(shown)


def words_of(step: FormStep, name: str) -> str:
    """What is said beneath a question that was not answered."""
    kind = next(field.kind for field in step.fields if field.name == name)
    if kind is Kind.CHOICES:
        return "Please choose at least one."
    return "Please choose one." if kind in _CHOOSE else "Please fill this in."


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)
