"""The way from the first evening to the open room, one small step at a time."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from web.views.shell import Choice, Form


@dataclass(frozen=True, slots=True)
class Step:
    """One step as the client sees it. `state` is done, current, ahead, soon or late."""

    name: str
    state: str
    href: str = ""
    at: datetime | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Journey:
    """The steps beside each page; `step` counts from 1."""

    steps: tuple[Step, ...]
    step: int
    title: str
    sub: str = ""

    @property
    def total(self) -> int:
        """How many steps there are."""
        return len(self.steps)


@dataclass(frozen=True, slots=True)
class EarlierRoom:
    """A room that is closed: the client may read it at any time."""

    href: str
    name: str


@dataclass(frozen=True, slots=True)
class JourneyView:
    """The overview: what is done, who acts now, by when, and what comes next."""

    journey: Journey
    waiting_on: str
    next_words: str
    due_at: datetime | None = None
    next_href: str = ""
    next_action: str = ""
    paused: bool = False
    change_href: str = ""
    earlier: tuple[EarlierRoom, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """One item with its answers; its field is `item-<number>`. `after`: it is put only after yes (1) to that one, and
    `put` says whether that is so.
    """

    number: int
    text: str
    options: tuple[Choice, ...]
    after: int | None = None
    put: bool = True


@dataclass(frozen=True, slots=True)
class MeasureView:
    """A questionnaire. `place` is its number in the row of questionnaires, used in the address. `more`: an answer
    brought questions that were not put before.
    """

    journey: Journey
    place: int
    of: int
    stem: str
    questions: tuple[Question, ...]
    form: Form = field(default_factory=Form)
    more: bool = False


@dataclass(frozen=True, slots=True)
class MeasureLine:
    """One questionnaire of the list. `wanted`: it is asked now."""

    place: int
    title: str
    taken_at: datetime | None = None
    wanted: bool = False


@dataclass(frozen=True, slots=True)
class MeasuresView:
    """All questionnaires that can be answered here."""

    journey: Journey
    lines: tuple[MeasureLine, ...]


@dataclass(frozen=True, slots=True)
class SafetyView:
    """One plain question, asked at once; no answer by `answer_by` (UTC) pages a person. Field `safe`: yes or
    no.
    """

    flag_id: str
    answer_by: datetime


@dataclass(frozen=True, slots=True)
class CoverageView:
    """The card: fields kind, payer, member_id, group_number, relationship, sponsor_code, subscriber_name,
    subscriber_born. `asked_for` is what the insurer wants put right; `as_the_plan_has_it` then offers name_on_card,
    date_of_birth and sex_on_file too.
    """

    journey: Journey
    payers: tuple[Choice, ...]
    form: Form = field(default_factory=Form)
    asked_for: str = ""
    as_the_plan_has_it: bool = False


@dataclass(frozen=True, slots=True)
class ServiceLine:
    """What a cover says of one of our services, and why."""

    name: str
    answer: str
    why: str
    covered: bool = False


@dataclass(frozen=True, slots=True)
class EstimateView:
    """What it will cost. `status`: verifying, active, inactive, needs_information or manual_review; `kind`:
    insurance, sponsor, self_pay or fsa_hsa. `self_pay` is our own price, None while none is set. `clinician` says whose
    price it is, where that makes a difference.
    """

    journey: Journey
    status: str
    payer: str
    self_pay: Decimal | None
    kind: str = "insurance"
    reasons: tuple[str, ...] = ()
    per_session: Decimal | None = None
    per_month: Decimal | None = None
    confidence: str = ""
    basis: tuple[str, ...] = ()
    as_of: date | None = None
    asked_at: datetime | None = None
    self_pay_per_month: Decimal | None = None
    sessions_per_month: int = 4
    services: tuple[ServiceLine, ...] = ()
    clinician: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A therapist who fits, with up to three reasons from the score."""

    therapist_id: str
    name: str
    initials: str
    credentials: str
    reasons: tuple[str, ...]
    bio: str = ""


@dataclass(frozen=True, slots=True)
class MatchesView:
    """Up to three candidates; fields `choice` (the first), `second`, `third`. `state`: searching,
    choosing, asking (between two offers) or person (one of ours looks, until `by`). `before` says what came to
    nothing.
    """

    journey: Journey
    candidates: tuple[Candidate, ...]
    state: str = "choosing"
    words: str = ""
    before: str = ""
    by: datetime | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class OfferedView:
    """The chosen therapist has been asked. `missed` says what happened before, if anything."""

    journey: Journey
    name: str
    initials: str
    expires_at: datetime
    then: str
    missed: str = ""
