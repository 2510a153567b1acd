"""Claim statuses (STC), which the 277 and the 277CA share."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from x12.elements import parse_day
from x12.loops import Loop
from x12.parties import Period, Reference, optional_decimal, read_period, read_reference
from x12.tokenizer import Segment


@dataclass(frozen=True, slots=True)
class StatusCode:
    """Category (code source 507: A3, F1...), status (code source 508: 164...) and the entity it is about
    (IL, PR)."""

    category: str
    status: str
    entity: str = ""


@dataclass(frozen=True, slots=True)
class ClaimStatus:
    """One STC segment: up to three codes, with date, action (WQ accept, U reject), amounts and payment.

    `charge` is STC04, `paid` STC05, `method` STC07 (ACH, CHK). `payment_number` is the check or EFT number, taken
    from STC09 or, where a payer puts it there, STC08 (`number_stood_early`).
    """

    codes: tuple[StatusCode, ...]
    effective: date | None = None
    action: str = ""
    charge: Decimal | None = None
    paid: Decimal | None = None
    finalized: date | None = None
    payment_number: str = ""
    payment_date: date | None = None
    text: str = field(default="", repr=False)
    method: str = ""
    number_stood_early: bool = False


@dataclass(frozen=True, slots=True)
class LineStatus:
    """The statuses of one service line (2220). `reference` is our own line number, echoed as REF*FJ."""

    procedure: str
    modifiers: tuple[str, ...]
    charge: Decimal | None
    statuses: tuple[ClaimStatus, ...]
    references: tuple[Reference, ...]
    dates: tuple[Period, ...]
    procedure_kind: str = "HC"
    paid: Decimal | None = None
    revenue_code: str = ""
    units: Decimal | None = None

    @property
    def reference(self) -> str:
        """Our line reference, "" when not echoed."""
        return reference_of(self.references, "FJ")


def reference_of(references: Iterable[Reference], kind: str) -> str:
    """The value of the first reference of a kind, "" when there is none."""
    return next((reference.value for reference in references if reference.kind == kind), "")


def read_status(segment: Segment) -> ClaimStatus:
    """One STC segment. Raises `X12Error` for an amount that is no number."""
    composites = (segment.parts(element) for element in (1, 10, 11))
    eighth = parse_day(segment.at(8))
    return ClaimStatus(
        codes=tuple(_code(parts) for parts in composites if parts),
        effective=parse_day(segment.at(2)),
        action=segment.at(3),
        charge=optional_decimal(segment, 4),
        paid=optional_decimal(segment, 5),
        finalized=parse_day(segment.at(6)),
        payment_number=segment.at(9) or ("" if eighth else segment.at(8)),
        payment_date=eighth,
        text=segment.at(12),
        method=segment.at(7),
        number_stood_early=bool(segment.at(8)) and not eighth and not segment.at(9),
    )


def _code(parts: tuple[str, ...]) -> StatusCode:
    category, status, entity = (*parts, "", "")[:3]
    return StatusCode(category, status, entity)


def read_line(loop: Loop) -> LineStatus:
    """One 2220 loop."""
    service = loop.segments[0]
    procedure = service.parts(1)
    return LineStatus(
        procedure=procedure[1] if len(procedure) > 1 else "",
        modifiers=tuple(filter(None, procedure[2:6])),
        charge=optional_decimal(service, 2),
        statuses=tuple(map(read_status, loop.every("STC"))),
        references=tuple(map(read_reference, loop.every("REF"))),
        dates=tuple(map(read_period, loop.every("DTP"))),
        procedure_kind=procedure[0] if procedure else "",
        paid=optional_decimal(service, 3),
        revenue_code=service.at(4),
        units=optional_decimal(service, 7),
    )
