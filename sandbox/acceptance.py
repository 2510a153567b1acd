"""What a payer's front end refuses before adjudication: the statuses of a 277CA.

Claim status category and status codes of the X12 external lists: A2 accepted, A3 returned as
unprocessable, A5 split, A6 missing, A7 invalid, A8 relational; 20 accepted for processing, 33 subscriber
not found, 116 wrong payer, 163 policy number, 164 member number, 254 primary diagnosis, 255 diagnosis,
400 out of balance, 454 procedure, 464 payer claim control number, 562 NPI.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from sandbox.checks import diagnosis_is_known, npi_is_valid
from sandbox.claims import Claim, provider_numbers
from sandbox.rules import ClaimRejection, Payer, Rules

KnowsControl = Callable[[str, str, str], bool]
"""Whether a payer (key) knows a claim by its control number (ICN) and member id, still open to be
replaced.
"""


def rejection(claim: Claim, rules: Rules, knows: KnowsControl) -> ClaimRejection | None:
    """The first reason to refuse a claim, None when it goes on to adjudication."""
    payer = rules.payers.get(claim.payer.id)
    if payer is None:
        return ClaimRejection("A3", "116", "PR")
    return (
        _member(claim, payer, rules)
        or _providers(claim)
        or _diagnoses(claim, payer)
        or _procedures(claim, rules)
        or _total(claim)
        or _frequency(claim, payer, knows)
    )


def _member(claim: Claim, payer: Payer, rules: Rules) -> ClaimRejection | None:
    if not claim.member_id or not payer.knows_form(claim.member_id):
        return ClaimRejection("A7", "164", "IL")
    member = rules.member(claim.member_id)
    if member is None:
        return ClaimRejection("A3", "164", "IL")
    if member.claim_reject:
        return member.claim_reject
    if member.dependents_only and claim.patient_is_subscriber:
        return ClaimRejection("A3", "33", "IL")
    if payer.group_required and not claim.group:
        return ClaimRejection("A6", "163", "IL")
    return None


def _providers(claim: Claim) -> ClaimRejection | None:
    wrong = next((who for who, number in provider_numbers(claim) if not npi_is_valid(number)), None)
    return ClaimRejection("A7", "562", wrong) if wrong else None


def _diagnoses(claim: Claim, payer: Payer) -> ClaimRejection | None:
    primary = claim.diagnoses[0][1]
    if not diagnosis_is_known(primary) or (payer.primary_f_code and not primary.startswith("F")):
        return ClaimRejection("A7", "254")
    if not all(diagnosis_is_known(code) for _, code in claim.diagnoses):
        return ClaimRejection("A7", "255")
    known = range(1, len(claim.diagnoses) + 1)
    if any(pointer not in known for line in claim.lines for pointer in line.pointers):
        return ClaimRejection("A8", "255")
    return None


def _procedures(claim: Claim, rules: Rules) -> ClaimRejection | None:
    known = rules.allowed.keys() | rules.unpriced
    wrong = any(line.procedure not in known for line in claim.lines)
    return ClaimRejection("A7", "454") if wrong else None


def _total(claim: Claim) -> ClaimRejection | None:
    total = sum((line.charge for line in claim.lines), Decimal(0))
    return None if total == claim.charge else ClaimRejection("A8", "400")


def _frequency(claim: Claim, payer: Payer, knows: KnowsControl) -> ClaimRejection | None:
    if claim.frequency == "1":
        return None
    if claim.payer_control and knows(payer.key, claim.payer_control, claim.member_id):
        return None
    return ClaimRejection("A7", "464")
