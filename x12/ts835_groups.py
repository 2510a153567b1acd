"""What an 835 says of a group of claims, under one LX: its provider's totals (TS3, TS2; 005010X221A1, loop 2000)."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from x12.elements import parse_day
from x12.gathering import Taken, gather
from x12.loops import Loop
from x12.parties import Rest, optional_decimal
from x12.tokenizer import Segment


@dataclass(frozen=True, slots=True)
class ProviderSummary:
    """The totals of one provider, kind of facility and fiscal year (TS3). Amounts are in dollars.

    `msp_...` are of claims on which Medicare pays second, `pip_...` of periodic interim payments.
    """

    provider: str
    facility_type: str
    fiscal_year_end: date | None
    claims: Decimal | None
    charge: Decimal | None
    msp_payer: Decimal | None
    non_lab_charge: Decimal | None
    hcpcs_reported: Decimal | None
    hcpcs_payable: Decimal | None
    professional_component: Decimal | None
    msp_patient_liability: Decimal | None
    patient_reimbursement: Decimal | None
    pip_claims: Decimal | None
    pip_adjustment: Decimal | None


@dataclass(frozen=True, slots=True)
class InpatientSummary:
    """The totals of a hospital paid by diagnosis related groups (TS2): dollars, and days or counts where named so.

    `pps_...` are of the prospective payment system: the federal and the hospital's specific portion of capital, and
    the disproportionate share.
    """

    drg: Decimal | None
    federal_specific: Decimal | None
    hospital_specific: Decimal | None
    disproportionate_share: Decimal | None
    capital: Decimal | None
    indirect_medical_education: Decimal | None
    outlier_days: Decimal | None
    day_outlier: Decimal | None
    cost_outlier: Decimal | None
    average_length_of_stay: Decimal | None
    discharges: Decimal | None
    cost_report_days: Decimal | None
    covered_days: Decimal | None
    noncovered_days: Decimal | None
    msp_pass_through: Decimal | None
    average_drg_weight: Decimal | None
    pps_capital_federal: Decimal | None
    pps_capital_hospital: Decimal | None
    pps_disproportionate_share: Decimal | None


@dataclass(frozen=True, slots=True)
class ClaimGroup:
    """One LX: its number, and what is said of its claims together. They follow it, up to the next `position`."""

    number: str
    provider: ProviderSummary | None
    inpatient: InpatientSummary | None
    position: int
    other: Rest = field(default=(), repr=False)


def read_group(loop: Loop) -> ClaimGroup:
    """One 2000 loop. Raises `X12Error` for an amount that is no number."""
    found, rest = gather(loop.segments, _GROUP)
    head, totals = loop.segments[0], loop.first("TS3")
    if totals and totals.at(3) and found["TS3"].fiscal_year_end is None:
        rest = (*rest, totals.values)  # a date that is none is kept as it stands
    return ClaimGroup(head.at(1), found.get("TS3"), found.get("TS2"), head.position, rest)


def _number(segment: Segment) -> str:
    return segment.at(1)


def _provider(segment: Segment) -> ProviderSummary:
    amounts = (optional_decimal(segment, element) for element in (4, 5, 13, 15, 17, 18, 20, 21, 22, 23, 24))
    return ProviderSummary(segment.at(1), segment.at(2), parse_day(segment.at(3)), *amounts)


def _inpatient(segment: Segment) -> InpatientSummary:
    return InpatientSummary(*(optional_decimal(segment, element) for element in range(1, 20)))


_GROUP = {
    "LX": Taken(_number, 1, once=True),
    "TS3": Taken(_provider, 24, gaps=(6, 7, 8, 9, 10, 11, 12, 14, 16, 19), once=True),
    "TS2": Taken(_inpatient, 19, once=True),
}
