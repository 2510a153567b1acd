"""What a client signs and has signed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from web.views.journeys import Journey
from web.views.shell import Form


@dataclass(frozen=True, slots=True)
class Consent:
    """One document. `paragraphs` are its whole text, as signed or as it would be; `version` is the one in force.

    `new_words`: the text in force, where an older one was signed. `withdrawn_at`: it was taken back, and not signed
    since.
    """

    place: int
    document: str
    version: str
    title: str
    paragraphs: tuple[str, ...]
    required: bool = True
    signed_at: datetime | None = None
    signed_version: str = ""
    withdrawn_at: datetime | None = None
    new_words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ConsentsView:
    """All documents; fields `agree` (document names) and `signature`; `pay_myself` goes on without a release."""

    journey: Journey
    documents: tuple[Consent, ...]
    form: Form = field(default_factory=Form)
    may_pay_myself: bool = False


@dataclass(frozen=True, slots=True)
class AgreementsView:
    """Everything that was or can be signed. `letters`: their insurance is somebody else's plan."""

    documents: tuple[Consent, ...]
    letters: bool = False

    @property
    def to_sign(self) -> int:
        """How many are asked for now."""
        return sum(
            bool(each.new_words) or (each.required and each.signed_at is None) for each in self.documents
        )


@dataclass(frozen=True, slots=True)
class AgreementView:
    """One document and, in sentences, what stops when it is taken back and what goes on. Field `signature`."""

    document: Consent
    stops: tuple[str, ...]
    goes_on: str
    form: Form = field(default_factory=Form)


@dataclass(frozen=True, slots=True)
class LettersView:
    """Where a plan's letters go: subscriber, asked or agreed. Field `letters`; `request` is what can be sent."""

    letters: str
    words: str
    request: str
