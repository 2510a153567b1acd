"""A client's intake for those who care for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from domain.intake_words import StepSaid


@dataclass(frozen=True, slots=True)
class CorrectionRow:
    """What the client changed after handing the intake in: each question with the answer before."""

    at: datetime
    earlier: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class JudgedRow:
    """What the rules said, or with `by` what a clinician decided. `reasons`: rule and source."""

    words: str
    tone: str
    at: datetime
    by: str
    reasons: tuple[tuple[str, str], ...]
    rationale: str = ""
    letter: str = ""


@dataclass(frozen=True, slots=True)
class ConsentRow:
    """A document and how it stands."""

    title: str
    version: str
    signed_at: datetime | None
    withdrawn_at: datetime | None
    required: bool


@dataclass(frozen=True, slots=True)
class MeasureRow:
    """A questionnaire as it was answered, with its cut-off in words."""

    name: str
    taken_at: datetime
    words: str


@dataclass(frozen=True, slots=True)
class IntakeRecordView:
    """The whole way in. `room_id` empty before there is a room; `missing`: how many answers a submit still needs."""

    client_code: str
    room_id: str
    legal_name: str
    born: date
    pathway: str
    state: str
    located_at: datetime | None
    form: str
    submitted_at: datetime | None
    steps: tuple[StepSaid, ...]
    missing: int
    corrections: tuple[CorrectionRow, ...]
    judged: tuple[JudgedRow, ...]
    consents: tuple[ConsentRow, ...]
    measures: tuple[MeasureRow, ...]
