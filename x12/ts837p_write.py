"""Writing claims as 837P (005010X222A1)."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import TypeVar

from x12.errors import Finding, X12Error
from x12.parties import Address
from x12.tokenizer import DEFAULT_SEPARATORS, Separators
from x12.ts837p import VERSION, BillingProvider, Claim, ClaimFile, Patient, ServiceLine
from x12.ts837p_edits import claim_findings, without_dot
from x12.writing import Composer, Envelope, Parts, Value, write_interchange

MAX_CLAIMS = 500
_Item = TypeVar("_Item")
_Key = TypeVar("_Key", bound=Hashable)


def write_837p(file: ClaimFile, envelope: Envelope, *, max_claims: int = MAX_CLAIMS) -> bytes:
    """One interchange with all claims of a file, at most `max_claims` to a transaction set.

    Claims are gathered under their billing provider and subscriber in the order in which those first
    appear, so the same claims in the same order give the same bytes. Raises `X12Error` with every fault of
    every claim (the message names the claim's place in the file, from 1), or for a value X12 cannot carry.
    """
    _refuse_faults(file.claims, envelope.separators)
    batches = [file.claims[at : at + max_claims] for at in range(0, len(file.claims), max_claims)]
    bodies = []
    for number, claims in enumerate(batches, start=1):
        reference = file.reference if len(batches) == 1 else f"{file.reference}-{number}"
        bodies.append(_transaction(file, reference, claims, envelope))
    return write_interchange(envelope, "HC", "837", VERSION, bodies)


def scrub(claim: Claim, separators: Separators = DEFAULT_SEPARATORS) -> tuple[Finding, ...]:
    """Everything that keeps a claim from being written with these separators; empty when it is ready."""
    found = claim_findings(claim)
    if found:
        return found
    trial = Composer(separators)
    try:
        _subscriber(trial, _billing_provider(trial, claim.billing), [claim])
    except X12Error as error:
        return error.findings
    return ()


def _refuse_faults(claims: Sequence[Claim], separators: Separators) -> None:
    if not claims:
        raise X12Error(Finding("segment_missing", "CLM", "", "there is no claim to write"))
    findings = [
        Finding(f.code, f.segment, f.element, f"{f.message} (claim {place})")
        for place, claim in enumerate(claims, start=1)
        for f in scrub(claim, separators)
    ]
    seen: set[str] = set()
    for place, claim in enumerate(claims, start=1):
        if claim.number in seen:
            findings.append(Finding("duplicate_claim", "CLM", "CLM01", f"was used before (claim {place})"))
        seen.add(claim.number)
    if findings:
        raise X12Error(*findings)


def _gathered(items: Iterable[_Item], key: Callable[[_Item], _Key]) -> dict[_Key, list[_Item]]:
    groups: dict[_Key, list[_Item]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return groups


def _transaction(file: ClaimFile, reference: str, claims: Sequence[Claim], envelope: Envelope) -> Composer:
    out = Composer(envelope.separators)
    now = envelope.created
    submitter, receiver = file.submitter, file.receiver
    out.add("BHT", "0019", "00", reference, now, now.strftime("%H%M"), "CH")
    out.add("NM1", "41", "2", submitter.name, None, None, None, None, "46", submitter.identifier)
    email: tuple[Value, ...] = ("EM", submitter.email) if submitter.email else ()
    out.add("PER", "IC", submitter.contact_name, "TE", submitter.phone, *email)
    out.add("NM1", "40", "2", receiver.name, None, None, None, None, "46", receiver.identifier)
    for billing, theirs in _gathered(claims, lambda claim: claim.billing).items():
        parent = _billing_provider(out, billing)
        for claims_of_one in _gathered(theirs, lambda c: (c.subscriber, c.payer, c.patient is None)).values():
            _subscriber(out, parent, claims_of_one)
    return out


def _billing_provider(out: Composer, billing: BillingProvider) -> int:
    level = out.level("20", None, True)
    out.add("PRV", "BI", "PXC", billing.taxonomy)
    _name(out, "85", billing.name, billing.first_name, "XX", billing.npi)
    _address(out, billing.address)
    out.add("REF", billing.tax_id_kind, billing.tax_id)
    return level


def _subscriber(out: Composer, parent: int, claims: Sequence[Claim]) -> None:
    """The claims of one subscriber: all the subscriber's own, or all of other patients."""
    subscriber, payer = claims[0].subscriber, claims[0].payer
    own = claims[0].patient is None
    level = out.level("22", parent, not own)
    group = (subscriber.group_number, subscriber.group_name)
    filing = str(subscriber.claim_filing)
    out.add("SBR", subscriber.responsibility, "18" if own else None, *group, *[None] * 4, filing)
    _name(out, "IL", subscriber.last_name, subscriber.first_name, "MI", subscriber.member_id, person=True)
    if subscriber.address:
        _address(out, subscriber.address)
    if subscriber.birth_date:
        out.add("DMG", "D8", subscriber.birth_date, subscriber.sex)
    _name(out, "PR", payer.name, "", "PI", payer.identifier)
    for patient, theirs in _gathered(claims, lambda claim: claim.patient).items():
        if patient:
            _patient(out, level, patient)
        for claim in theirs:
            _claim(out, claim)


def _patient(out: Composer, parent: int, patient: Patient) -> None:
    out.level("23", parent, False)
    out.add("PAT", patient.relationship)
    out.add("NM1", "QC", "1", patient.last_name, patient.first_name)
    _address(out, patient.address)
    out.add("DMG", "D8", patient.birth_date, patient.sex)


def _claim(out: Composer, claim: Claim) -> None:
    place = Parts((claim.place_of_service, "B", claim.frequency))
    signature = "Y" if claim.provider_signature else "N"
    consents = (signature, claim.accepts_assignment, claim.benefits_assigned, claim.release)
    out.add("CLM", claim.number, claim.charge, None, None, place, *consents)
    if claim.authorization:
        out.add("REF", "G1", claim.authorization)
    if claim.payer_claim_number:
        out.add("REF", "F8", claim.payer_claim_number)
    kinds = ["ABK"] + ["ABF"] * (len(claim.diagnoses) - 1)
    codes = map(without_dot, claim.diagnoses)
    out.add("HI", *(Parts(pair) for pair in zip(kinds, codes, strict=True)))
    if claim.rendering:
        rendering = claim.rendering
        _name(out, "82", rendering.last_name, rendering.first_name, "XX", rendering.npi, person=True)
        out.add("PRV", "PE", "PXC", rendering.taxonomy)
    for number, line in enumerate(claim.lines, start=1):
        _line(out, number, line)


def _line(out: Composer, number: int, line: ServiceLine) -> None:
    procedure = Parts(("HC", line.procedure, *line.modifiers))
    out.add("LX", number)
    place = line.place_of_service
    out.add("SV1", procedure, line.charge, "UN", line.units, place, None, Parts(line.pointers))
    if line.last_day is None or line.last_day == line.first_day:
        out.add("DTP", "472", "D8", line.first_day)
    else:
        out.add("DTP", "472", "RD8", f"{line.first_day:%Y%m%d}-{line.last_day:%Y%m%d}")
    out.add("REF", "6R", line.reference)


def _name(
    out: Composer, entity: str, name: str, first: str, kind: str, identifier: str, *, person: bool = False
) -> None:
    who = "1" if person or first else "2"
    out.add("NM1", entity, who, name, first, None, None, None, kind, identifier)


def _address(out: Composer, address: Address) -> None:
    out.add("N3", *address.lines)
    country = "" if address.country == "US" else address.country
    out.add("N4", address.city, address.state, address.postal_code, country)
