"""Writes the 835 (005010X221A1). It balances: SVC02 - CAS = SVC03, CLP03 - CAS = CLP04, sum(CLP04) -
sum(PLB) = BPR02.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from sandbox.acknowledgement import money
from sandbox.claims import Name
from sandbox.decisions import Adjustment, Decision, PaidLine
from sandbox.x12 import Row


@dataclass(frozen=True)
class Payee:
    """Who is paid."""

    name: Name
    tax_id: str


@dataclass(frozen=True)
class ClaimPayment:
    """One CLP: the decision, the payer's claim control number and, on a correction, the number it
    replaces.
    """

    decision: Decision
    icn: str
    replaces: str = ""


@dataclass(frozen=True)
class ProviderAdjustment:
    """One PLB entry. A positive amount lowers the payment."""

    reason: str
    reference: str
    amount: Decimal


@dataclass(frozen=True)
class Remittance:
    """One payment of one payer to one payee. `trace` is TRN02; with TRN03 it names the transfer."""

    payer_name: str
    payer_id: str
    payer_tax_id: str
    payee: Payee
    trace: str
    at: datetime
    claims: tuple[ClaimPayment, ...]
    adjustments: tuple[ProviderAdjustment, ...] = ()
    wrong_by: Decimal = Decimal(0)

    @property
    def amount(self) -> Decimal:
        """BPR02. `wrong_by` is the fault that makes it disagree."""
        paid = sum((claim.decision.paid for claim in self.claims), Decimal(0))
        held = sum((entry.amount for entry in self.adjustments), Decimal(0))
        return paid - held + self.wrong_by


def another_payee(remittance: Remittance, trace: str) -> Remittance:
    """A payment to somebody else, as a careless clearing house puts it into the same file."""
    line = PaidLine(
        "90834",
        ("95",),
        Decimal(140),
        Decimal(95),
        Decimal(1),
        f"{remittance.at:%Y%m%d}",
        "HC000001",
        (Adjustment("CO", "45", Decimal(45)),),
        Decimal(95),
    )
    decision = Decision(
        "HARBOR0001",
        "10",
        "1",
        ("SMITH", "PAT", "U5555555501"),
        ("", "", ""),
        (line,),
        "1",
        f"{remittance.at:%Y%m%d}",
        f"{remittance.at:%Y%m%d}",
        "U5555555501",
    )
    payee = Payee(Name("2", "HARBOR COUNSELING LLC", "", "XX", "1234567893"), "987654321")
    claim = ClaimPayment(decision, f"{remittance.at:%Y%m%d}90001")
    return replace(remittance, payee=payee, trace=trace, claims=(claim,), adjustments=(), wrong_by=Decimal(0))


def _bpr(remittance: Remittance) -> Row:
    origin = f"1{remittance.payer_tax_id}"
    day = f"{remittance.at + timedelta(days=1):%Y%m%d}"
    if remittance.amount == 0:
        return ("BPR", "H", "0", "C", "NON", *[""] * 11, day)
    ours = ("01", "021000021", "DA", "123456", origin, "")
    theirs = ("01", "031201360", "DA", "987654")
    return ("BPR", "I", money(remittance.amount), "C", "ACH", "CCP", *ours, *theirs, day)


def _heading(remittance: Remittance, number: int) -> list[Row]:
    payee = remittance.payee
    rows: list[Row] = [
        ("ST", "835", f"{number:04d}"),
        _bpr(remittance),
        ("TRN", "1", remittance.trace, f"1{remittance.payer_tax_id}"),
        ("DTM", "405", f"{remittance.at:%Y%m%d}"),
        ("N1", "PR", remittance.payer_name, "XV", remittance.payer_id),
        ("N3", "900 COTTAGE GROVE RD"),
        ("N4", "BLOOMFIELD", "CT", "06002"),
        ("PER", "BL", "PROVIDER SERVICES", "TE", "8005551212"),
        ("N1", "PE", payee.name.text, "XX", payee.name.id),
    ]
    if payee.tax_id:
        rows.append(("REF", "TJ", payee.tax_id))
    return [*rows, ("LX", "1")]


def _service_dates(dates: str) -> list[Row]:
    first, _, last = dates.partition("-")
    if not last or first == last:
        return [("DTM", "472", first[:8])]
    return [("DTM", "150", first[:8]), ("DTM", "151", last[:8])]


def _line_rows(line: PaidLine) -> list[Row]:
    procedure = ("HC", line.procedure, *line.modifiers)
    rows: list[Row] = [("SVC", procedure, money(line.charge), money(line.paid), "", money(line.units))]
    rows += _service_dates(line.dates)
    rows += [("CAS", part.group, part.reason, money(part.amount)) for part in line.adjustments]
    if line.control:
        rows.append(("REF", "6R", line.control))
    if line.allowed > 0:
        rows.append(("AMT", "B6", money(line.allowed)))
    if line.rarc:
        rows.append(("LQ", "HE", line.rarc))
    return rows


def _claim_rows(claim: ClaimPayment) -> list[Row]:
    own = claim.decision
    share = money(own.patient_share) if own.patient_share > 0 else ""
    rows: list[Row] = [
        (
            "CLP",
            own.number[:20],
            own.status,
            money(own.charge),
            money(own.paid),
            share,
            "12",
            claim.icn,
            own.place,
            own.frequency,
        ),
        ("NM1", "QC", "1", own.patient[0], own.patient[1], "", "", "", "MI", own.patient[2]),
    ]
    if own.rendering[2]:
        rows.append(
            ("NM1", "82", "1", own.rendering[0], own.rendering[1], "", "", "", "XX", own.rendering[2])
        )
    rows.append(("MOA", "", "", "MA01"))
    if claim.replaces:
        rows.append(("REF", "F8", claim.replaces))
    rows += [("DTM", "232", own.first), ("DTM", "050", own.received)]
    for line in own.lines:
        rows += _line_rows(line)
    return rows


def _plb_rows(remittance: Remittance) -> list[Row]:
    """PLB takes six adjustments a segment."""
    rows: list[Row] = []
    entries = remittance.adjustments
    for start in range(0, len(entries), 6):
        row: Row = ("PLB", remittance.payee.name.id, f"{remittance.at:%Y}1231")
        for entry in entries[start : start + 6]:
            row = (*row, (entry.reason, entry.reference), money(entry.amount))
        rows.append(row)
    return rows


def rows_835(remittances: Sequence[Remittance]) -> list[list[Row]]:
    """One transaction set for each payment."""
    sets = []
    for number, remittance in enumerate(remittances, start=1):
        claims = [row for claim in remittance.claims for row in _claim_rows(claim)]
        sets.append([*_heading(remittance, number), *claims, *_plb_rows(remittance)])
    return sets
