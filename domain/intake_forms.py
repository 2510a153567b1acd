"""What an intake form is made of: steps, questions, conditions; and what a submit of one needs.

Answers have dotted names (`emergency_contact.phone`), the same in the record, on the wire and in the pages' forms. The
editions themselves are in `domain.intake_editions`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import chain
from typing import Any, Final

PATHWAY: Final = "pathway"
"""Not asked: whose consent is needed (`domain.guardians`). Conditions may name it."""


class Kind(StrEnum):
    """How a question is answered. `yes_no` is a truth value, `choices` a list of words."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    PHONE = "phone"
    EMAIL = "email"
    STATE = "state"
    CHOICE = "choice"
    CHOICES = "choices"
    YES_NO = "yes_no"


@dataclass(frozen=True, slots=True)
class Option:
    """One answer to choose."""

    value: str
    label: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Condition:
    """The question is put only while the answer `field` is none of these; what is not answered is none of them."""

    field: str
    unless: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """One question. `none_counts`: an empty text is an answer ("none"), so only silence is missing.

    `autocomplete` is the purpose by which a browser may fill it in (HTML standard, WCAG 2.2 1.3.5).
    """

    name: str
    label: str
    kind: Kind = Kind.TEXT
    help: str = ""
    required: bool = True
    none_counts: bool = False
    options: tuple[Option, ...] = ()
    when: Condition | None = None
    autocomplete: str = "off"
    most: int = 200


@dataclass(frozen=True, slots=True)
class Step:
    """A page of the wizard: a few questions that belong together."""

    name: str
    title: str
    fields: tuple[Field, ...]
    intro: str = ""
    when: Condition | None = None


@dataclass(frozen=True, slots=True)
class IntakeForm:
    """An edition of the form, in force from a day until the next one."""

    version: str
    effective_from: date
    steps: tuple[Step, ...]

    def field(self, name: str) -> Field:
        """A question by its name. Raises KeyError."""
        return {each.name: each for each in self.fields}[name]

    @property
    def fields(self) -> tuple[Field, ...]:
        """All questions in their order."""
        return tuple(chain.from_iterable(step.fields for step in self.steps))

    def shown(self, answers: Mapping[str, Any]) -> tuple[Step, ...]:
        """The steps this person takes, by their dotted answers and `pathway`."""
        return tuple(step for step in self.steps if holds(step.when, answers))

    def missing(self, answers: Mapping[str, Any]) -> list[str]:
        """Names of the questions a submit still needs, in the order of the form."""
        return [name for step in self.shown(answers) for name in step_missing(step, answers)]


def step_missing(step: Step, answers: Mapping[str, Any]) -> list[str]:
    """What one step still needs."""
    return [
        each.name
        for each in step.fields
        if each.required and holds(each.when, answers) and not answered(each, answers.get(each.name))
    ]


def holds(condition: Condition | None, answers: Mapping[str, Any]) -> bool:
    """Whether a question is put."""
    return condition is None or answers.get(condition.field) not in condition.unless


def answered(each: Field, value: object) -> bool:
    """Whether a value answers a question."""
    if isinstance(value, str):
        return each.none_counts or bool(value.strip())
    return value is not None and value != []
