"""A professional claim (837P 005010X222A1) as we mean to send it, and the edits it must pass to leave."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from domain.contracts import LIVE_ONLY_CODES, Modality
from domain.money import total

NPI_PREFIX = "80840"  # ISO card issuer prefix that the NPI check digit is computed with
LONGEST_CONTROL_NUMBER = 20  # payers echo no more of CLM01
MOST_DIAGNOSES = 12
MOST_LINES = 50
MOST_POINTERS = 4
E_VISIT_CODES = frozenset({"98970", "98971", "98972", "99421", "99422", "99423"})
TELEHEALTH_PLACES = frozenset({"02", "10"})
TELEHEALTH_MODIFIERS = frozenset({"93", "95", "GT", "GQ"})


class Frequency(StrEnum):
    """CLM05-3."""

    ORIGINAL = "1"
    REPLACEMENT = "7"
    VOID = "8"


@dataclass(frozen=True, slots=True)
class Provider:
    """Who bills, or who gave the service."""

    npi: str
    taxonomy: str


@dataclass(frozen=True, slots=True)
class ClaimLine:
    """One service line (loop 2400). `pointers` count from 1 into the claim's diagnoses; dates inclusive."""

    control_number: str  # REF*6R: what a payment of one line is matched by
    procedure_code: str
    charge: Decimal
    service_from: date
    service_to: date
    place_of_service: str
    modality: Modality
    modifiers: tuple[str, ...] = ()
    units: int = 1
    pointers: tuple[int, ...] = (1,)


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim (loop 2300). Names and addresses are joined when the file is written; no rule reads them."""

    control_number: str  # CLM01
    payer_id: str
    member_id: str = field(repr=False)
    total_charge: Decimal
    billing: Provider
    rendering: Provider
    diagnoses: tuple[str, ...] = field(repr=False)
    lines: tuple[ClaimLine, ...]
    frequency: Frequency = Frequency.ORIGINAL
    payer_claim_number: str | None = None  # REF*F8
    group_number: str | None = None
    authorisation: str | None = None  # REF*G1

    @property
    def first_day(self) -> date:
        return min(line.service_from for line in self.lines)

    @property
    def last_day(self) -> date:
        return max(line.service_to for line in self.lines)


@dataclass(frozen=True, slots=True)
class PayerEdits:
    """What one payer wants beyond the standard. Data with the payer, not code."""

    filing_limit_days: int = 90
    requires_f_code_primary: bool = False
    group_required: bool = False
    requires_authorisation: bool = False
    telehealth_on_e_visits: bool = False


class Edit(StrEnum):
    """Why a claim may not leave."""

    NPI_INVALID = "npi_invalid"
    PAYER_MISSING = "payer_missing"
    MEMBER_MISSING = "member_missing"
    CONTROL_NUMBER_INVALID = "control_number_invalid"
    DIAGNOSIS_MISSING = "diagnosis_missing"
    DIAGNOSIS_INVALID = "diagnosis_invalid"
    DIAGNOSIS_REPEATED = "diagnosis_repeated"
    TOO_MANY_DIAGNOSES = "too_many_diagnoses"
    PRIMARY_DIAGNOSIS_NOT_F = "primary_diagnosis_not_f"
    PRIMARY_DIAGNOSIS_Z = "primary_diagnosis_z"
    LINES_MISSING = "lines_missing"
    TOO_MANY_LINES = "too_many_lines"
    LINE_CONTROL_REPEATED = "line_control_repeated"
    TOTAL_MISMATCH = "total_mismatch"
    CHARGE_INVALID = "charge_invalid"
    UNITS_INVALID = "units_invalid"
    POINTER_INVALID = "pointer_invalid"
    DATES_INVALID = "dates_invalid"
    FILING_LIMIT_PASSED = "filing_limit_passed"
    PAYER_CLAIM_NUMBER_MISSING = "payer_claim_number_missing"
    GROUP_MISSING = "group_missing"
    AUTHORISATION_MISSING = "authorisation_missing"
    LIVE_CODE_FOR_TEXT = "live_code_for_text"
    TELEHEALTH_ON_E_VISIT = "telehealth_on_e_visit"
    PROCEDURE_INVALID = "procedure_invalid"
    PLACE_INVALID = "place_invalid"


@dataclass(frozen=True, slots=True)
class Finding:
    """One failed edit and where: "claim", "billing", "rendering", "diagnosis 2", "line 1"."""

    edit: Edit
    where: str


_CONTROL_NUMBER = re.compile(r"[A-Z0-9]{1,20}", re.ASCII)
_ICD_10_CM = re.compile(r"[A-Z][0-9][0-9A-Z](\.?[0-9A-Z]{1,4})?", re.ASCII)
_PROCEDURE = re.compile(r"[0-9]{5}|[A-Z][0-9]{4}|[0-9]{4}[A-Z]", re.ASCII)
_PLACE = re.compile(r"[0-9]{2}", re.ASCII)


def npi_is_valid(npi: str) -> bool:
    """Ten digits whose last is the Luhn check digit over 80840 and the number (CMS NPI standard)."""
    if not (len(npi) == 10 and npi.isascii() and npi.isdigit()):
        return False
    checked = 0
    for place, digit in enumerate(reversed(NPI_PREFIX + npi)):
        doubled = int(digit) * (2 if place % 2 else 1)
        checked += doubled - 9 if doubled > 9 else doubled
    return checked % 10 == 0


def icd_is_valid(code: str) -> bool:
    """Has the shape of an ICD-10-CM code, with or without its point. Whether it exists is for a code list."""
    return bool(_ICD_10_CM.fullmatch(code))


def scrub(claim: Claim, edits: PayerEdits, today: date) -> tuple[Finding, ...]:
    """Every edit the claim fails on `today` (clinic's calendar); empty when it may leave."""
    checks = (
        _parties(claim, edits, today),
        _diagnoses(claim, edits),
        _lines(claim, edits, today),
        _sums(claim),
    )
    return tuple(finding for check in checks for finding in check)


def _where(failed: Iterable[tuple[bool, Edit]], where: str) -> Iterator[Finding]:
    return (Finding(edit, where) for bad, edit in failed if bad)


def _parties(claim: Claim, edits: PayerEdits, today: date) -> Iterator[Finding]:
    for where, provider in (("billing", claim.billing), ("rendering", claim.rendering)):
        if not npi_is_valid(provider.npi):
            yield Finding(Edit.NPI_INVALID, where)
    replaces = claim.frequency is not Frequency.ORIGINAL
    too_late = any((today - line.service_from).days > edits.filing_limit_days for line in claim.lines)
    yield from _where(
        (
            (not claim.payer_id, Edit.PAYER_MISSING),
            (not claim.member_id.strip(), Edit.MEMBER_MISSING),
            (not _CONTROL_NUMBER.fullmatch(claim.control_number), Edit.CONTROL_NUMBER_INVALID),
            (replaces and not claim.payer_claim_number, Edit.PAYER_CLAIM_NUMBER_MISSING),
            (too_late and not replaces, Edit.FILING_LIMIT_PASSED),  # a correction keeps its original's date
            (edits.group_required and not claim.group_number, Edit.GROUP_MISSING),
            (edits.requires_authorisation and not claim.authorisation, Edit.AUTHORISATION_MISSING),
        ),
        "claim",
    )


def _diagnoses(claim: Claim, edits: PayerEdits) -> Iterator[Finding]:
    codes = [code.replace(".", "") for code in claim.diagnoses]
    primary = codes[0] if codes else ""
    for position, code in enumerate(claim.diagnoses, start=1):
        if not icd_is_valid(code):
            yield Finding(Edit.DIAGNOSIS_INVALID, f"diagnosis {position}")
    yield from _where(
        (
            (not codes, Edit.DIAGNOSIS_MISSING),
            (len(codes) > MOST_DIAGNOSES, Edit.TOO_MANY_DIAGNOSES),
            (len(set(codes)) < len(codes), Edit.DIAGNOSIS_REPEATED),
            (primary.startswith("Z"), Edit.PRIMARY_DIAGNOSIS_Z),
            (
                bool(primary) and edits.requires_f_code_primary and primary[0] != "F",
                Edit.PRIMARY_DIAGNOSIS_NOT_F,
            ),
        ),
        "claim",
    )


def _lines(claim: Claim, edits: PayerEdits, today: date) -> Iterator[Finding]:
    for number, line in enumerate(claim.lines, start=1):
        pointers_fit = 1 <= len(line.pointers) <= MOST_POINTERS and all(
            1 <= pointer <= len(claim.diagnoses) for pointer in line.pointers
        )
        marked = line.place_of_service in TELEHEALTH_PLACES or bool(
            TELEHEALTH_MODIFIERS & set(line.modifiers)
        )
        e_visit = line.procedure_code in E_VISIT_CODES
        live_code = line.procedure_code in LIVE_ONLY_CODES
        yield from _where(
            (
                (not _PROCEDURE.fullmatch(line.procedure_code), Edit.PROCEDURE_INVALID),
                (not _PLACE.fullmatch(line.place_of_service), Edit.PLACE_INVALID),
                (line.charge <= 0 or line.charge.as_tuple().exponent != -2, Edit.CHARGE_INVALID),
                (line.units < 1, Edit.UNITS_INVALID),
                (not pointers_fit, Edit.POINTER_INVALID),
                (not line.service_from <= line.service_to <= today, Edit.DATES_INVALID),
                (live_code and line.modality is Modality.ASYNC, Edit.LIVE_CODE_FOR_TEXT),
                (e_visit and marked and not edits.telehealth_on_e_visits, Edit.TELEHEALTH_ON_E_VISIT),
            ),
            f"line {number}",
        )


def _sums(claim: Claim) -> Iterator[Finding]:
    controls = [line.control_number for line in claim.lines]
    return _where(
        (
            (not claim.lines, Edit.LINES_MISSING),
            (len(claim.lines) > MOST_LINES, Edit.TOO_MANY_LINES),
            (len(set(controls)) < len(controls), Edit.LINE_CONTROL_REPEATED),
            (claim.total_charge != total(line.charge for line in claim.lines), Edit.TOTAL_MISMATCH),
        ),
        "claim",
    )
