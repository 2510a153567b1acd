"""The remittance advice, 835 (005010X221A1): what was paid, for which claim and line, and why not more."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from x12.elements import parse_day
from x12.envelopes import Transaction, transactions_of
from x12.errors import X12Error
from x12.layouts import layout_of
from x12.loops import Loop, read_loops
from x12.parties import (
    Address,
    Amount,
    Contact,
    Party,
    Period,
    Reference,
    Rest,
    decimal_at,
    optional_decimal,
    party_in,
    read_address,
    read_amounts,
    read_contact,
    read_party,
    read_period,
    read_reference,
)
from x12.statuses import reference_of
from x12.tokenizer import Segment
from x12.ts835_groups import ClaimGroup, read_group

_CAS_TRIPLETS = range(2, 18, 3)
_PLB_PAIRS = range(3, 14, 2)
_CLP_FIXED = 14
_OF_LINE = ("SVC", "DTM", "CAS", "REF", "AMT", "QTY", "LQ")


@dataclass(frozen=True, slots=True)
class Adjustment:
    """Why a charge was not paid in full (CAS): group CO, PR, OA, PI or CR, reason code, dollars, units.

    `amount` is what was taken off; negative amounts add.
    """

    group: str
    reason: str
    amount: Decimal
    quantity: Decimal | None = None


@dataclass(frozen=True, slots=True)
class PaidLine:
    """One service line (SVC).

    `reference` is our REF*6R. `billed_procedure` is SVC06, when the payer changed it. `other` are segments that
    this reader does not know.
    """

    procedure: tuple[str, ...]
    charge: Decimal
    paid: Decimal
    revenue_code: str
    units: Decimal | None
    billed_procedure: tuple[str, ...]
    billed_units: Decimal | None
    dates: tuple[Period, ...]
    adjustments: tuple[Adjustment, ...]
    references: tuple[Reference, ...]
    amounts: tuple[Amount, ...]
    quantities: tuple[Amount, ...]
    remarks: tuple[str, ...]
    position: int = 0
    other: Rest = field(default=(), repr=False)

    @property
    def reference(self) -> str:
        """Our line number, "" when the payer did not echo it."""
        return reference_of(self.references, "6R")


@dataclass(frozen=True, slots=True)
class PaidClaim:
    """One claim (CLP). `number` is our CLM01 as echoed, `payer_claim_number` CLP07.

    `status` is CLP02: 1-3 processed, 4 denied, 19-21 processed and forwarded, 22 reversal, 23 not ours, 25
    predetermination. `remarks` are those of MIA and MOA. `parties` are the patient (QC) and the others named.
    `other` holds elements of CLP, MIA and MOA beyond the fields here.
    """

    number: str
    status: str
    charge: Decimal
    paid: Decimal
    patient_responsibility: Decimal
    filing: str
    payer_claim_number: str
    place_of_service: str
    frequency: str
    parties: tuple[Party, ...] = field(repr=False)
    adjustments: tuple[Adjustment, ...]
    dates: tuple[Period, ...]
    references: tuple[Reference, ...]
    contacts: tuple[Contact, ...]
    amounts: tuple[Amount, ...]
    quantities: tuple[Amount, ...]
    remarks: tuple[str, ...]
    lines: tuple[PaidLine, ...]
    other: Rest = field(default=(), repr=False)
    position: int = 0

    def all_adjustments(self) -> tuple[Adjustment, ...]:
        """Those of the claim and of all its lines."""
        return self.adjustments + tuple(a for line in self.lines for a in line.adjustments)


@dataclass(frozen=True, slots=True)
class ProviderAdjustment:
    """Money moved outside of claims (PLB).

    A positive amount lowers the payment: WO recoups, L6 interest is negative.
    """

    provider: str
    fiscal_year_end: date | None
    reason: str
    reference: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Organisation:
    """Payer or payee with address, references and contacts. `other` holds segments without a field, as RDM."""

    party: Party | None
    address: Address | None
    references: tuple[Reference, ...]
    contacts: tuple[Contact, ...]
    other: Rest = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Remittance:
    """One 835: one payment.

    `amount` is BPR02 in dollars, `is_credit` BPR03, `method` BPR04 (ACH, CHK, NON), `paid_on` BPR16.
    `trace` and `payer_trace_id` (TRN02, TRN03) join it to the bank's entry. `groups` are the LX above the claims
    with what their providers' totals are. `position` fields point into the file.
    """

    handling: str
    amount: Decimal
    is_credit: bool
    method: str
    paid_on: date | None
    trace: str
    payer_trace_id: str
    payer: Organisation
    payee: Organisation
    dates: tuple[Period, ...]
    references: tuple[Reference, ...]
    claims: tuple[PaidClaim, ...]
    provider_adjustments: tuple[ProviderAdjustment, ...]
    groups: tuple[ClaimGroup, ...] = ()
    other: Rest = field(default=(), repr=False)
    position: int = 0

    @property
    def identity(self) -> tuple[str, str, date | None, Decimal]:
        """The same payment sent twice has the same identity."""
        return self.payer_trace_id, self.trace, self.paid_on, self.amount


def read_835(data: bytes | str) -> tuple[Remittance, ...]:
    """Every payment of a file, one for each transaction set. Raises `X12Error`."""
    return tuple(map(remittance, transactions_of(data, "835")))


def remittance(transaction: Transaction) -> Remittance:
    """One 835. Raises `X12Error` when BPR or TRN is missing or an amount is no number."""
    root, findings = read_loops(layout_of(transaction), transaction.body)
    payment, trace = root.first("BPR"), root.first("TRN")
    if payment is None or trace is None:
        raise X12Error(*(f for f in findings if f.code == "segment_missing"))
    return Remittance(
        handling=payment.at(1),
        amount=decimal_at(payment, 2),
        is_credit=payment.at(3) == "C",
        method=payment.at(4),
        paid_on=parse_day(payment.at(16)),
        trace=trace.at(2),
        payer_trace_id=trace.at(3),
        payer=_organisation(root, "1000A"),
        payee=_organisation(root, "1000B"),
        dates=tuple(map(read_period, root.every("DTM"))),
        references=tuple(map(read_reference, root.every("REF"))),
        claims=tuple(map(_claim, root.deep("2100"))),
        provider_adjustments=tuple(a for s in root.every("PLB") for a in _provider_adjustments(s)),
        groups=tuple(map(read_group, root.inner("2000"))),
        other=_rest(root, ("BPR", "TRN", "DTM", "REF", "PLB")),
        position=payment.position,
    )


def _rest(loop: Loop, known: Iterable[str]) -> Rest:
    return tuple(segment.values for segment in loop.segments if segment.id not in known)


def _organisation(root: Loop, name: str) -> Organisation:
    loop = next(root.inner(name), Loop(name))
    return Organisation(
        party=party_in(root, name),
        address=read_address(loop.first("N3"), loop.first("N4")),
        references=tuple(map(read_reference, loop.every("REF"))),
        contacts=tuple(map(read_contact, loop.every("PER"))),
        other=_rest(loop, ("N1", "N3", "N4", "REF", "PER")),
    )


def _claim(loop: Loop) -> PaidClaim:
    head = loop.segments[0]
    known = ("CLP", "NM1", "CAS", "DTM", "REF", "PER", "AMT", "QTY")
    long = (head.values,) if any(head.at(n) for n in range(10, _CLP_FIXED + 1)) else ()
    return PaidClaim(
        number=head.at(1),
        status=head.at(2),
        charge=decimal_at(head, 3),
        paid=decimal_at(head, 4),
        patient_responsibility=optional_decimal(head, 5) or Decimal(0),
        filing=head.at(6),
        payer_claim_number=head.at(7),
        place_of_service=head.at(8),
        frequency=head.at(9),
        parties=tuple(map(read_party, loop.every("NM1"))),
        adjustments=tuple(_adjustments(loop)),
        dates=tuple(map(read_period, loop.every("DTM"))),
        references=tuple(map(read_reference, loop.every("REF"))),
        contacts=tuple(map(read_contact, loop.every("PER"))),
        amounts=read_amounts(loop.every("AMT")),
        quantities=read_amounts(loop.every("QTY")),
        remarks=_remarks(loop),
        lines=tuple(map(_line, loop.inner("2110"))),
        other=long + _rest(loop, known),
        position=head.position,
    )


def _remarks(loop: Loop) -> tuple[str, ...]:
    """Remark codes of MOA (03-07) and MIA (05, 20-23)."""
    places = [("MOA", n) for n in range(3, 8)] + [("MIA", n) for n in (5, 20, 21, 22, 23)]
    codes = (segment.at(n) for segment_id, n in places for segment in loop.every(segment_id))
    return tuple(filter(None, codes))


def _line(loop: Loop) -> PaidLine:
    head = loop.segments[0]
    return PaidLine(
        procedure=head.parts(1),
        charge=decimal_at(head, 2),
        paid=optional_decimal(head, 3) or Decimal(0),
        revenue_code=head.at(4),
        units=optional_decimal(head, 5),
        billed_procedure=head.parts(6),
        billed_units=optional_decimal(head, 7),
        dates=tuple(map(read_period, loop.every("DTM"))),
        adjustments=tuple(_adjustments(loop)),
        references=tuple(map(read_reference, loop.every("REF"))),
        amounts=read_amounts(loop.every("AMT")),
        quantities=read_amounts(loop.every("QTY")),
        remarks=tuple(segment.at(2) for segment in loop.every("LQ")),
        position=head.position,
        other=_rest(loop, _OF_LINE),
    )


def _adjustments(loop: Loop) -> Iterator[Adjustment]:
    for segment in loop.every("CAS"):
        for at in _CAS_TRIPLETS:
            if segment.at(at) or segment.at(at + 1):
                amount = decimal_at(segment, at + 1)
                yield Adjustment(segment.at(1), segment.at(at), amount, optional_decimal(segment, at + 2))


def _provider_adjustments(segment: Segment) -> Iterator[ProviderAdjustment]:
    for at in _PLB_PAIRS:
        if not (segment.at(at) or segment.at(at + 1)):
            continue
        yield ProviderAdjustment(
            provider=segment.at(1),
            fiscal_year_end=parse_day(segment.at(2)),
            reason=segment.part(at, 1),
            reference=segment.part(at, 2),
            amount=decimal_at(segment, at + 1),
        )
