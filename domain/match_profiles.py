"""The two sides of a match, as far as matching may know them."""

from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum

from domain.ids import ClientId, TherapistId
from domain.licences import Licence
from domain.week_hours import NEVER


class Acuity(IntEnum):
    """How much care a client needs, and how much a therapist takes on. Above HIGH: not by messaging."""

    LOW = 1
    MODERATE = 2
    HIGH = 3


@dataclass(frozen=True, slots=True)
class Wish:
    """One stated preference: a kind ("gender", "modality", "approach") and a value. `must`: a hard filter."""

    kind: str
    value: str
    must: bool = False


@dataclass(frozen=True, slots=True)
class Seeker:
    """A client who looks for a therapist. `hours` are half-hours of `domain.week_hours`; NEVER when not said.

    `payer_id` is None for those who need no payer's credential (self-pay, sponsors). `state` is where the
    client is now.
    """

    client_id: ClientId
    state: str
    age: int
    language: str
    acuity: Acuity = Acuity.LOW
    payer_id: str | None = None
    focus: frozenset[str] = frozenset()
    wishes: tuple[Wish, ...] = ()
    hours: int = NEVER
    blocked: frozenset[TherapistId] = frozenset()  # by either side, or a conflict of interest
    already_asked: frozenset[TherapistId] = frozenset()  # declined or let expire in this search


@dataclass(frozen=True, slots=True)
class Search:
    """Who looks, and from which day care would begin (calendar of the state they are in)."""

    seeker: Seeker
    on: date


@dataclass(frozen=True, slots=True)
class Credential:
    """A payer's acceptance of a therapist. Dates inclusive; None is open."""

    payer_id: str
    effective_from: date
    effective_to: date | None = None

    def holds(self, payer_id: str, on: date) -> bool:
        in_time = self.effective_from <= on and (self.effective_to is None or on <= self.effective_to)
        return self.payer_id == payer_id and in_time


@dataclass(frozen=True, slots=True)
class Count:
    """So many of so many, such as promises kept or clients who reliably improved."""

    good: int = 0
    of: int = 0


@dataclass(frozen=True, slots=True)
class TherapistProfile:
    """A therapist as matching sees one. `traits` are kinds and values that the therapist states publicly."""

    therapist_id: TherapistId
    licences: tuple[Licence, ...]
    credentials: tuple[Credential, ...]
    languages: frozenset[str]
    target_load: int
    most_load: int
    load: int
    specialties: frozenset[str] = frozenset()
    modalities: frozenset[str] = frozenset({"text"})
    traits: frozenset[tuple[str, str]] = field(default_factory=frozenset)
    ages: tuple[int, int] = (18, 120)
    acuity_scope: Acuity = Acuity.MODERATE
    hours: int = NEVER
    messaging_on: bool = True
    accepting: bool = True
    promises_kept: Count = Count()
    outcomes: Count = Count()

    def meets(self, wish: Wish) -> bool:
        """Whether a stated wish is met by what the therapist states."""
        if wish.kind == "modality":
            return wish.value in self.modalities
        if wish.kind == "language":
            return wish.value in self.languages
        return (wish.kind, wish.value) in self.traits
