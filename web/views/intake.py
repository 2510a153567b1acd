"""The intake as a wizard, where the client is, what care fits, and the guardian's page."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from web.views.journeys import Journey
from web.views.shell import Choice, Form


@dataclass(frozen=True, slots=True)
class Question:
    """One question. `kind` is `domain.intake_forms.Kind`; it is put unless the answer `when` is among `unless`."""

    name: str
    label: str
    kind: str
    hint: str = ""
    required: bool = False
    options: tuple[Choice, ...] = ()
    autocomplete: str = "off"
    most: int = 200
    when: str = ""
    unless: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the wizard; `state` is done, current or ahead."""

    title: str
    href: str
    state: str


@dataclass(frozen=True, slots=True)
class IntakeView:
    """One part. `version` and `shown` tell what this page knew; `elsewhere` names what another device had said."""

    journey: Journey
    part: str
    number: int
    of: int
    questions: tuple[Question, ...]
    parts: tuple[Part, ...]
    form: Form
    intro: str = ""
    version: int = 0
    shown: str = "{}"
    elsewhere: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CareView:
    """What we recommend and why: words, and where that answer is changed. `letter` is what a clinician of ours wrote
    after deciding.
    """

    journey: Journey
    recommendation: str
    reasons: tuple[tuple[str, str], ...]
    letter: str = ""
    decided: bool = False
    by: datetime | None = None


@dataclass(frozen=True, slots=True)
class GuardianAskedView:
    """The client's page about the letter to their guardian; `answer` is empty while there is none."""

    journey: Journey
    email: str = ""
    asked_at: datetime | None = None
    expires_at: datetime | None = None
    mailed_at: datetime | None = None
    answer: str = ""
    answered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class GuardianView:
    """What a guardian reads by their link. `answer`: what is on file; `over`: the link can be used no more."""

    token: str
    paragraphs: tuple[str, ...]
    version: str
    answer: str = ""
    over: bool = False
    form: Form = field(default_factory=Form)


@dataclass(frozen=True, slots=True)
class WhereView:
    """Where the client is now. `state` is what they said last, `since` when."""

    state: str
    since: datetime | None
    next_path: str
    form: Form = field(default_factory=Form)


@dataclass(frozen=True, slots=True)
class EarlierRow:
    """A decision of before, in words."""

    words: str
    by: str
    at: datetime
    rationale: str


@dataclass(frozen=True, slots=True)
class UndecidedRow:
    """Somebody for whom a clinician has the word. `level` in words; `reasons`: rule and source."""

    client_id: str
    code: str
    state: str
    level: str
    reasons: tuple[tuple[str, str], ...]
    since: datetime
    due_at: datetime | None
    may_go_on: bool
    earlier: tuple[EarlierRow, ...] = ()
    form: Form = field(default_factory=Form)


@dataclass(frozen=True, slots=True)
class SuitabilityView:
    """All of them, the longest waiting first."""

    rows: tuple[UndecidedRow, ...]
    choices: tuple[Choice, ...]
