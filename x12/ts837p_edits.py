"""What must hold of a claim before it is written: the 837P guide's rules that a form cannot express."""

import re
from collections.abc import Iterator

from x12.codes import CLAIM_FREQUENCIES, ClaimFiling
from x12.errors import Finding
from x12.identifiers import icd10_is_possible, npi_holds, taxonomy_is_possible
from x12.parties import Address
from x12.ts837p import MAX_DIAGNOSES, MAX_LINES, Claim, ServiceLine

MAX_CLAIM_NUMBER = 20
MAX_LINE_REFERENCE = 30
_PROCEDURE = re.compile(r"[A-Z0-9]{5}")
_MODIFIER = re.compile(r"[A-Z0-9]{2}")
_PLACE = re.compile(r"[0-9]{2}")
_ZIP9 = re.compile(r"[0-9]{9}")
_ZIP = re.compile(r"[0-9]{5}([0-9]{4})?")
_SEXES = frozenset("FMU")


def claim_findings(claim: Claim) -> tuple[Finding, ...]:
    """Every rule a claim breaks, whatever the separators; `x12.ts837p_write.scrub` also tries to write it."""
    return tuple(
        Finding(code, element[:3].rstrip("0123456789"), element, message)
        for code, element, message in (
            *_head(claim),
            *_providers(claim),
            *_people(claim),
            *_diagnoses(claim),
            *_lines(claim),
        )
    )


_Fault = tuple[str, str, str]


def _head(claim: Claim) -> Iterator[_Fault]:
    if not 0 < len(claim.number) <= MAX_CLAIM_NUMBER:
        yield "bad_length", "CLM01", "must have 1 to 20 characters, payers echo no more"
    if not _PLACE.fullmatch(claim.place_of_service):
        yield "bad_code", "CLM05-1", "must be a place of service of two digits"
    if claim.frequency not in CLAIM_FREQUENCIES:
        yield "bad_code", "CLM05-3", "must be 1, 7 or 8"
    elif (claim.frequency == "1") == bool(claim.payer_claim_number):
        yield (
            "original_reference",
            "REF02",
            "a replacement or void, and only that, has the payer's claim number",
        )
    if claim.accepts_assignment not in ("A", "B", "C"):
        yield "bad_code", "CLM07", "must be A, B or C"
    if claim.benefits_assigned not in ("Y", "N", "W"):
        yield "bad_code", "CLM08", "must be Y, N or W"
    if claim.release not in ("Y", "I"):
        yield "bad_code", "CLM09", "must be Y or I"


def _providers(claim: Claim) -> Iterator[_Fault]:
    billing, rendering = claim.billing, claim.rendering
    for provider in (billing, rendering) if rendering else (billing,):
        if not npi_holds(provider.npi):
            yield "bad_npi", "NM109", "the check digit of the NPI does not hold"
        if not taxonomy_is_possible(provider.taxonomy):
            yield "bad_taxonomy", "PRV03", "must be a taxonomy code"
    if billing.tax_id_kind not in ("EI", "SY"):
        yield "bad_code", "REF01", "must be EI or SY"
    if not (len(billing.tax_id) == 9 and billing.tax_id.isascii() and billing.tax_id.isdigit()):
        yield "bad_tax_id", "REF02", "the tax id must have nine digits"
    yield from _address(billing.address, _ZIP9, "the billing provider's ZIP code must have nine digits")


def _address(address: Address, postal_code: re.Pattern[str], message: str) -> Iterator[_Fault]:
    if not address.lines or len(address.lines) > 2:
        yield "bad_address", "N301", "must have one or two lines"
    if not address.city or len(address.state) != 2:
        yield "bad_address", "N402", "city and state must be given"
    if not postal_code.fullmatch(address.postal_code):
        yield "bad_postal_code", "N403", message


def _people(claim: Claim) -> Iterator[_Fault]:
    subscriber, patient = claim.subscriber, claim.patient
    if subscriber.claim_filing not in ClaimFiling:
        yield "bad_code", "SBR09", "is not a claim filing indicator"
    if subscriber.responsibility not in ("P", "S", "T"):
        yield "bad_code", "SBR01", "must be P, S or T"
    if len(subscriber.member_id) < 2:
        yield "element_missing", "NM109", "the member id must be given"
    if len(claim.payer.identifier) < 2 or not claim.payer.name:
        yield "element_missing", "NM109", "name and identifier of the payer must be given"
    names = (subscriber.last_name, patient.last_name if patient else "none", claim.billing.name)
    if not all(name.strip() for name in names):
        yield "element_missing", "NM103", "the name must be given"
    person = patient or subscriber
    if person.birth_date is None:
        yield "element_missing", "DMG02", "the patient's date of birth must be given"
    if person.sex not in _SEXES:
        yield "bad_code", "DMG03", "the patient's sex on file must be F, M or U"
    if person.address is None:
        yield "element_missing", "N301", "the patient's address must be given"
    else:
        yield from _address(person.address, _ZIP, "must be a ZIP code of five or nine digits")
    if patient and patient.relationship in ("", "18"):
        yield "bad_code", "PAT01", "must tell how the patient, who is not the subscriber, is related"


def _diagnoses(claim: Claim) -> Iterator[_Fault]:
    if not 0 < len(claim.diagnoses) <= MAX_DIAGNOSES:
        yield "bad_count", "HI01", "a claim has 1 to 12 diagnoses"
    if len(set(map(without_dot, claim.diagnoses))) < len(claim.diagnoses):
        yield "duplicate_code", "HI01", "a diagnosis may stand once only"
    for place, code in enumerate(claim.diagnoses[:MAX_DIAGNOSES], start=1):
        if not icd10_is_possible(without_dot(code)):
            yield "bad_icd10", f"HI{place:02d}-2", "does not have the shape of an ICD-10-CM code"


def without_dot(code: str) -> str:
    """A diagnosis code as X12 carries it."""
    return code.replace(".", "").strip().upper()


def _lines(claim: Claim) -> Iterator[_Fault]:
    if not 0 < len(claim.lines) <= MAX_LINES:
        yield "bad_count", "LX01", "a claim has 1 to 50 lines"
    if len({line.reference for line in claim.lines}) < len(claim.lines):
        yield "duplicate_reference", "REF02", "each line needs a reference of its own"
    for line in claim.lines:
        yield from _line(line, len(claim.diagnoses))


def _line(line: ServiceLine, diagnoses: int) -> Iterator[_Fault]:
    if not _PROCEDURE.fullmatch(line.procedure):
        yield "bad_procedure", "SV101-2", "must be a procedure code of five places"
    if len(line.modifiers) > 4 or not all(map(_MODIFIER.fullmatch, line.modifiers)):
        yield "bad_modifier", "SV101-3", "at most four modifiers of two places each"
    if not line.charge.is_finite() or line.charge < 0 or line.charge != round(line.charge, 2):
        yield "bad_amount", "SV102", "the charge must be in whole cents and not negative"
    if not line.units.is_finite() or line.units <= 0:
        yield "bad_amount", "SV104", "units must be more than none"
    if line.place_of_service and not _PLACE.fullmatch(line.place_of_service):
        yield "bad_code", "SV105", "must be a place of service of two digits"
    if not 0 < len(line.pointers) <= 4 or not all(0 < p <= diagnoses for p in line.pointers):
        yield "bad_pointer", "SV107", "one to four pointers, each to a diagnosis of the claim"
    if line.last_day is not None and line.last_day < line.first_day:
        yield "bad_date", "DTP03", "the service ends before it begins"
    if not 0 < len(line.reference) <= MAX_LINE_REFERENCE:
        yield "bad_length", "REF02", "the line reference must have 1 to 30 characters"
