"""Posting one claim of an 835: paid, written off by contract, owed by the patient, denied.

It balances or it is quarantined; a balance is never forced. Sources: 005010X221A1 (balancing, CLP02, CAS
groups); claim adjustment reason codes by X12 number.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from domain.claim_states import ClaimEvent
from domain.errors import KindroomError
from domain.money import ZERO, total


class Quarantined(KindroomError):
    """Not posted: a person must look. The code says what does not fit."""

    code = "remittance_quarantined"


@dataclass(frozen=True, slots=True)
class RemittanceKey:
    """The same payment twice has the same key: payer (TRN03), trace (TRN02), date (BPR16), amount (BPR02)."""

    payer_origin: str
    trace: str
    paid_on: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Adjustment:
    """One CAS reason: group CO, PR, OA, PI or CR, its CARC, and the dollars taken off the charge."""

    group: str
    carc: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class RemittedLine:
    """One SVC. `control_number` is the REF*6R we sent, when the payer echoes it."""

    procedure_code: str
    charge: Decimal
    paid: Decimal
    adjustments: tuple[Adjustment, ...] = ()
    control_number: str | None = None


@dataclass(frozen=True, slots=True)
class RemittedClaim:
    """One CLP with its lines. `adjustments` are those at claim level only."""

    control_number: str  # CLP01
    status: str  # CLP02
    charge: Decimal
    paid: Decimal
    payer_claim_number: str | None = None
    adjustments: tuple[Adjustment, ...] = ()
    lines: tuple[RemittedLine, ...] = ()

    @property
    def all_adjustments(self) -> tuple[Adjustment, ...]:
        return (*self.adjustments, *(each for line in self.lines for each in line.adjustments))


class Share(StrEnum):
    """Who bears an adjustment."""

    CONTRACTUAL = "contractual"
    PATIENT = "patient"
    DENIED = "denied"
    PRIOR_PAYER = "prior_payer"


class DenialGroup(StrEnum):
    """The kinds of denial an office works through, by CARC."""

    INFORMATION = "information"
    DUPLICATE = "duplicate"
    OTHER_PAYER_FIRST = "other_payer_first"
    COVERAGE = "coverage"
    TIMELY_FILING = "timely_filing"
    NOT_INSURED = "not_insured"
    NECESSITY = "necessity"
    NON_COVERED = "non_covered"
    BUNDLED = "bundled"
    WRONG_PAYER = "wrong_payer"
    MAXIMUM_REACHED = "maximum_reached"
    AUTHORISATION = "authorisation"
    PLAN = "plan"
    ATTACHMENT = "attachment"
    OTHER = "other"


_DENIAL_GROUPS: dict[str, DenialGroup] = {
    "16": DenialGroup.INFORMATION,
    "18": DenialGroup.DUPLICATE,
    "22": DenialGroup.OTHER_PAYER_FIRST,
    "26": DenialGroup.COVERAGE,
    "27": DenialGroup.COVERAGE,
    "29": DenialGroup.TIMELY_FILING,
    "31": DenialGroup.NOT_INSURED,
    "50": DenialGroup.NECESSITY,
    "96": DenialGroup.NON_COVERED,
    "97": DenialGroup.BUNDLED,
    "109": DenialGroup.WRONG_PAYER,
    "119": DenialGroup.MAXIMUM_REACHED,
    "197": DenialGroup.AUTHORISATION,
    "204": DenialGroup.PLAN,
    "252": DenialGroup.ATTACHMENT,
}
_CONTRACTUAL = frozenset({"45", "253"})  # fee schedule; sequestration
_PATIENT = frozenset({"1", "2", "3", "45"})  # 45 in group PR is the balance an out-of-network patient owes
_PRIOR_PAYER = frozenset({"23"})

DENIED_STATUS = "4"
FORWARDED_STATUSES = frozenset({"19", "20", "21"})
REVERSAL_STATUS = "22"
NOT_OURS_STATUS = "23"
PREDETERMINATION_STATUS = "25"
PROCESSED_STATUSES = frozenset({"1", "2", "3"})


def share_of(adjustment: Adjustment) -> Share:
    """CARC 45 is the contract, PR 1, 2, 3 the patient's share: neither is a denial, all else is one."""
    if adjustment.group == "PR" and adjustment.carc in _PATIENT:
        return Share.PATIENT
    if adjustment.carc in _CONTRACTUAL:
        return Share.CONTRACTUAL
    return Share.PRIOR_PAYER if adjustment.carc in _PRIOR_PAYER else Share.DENIED


def denial_group(carc: str) -> DenialGroup:
    """The kind of denial; OTHER for a code the table does not know, which is still listed by its code."""
    return _DENIAL_GROUPS.get(carc, DenialGroup.OTHER)


@dataclass(frozen=True, slots=True)
class Denial:
    """Denied dollars under one code. `patient_liable` when the payer lets us bill the patient (group PR)."""

    group: str
    carc: str
    kind: DenialGroup
    amount: Decimal

    @property
    def patient_liable(self) -> bool:
        return self.group == "PR"


@dataclass(frozen=True, slots=True)
class Posting:
    """What one remitted claim changes. The four sums and the prior payer's share add up to the charge."""

    control_number: str
    event: ClaimEvent
    charge: Decimal
    paid: Decimal
    contractual: Decimal
    patient_share: Decimal
    denied: Decimal
    prior_payer: Decimal
    denials: tuple[Denial, ...]
    payer_claim_number: str | None
    lines: tuple[RemittedLine, ...] = field(default=())


def post(remitted: RemittedClaim, billed_charge: Decimal) -> Posting:
    """Post one CLP against the claim it answers, whose whole charge was `billed_charge`.

    Raises `Quarantined` when claim or line does not balance, when the charge is not ours, or when the status
    is none that may be posted. A split claim (277CA A5) comes as several CLPs: pass each part's own charge.
    """
    _check_balance(remitted)
    if remitted.status == PREDETERMINATION_STATUS:
        raise Quarantined("predetermination")
    if remitted.charge != (-billed_charge if remitted.status == REVERSAL_STATUS else billed_charge):
        raise Quarantined("charge_differs")
    sums = {share: _sum(remitted.all_adjustments, share) for share in Share}
    return Posting(
        control_number=remitted.control_number,
        event=_event(remitted, sums),
        charge=remitted.charge,
        paid=remitted.paid,
        contractual=sums[Share.CONTRACTUAL],
        patient_share=sums[Share.PATIENT],
        denied=sums[Share.DENIED],
        prior_payer=sums[Share.PRIOR_PAYER],
        denials=_denials(remitted.all_adjustments),
        payer_claim_number=remitted.payer_claim_number,
        lines=remitted.lines,
    )


def check_payment(
    paid: Decimal, claims: Iterable[RemittedClaim], provider_adjustments: Iterable[Decimal]
) -> None:
    """The whole 835: what the claims were paid, less provider-level adjustments (PLB), is BPR02.

    Raises `Quarantined` when it is not, to the cent.
    """
    if total(claim.paid for claim in claims) - total(provider_adjustments) != paid:
        raise Quarantined("payment_unbalanced")


def _check_balance(remitted: RemittedClaim) -> None:
    for line in remitted.lines:
        if line.charge - total(each.amount for each in line.adjustments) != line.paid:
            raise Quarantined("line_unbalanced")
    if remitted.charge - total(each.amount for each in remitted.all_adjustments) != remitted.paid:
        raise Quarantined("claim_unbalanced")
    if remitted.lines and total(line.charge for line in remitted.lines) != remitted.charge:
        raise Quarantined("lines_miss_charge")


def _event(remitted: RemittedClaim, sums: dict[Share, Decimal]) -> ClaimEvent:
    by_status = {
        DENIED_STATUS: ClaimEvent.DENIED,
        NOT_OURS_STATUS: ClaimEvent.DENIED,
        REVERSAL_STATUS: ClaimEvent.REVERSED,
        **dict.fromkeys(FORWARDED_STATUSES, ClaimEvent.FORWARDED),
    }
    if remitted.status in by_status:
        return by_status[remitted.status]
    if remitted.status not in PROCESSED_STATUSES:
        raise Quarantined("status_unknown")
    denied = sums[Share.DENIED] > ZERO
    if remitted.paid > ZERO:
        return ClaimEvent.PARTIALLY_PAID if denied else ClaimEvent.PAID
    if denied:
        return ClaimEvent.DENIED
    return ClaimEvent.ZERO_PAID_PATIENT if sums[Share.PATIENT] > ZERO else ClaimEvent.PAID


def _sum(adjustments: Iterable[Adjustment], share: Share) -> Decimal:
    return total(each.amount for each in adjustments if share_of(each) is share)


def _denials(adjustments: Iterable[Adjustment]) -> tuple[Denial, ...]:
    sums: dict[tuple[str, str], Decimal] = {}
    for each in adjustments:
        if share_of(each) is Share.DENIED:
            sums[each.group, each.carc] = sums.get((each.group, each.carc), ZERO) + each.amount
    return tuple(
        Denial(group, carc, denial_group(carc), amount)
        for (group, carc), amount in sorted(sums.items())
        if amount
    )
