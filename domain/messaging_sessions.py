"""Messaging sessions: the billable window, two figures that never mix, and what an attestation needs.

`workload_minutes` follows from words by a named formula and is shown to people only. `clinical_minutes` is
what the clinician logs and attests with a signed note; only that figure may ever choose a code. CPT
psychotherapy codes count time with the patient present, which no word count can tell.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from domain.errors import Conflict, FieldError, Invalid


class SessionState(StrEnum):
    """A window collects, awaits its attestation, and is attested or lapses; both ends are final."""

    OPEN = "open"
    AWAITING_ATTESTATION = "awaiting_attestation"
    ATTESTED = "attested"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True)
class WindowPolicy:
    """`length`: from the first message to the end of the window. `attest_within`: after that it lapses."""

    length: timedelta = timedelta(days=7)
    attest_within: timedelta = timedelta(days=14)

    def __post_init__(self) -> None:
        if self.length <= timedelta() or self.attest_within <= timedelta():
            raise Invalid(FieldError("length", "not_positive"))


SEVEN_DAYS: Final = WindowPolicy()


def window_policy_from_json(definition: Mapping[str, Any]) -> WindowPolicy:
    """The policy of a stored definition: `window_seconds`, `attest_seconds`; what is left out is the default.

    Raises Invalid (`not_a_number`, `not_positive`).
    """
    spans = {}
    for key, name in (("window_seconds", "length"), ("attest_seconds", "attest_within")):
        if key in definition:
            value = definition[key]
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise Invalid(FieldError(key, "not_a_number"))
            spans[name] = timedelta(seconds=value)
    return WindowPolicy(**spans)


@dataclass(frozen=True, slots=True)
class Window:
    """The instants (UTC) of one session: [opens_at, ends_at), attestable until `lapses_at`."""

    opens_at: datetime
    ends_at: datetime
    lapses_at: datetime


def window(opens_at: datetime, policy: WindowPolicy = SEVEN_DAYS) -> Window:
    """The window that a first message opens."""
    ends_at = opens_at + policy.length
    return Window(opens_at, ends_at, ends_at + policy.attest_within)


class Reminder(StrEnum):
    """When a clinician who owes an attestation is reminded: after two days, and on the last day."""

    SECOND_DAY = "second_day"
    LAST_DAY = "last_day"


def reminders(span: Window) -> tuple[tuple[datetime, Reminder], ...]:
    """The reminders of one session in their order, with their instants; those outside its time fall away."""
    due = (
        (span.ends_at + timedelta(hours=48), Reminder.SECOND_DAY),
        (span.lapses_at - timedelta(hours=24), Reminder.LAST_DAY),
    )
    return tuple(sorted((at, which) for at, which in due if span.ends_at < at < span.lapses_at))


@dataclass(frozen=True, slots=True)
class Workload:
    """What was exchanged in a window. Seconds are of recordings; `av_seconds` of both sides together."""

    client_words: int = 0
    clinician_words: int = 0
    documents: int = 0
    av_seconds: int = 0
    listened_seconds: int = 0
    recorded_seconds: int = 0


class Formula(StrEnum):
    """Named ways to tell a workload. Neither is a code, nor evidence for one."""

    CREDIT_40 = "credit40"
    ESTIMATE = "estimate"


WORDS_PER_MINUTE: Final = 40
WORDS_PER_DOCUMENT: Final = 150
READING_WORDS_PER_MINUTE: Final = 238  # silent reading, Brysbaert 2019
FULL_SESSION: Final = 45


def _credit_40(load: Workload) -> float:
    """40 words are a minute; the clinician's words, documents among them, count up to twice the client's."""
    clinician = load.clinician_words + WORDS_PER_DOCUMENT * load.documents
    counted = load.client_words + min(clinician, 2 * load.client_words)
    return counted / WORDS_PER_MINUTE + load.av_seconds / 60


def _estimate(load: Workload) -> float:
    """Reading what the client wrote, writing the answers, listening and recording."""
    reading = load.client_words / READING_WORDS_PER_MINUTE
    writing = load.clinician_words / WORDS_PER_MINUTE
    return reading + writing + (load.listened_seconds + load.recorded_seconds) / 60


_FORMULAS: dict[Formula, Callable[[Workload], float]] = {
    Formula.CREDIT_40: _credit_40,
    Formula.ESTIMATE: _estimate,
}


def workload_minutes(formula: Formula, load: Workload) -> float:
    """Minutes of work by a named formula: a label for people, never an input to a claim."""
    return _FORMULAS[formula](load)


def is_full_session(minutes: float) -> bool:
    """Whether a workload equals a 45-minute session: a label, too."""
    return minutes >= FULL_SESSION


STATEMENT_VERSION: Final = "2025-01"
STATEMENT: Final = (
    "I gave this care myself within the window shown. The clinical minutes are the time I spent on it, "
    "logged by me and not worked out from words. My signed note supports them."
)
LONGEST_SESSION_MINUTES: Final = 7 * 24 * 60


@dataclass(frozen=True, slots=True)
class Attestation:
    """What a clinician hands in. `statement`: the words agreed to, those of STATEMENT or their own."""

    note_id: UUID
    clinical_minutes: int
    diagnosis_ids: tuple[UUID, ...]
    statement: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """What is on file for the session at the moment of attesting.

    `signed_notes`: signed notes of this room by this clinician; `diagnoses`: those in force in this room.
    """

    state: SessionState
    window: Window
    signed_notes: Collection[UUID]
    diagnoses: Collection[UUID]


def check_attestation(given: Attestation, facts: SessionFacts, now: datetime) -> None:
    """Return if the session may be attested.

    Raises Conflict: `already_attested`, `session_lapsed`, `window_still_open`, `note_not_signed`; Invalid:
    `clinical_minutes_required`, `diagnosis_required`, `unknown_diagnosis`, `statement_required`. Word counts
    are no part of this on purpose.
    """
    if facts.state is SessionState.ATTESTED:
        raise Conflict("already_attested")
    if facts.state is SessionState.LAPSED or now >= facts.window.lapses_at:
        raise Conflict("session_lapsed")
    if now < facts.window.ends_at:
        raise Conflict("window_still_open")
    if given.note_id not in facts.signed_notes:
        raise Conflict("note_not_signed")
    errors = _wrong_fields(given, facts)
    if errors:
        raise Invalid(*errors)


def _wrong_fields(given: Attestation, facts: SessionFacts) -> list[FieldError]:
    errors = []
    if not 0 < given.clinical_minutes <= LONGEST_SESSION_MINUTES:
        errors.append(FieldError("clinical_minutes", "clinical_minutes_required"))
    if not given.diagnosis_ids:
        errors.append(FieldError("diagnosis_ids", "diagnosis_required"))
    elif not set(given.diagnosis_ids) <= set(facts.diagnoses):
        errors.append(FieldError("diagnosis_ids", "unknown_diagnosis"))
    if not given.statement.strip():
        errors.append(FieldError("statement", "statement_required"))
    return errors
