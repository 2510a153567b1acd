"""Consents: which documents are signed before what, and what a signature needs to stand."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from domain.consent_wordings import WORDINGS, Document, StateClause, Wording
from domain.errors import Conflict, FieldError, Invalid
from domain.stages import Stage
from domain.states import state as find_state

__all__ = [
    "WORDINGS",
    "Document",
    "Signed",
    "StateClause",
    "Wording",
    "check_signing",
    "current",
    "edition",
    "missing",
    "required_for",
]


@dataclass(frozen=True, slots=True)
class Signed:
    """A signature on file: document, version, and the state it was given for."""

    document: Document
    version: str
    state: str | None = None


_BEFORE_MEASURES = (Document.PRIVACY_NOTICE, Document.TELEHEALTH)
_ALWAYS = (*_BEFORE_MEASURES, Document.FINANCIAL_RESPONSIBILITY)
_WITH_A_PAYER = (*_ALWAYS, Document.RELEASE_OF_BENEFITS)
_WITHOUT_A_PAYER = ("self_pay", "fsa_hsa")


def required_for(stage: Stage, coverage_kind: str | None = None) -> tuple[Document, ...]:
    """Documents to be signed before a stage is entered; for CONSENTS itself, before it is left.

    While the kind of cover is unknown (None) a payer may have to be asked, so its release is required. Part 2 is
    never required: without it claims that would show such a diagnosis are not sent (`domain.service_lines`).
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


def edition(document: Document, version: str, wordings: Iterable[Wording] = WORDINGS) -> Wording | None:
    """The words that were signed; None for an edition that this program does not know any more."""
    found = (w for w in wordings if w.document is document and w.version == version)
    return next(found, None)


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
