"""Business edits of a professional claim file, 837P."""

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

from x12.codes import CLAIM_FREQUENCIES, ClaimFiling
from x12.errors import Finding
from x12.identifiers import icd10_is_possible
from x12.loops import Loop
from x12.parties import decimal_at
from x12.tokenizer import Segment
from x12.ts837p import MAX_LINES
from x12.ts837p_edits import MAX_CLAIM_NUMBER

_DIAGNOSIS_KINDS = frozenset(("ABK", "ABF"))
_FILINGS = frozenset(map(str, ClaimFiling))


def claim_file_findings(root: Loop) -> Iterator[Finding]:
    """Edits of one transaction set. Raises `X12Error` for an amount that is no number."""
    claims = list(root.deep("2300"))
    if not claims:
        yield Finding("segment_missing", "CLM", "", "the file holds no claim")
    for subscriber in root.deep("2000B"):
        yield from _filing(subscriber)
    for billing in root.deep("2010AA"):
        yield from _billing_zip(billing)
    numbers = Counter(claim.segments[0].at(1) for claim in claims)
    for claim in claims:
        head = claim.segments[0]
        if numbers[head.at(1)] > 1:
            yield _found("duplicate_claim", head, "CLM01", "more than one claim has this number")
        yield from _claim(claim, head)


def _found(code: str, segment: Segment, element: str, message: str) -> Finding:
    return Finding(code, segment.id, element, message, segment.position)


def _filing(subscriber: Loop) -> Iterator[Finding]:
    for segment in subscriber.every("SBR"):
        if segment.at(9) not in _FILINGS:
            yield _found("bad_code", segment, "SBR09", "is not a claim filing indicator")


def _billing_zip(billing: Loop) -> Iterator[Finding]:
    for segment in billing.every("N4"):
        code = segment.at(3)
        if segment.at(4) in ("", "US") and not (len(code) == 9 and code.isascii() and code.isdigit()):
            message = "the billing provider's ZIP code must have nine digits"
            yield _found("bad_postal_code", segment, "N403", message)


def _claim(claim: Loop, head: Segment) -> Iterator[Finding]:
    if len(head.at(1)) > MAX_CLAIM_NUMBER:
        yield _found("element_too_long", head, "CLM01", "payers echo no more than 20 characters")
    lines = list(claim.inner("2400"))
    charges = [decimal_at(s, 2) for line in lines for s in line.every("SV1") if s.at(2)]
    if sum(charges, Decimal(0)) != decimal_at(head, 2):
        yield _found("bad_total", head, "CLM02", "is not the sum of the lines' charges")
    frequency = head.part(5, 3)
    if frequency not in CLAIM_FREQUENCIES:
        yield _found("bad_code", head, "CLM05-3", "must be 1, 7 or 8")
    elif frequency != "1" and claim.first("REF", e01="F8") is None:
        message = "a replacement or void needs the payer's claim number"
        yield Finding("segment_missing", "REF", "REF02", message, head.position)
    if len(lines) > MAX_LINES:
        yield Finding("bad_count", "LX", "LX01", "a claim has at most 50 lines", head.position)
    codes = [(s, n) for s in claim.every("HI") for n in range(1, len(s.values)) if _is_diagnosis(s, n)]
    principal = claim.first("HI")
    if principal and principal.part(1, 1) != "ABK":
        yield _found("bad_code", principal, "HI01-1", "the first diagnosis must be the principal one")
    yield from _diagnoses(codes)
    for number, line in enumerate(lines, start=1):
        yield from _line(line, number, len(codes))


def _is_diagnosis(segment: Segment, element: int) -> bool:
    return segment.part(element, 1) in _DIAGNOSIS_KINDS


def _diagnoses(codes: list[tuple[Segment, int]]) -> Iterator[Finding]:
    for segment, element in codes:
        if not icd10_is_possible(segment.part(element, 2)):
            message = "does not have the shape of an ICD-10-CM code"
            yield _found("bad_icd10", segment, f"HI{element:02d}-2", message)


def _line(line: Loop, number: int, diagnoses: int) -> Iterator[Finding]:
    head, service = line.segments[0], line.first("SV1")
    if head.at(1) != str(number):
        yield _found("bad_count", head, "LX01", "lines must be numbered from 1")
    if service is None:
        return
    pointers = service.parts(7)
    valid = {str(place) for place in range(1, diagnoses + 1)}
    if not 0 < len(pointers) <= 4 or not set(pointers) <= valid:
        yield _found(
            "bad_pointer", service, "SV107", "one to four pointers, each to a diagnosis of the claim"
        )
    if service.part(1, 1) == "HC" and len(service.part(1, 2)) != 5:
        yield _found("bad_procedure", service, "SV101-2", "must be a procedure code of five places")
