"""The documents a client signs, in versions, and which must be signed before what.

The texts are our own plain words; counsel reviews them before a launch. A new wording is a new version with
its date; what was signed stays as it was shown. Content of informed consent for telehealth: risks, what
asynchronous care is, not for emergencies, limits of confidentiality, the right to withdraw.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from domain.errors import Conflict, FieldError, Invalid
from domain.stages import Stage
from domain.states import state as find_state


class Document(StrEnum):
    """What is signed."""

    PRIVACY_NOTICE = "privacy_notice"
    TELEHEALTH = "telehealth"
    FINANCIAL_RESPONSIBILITY = "financial_responsibility"
    RELEASE_OF_BENEFITS = "release_of_benefits"


@dataclass(frozen=True, slots=True)
class Wording:
    """One version of a document. `by_state`: the state the client is in is part of what is signed."""

    document: Document
    version: str
    effective_from: date
    title: str
    text: str
    by_state: bool = False


@dataclass(frozen=True, slots=True)
class Signed:
    """A signature on file: document, version, and the state it was given for."""

    document: Document
    version: str
    state: str | None = None


WORDINGS: tuple[Wording, ...] = (
    Wording(
        Document.PRIVACY_NOTICE,
        "2025-01",
        date(2025, 1, 1),
        "How we handle your information",
        "We keep what you write, say and film encrypted in transit and at rest, with a key for your room "
        "alone. Your therapist and whoever covers for them read your room, and the clinician on call if "
        "you may be in danger. A supervisor may open it for a recorded purpose, and you can see when and "
        "why. Our billing office sees codes, minutes and your cover, never your messages or notes. We "
        "share information for your treatment, for payment and for running the service, and otherwise "
        "only with your permission or where the law demands it. You may see your record, take a copy, ask"
        " for corrections, and ask to whom it was disclosed. If you think we broke these promises you may"
        " complain to us or to the United States Department of Health and Human Services.",
    ),
    Wording(
        Document.TELEHEALTH,
        "2025-01",
        date(2025, 1, 1),
        "Care by messages and at a distance",
        "You and your therapist will mostly write to each other, and may send sound and video. Answers "
        "come within the time shown in your room, not at once. This is not for emergencies: call 988 or "
        "911 then. Care by messages has limits: a therapist cannot see how you are between messages, "
        "technology can fail, and for some needs meeting in person or by live video is better; your "
        "therapist will tell you so. What you say is confidential, with limits set by law: abuse of a "
        "child or of someone who cannot protect themselves, a serious threat to you or to others, or a "
        "court's order. Your therapist must hold a licence for the place where you are, so tell us when "
        "you move or travel. You may stop at any time and withdraw this consent.",
        by_state=True,
    ),
    Wording(
        Document.FINANCIAL_RESPONSIBILITY,
        "2025-01",
        date(2025, 1, 1),
        "What you may have to pay",
        "We tell you what we expect your care to cost before you agree to it. What your insurance reports"
        " is an estimate and no promise of payment. You are responsible for copays, deductibles, "
        "coinsurance and for services that your cover does not pay for. If you pay yourself you receive a"
        " good faith estimate, and you may dispute a bill that exceeds it by 400 dollars or more.",
    ),
    Wording(
        Document.RELEASE_OF_BENEFITS,
        "2025-01",
        date(2025, 1, 1),
        "Asking and billing your insurance",
        "You allow us to ask your insurance about your cover, to send it what a claim needs (dates, "
        "codes, diagnosis and amounts, never your messages), and to receive its payments directly. You "
        "may withdraw this at any time; it does not undo what was sent before.",
    ),
)

_BEFORE_MEASURES = (Document.PRIVACY_NOTICE, Document.TELEHEALTH)
_ALWAYS = (*_BEFORE_MEASURES, Document.FINANCIAL_RESPONSIBILITY)
_WITH_A_PAYER = (*_ALWAYS, Document.RELEASE_OF_BENEFITS)
_WITHOUT_A_PAYER = ("self_pay", "fsa_hsa")


def required_for(stage: Stage, coverage_kind: str | None = None) -> tuple[Document, ...]:
    """Documents to be signed before a stage is entered; for CONSENTS itself, before it is left.

    While the kind of cover is unknown (None) a payer may have to be asked, so its release is required.
    """
    match stage:
        case Stage.REGISTERED | Stage.INTAKE | Stage.CLOSED:
            return ()
        case Stage.SCREENING:
            return _BEFORE_MEASURES
    return _ALWAYS if coverage_kind in _WITHOUT_A_PAYER else _WITH_A_PAYER


def current(document: Document, on: date, wordings: Iterable[Wording] = WORDINGS) -> Wording:
    """The version in force on a date. Raises Conflict when none is in force yet."""
    in_force = [w for w in wordings if w.document is document and w.effective_from <= on]
    if not in_force:
        raise Conflict("no_version_in_force")
    return max(in_force, key=lambda wording: wording.effective_from)


def check_signing(
    document: str,
    version: str,
    signature: str,
    *,
    on: date,
    state: str | None,
    wordings: Iterable[Wording] = WORDINGS,
) -> Signed:
    """The signature to put on file. `on` is the client's local date, `state` where the client is.

    Raises Invalid (`unknown_document`, `signature_required`, `state_required`, `unknown_state`), and Conflict
    `version_superseded` when another version is in force than the one that was shown.
    """
    if document not in set(Document):
        raise Invalid(FieldError("document", "unknown_document"))
    wording = current(Document(document), on, wordings)
    if not signature.strip():
        raise Invalid(FieldError("signature", "signature_required"))
    if wording.by_state:
        if state is None:
            raise Invalid(FieldError("state", "state_required"))
        find_state(state)
    if version != wording.version:
        raise Conflict("version_superseded")
    return Signed(wording.document, version, state)


def missing(required: Iterable[Document], signed: Iterable[Signed], state: str | None) -> list[Document]:
    """Required documents that no signature on file covers; care by state is signed anew in a new state.

    An earlier version counts: a new wording asks again at sign-in, it does not stop care.
    """
    by_state = {wording.document for wording in WORDINGS if wording.by_state}
    held = {s.document for s in signed if s.document not in by_state or s.state == state}
    return [document for document in required if document not in held]
