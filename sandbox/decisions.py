"""What was decided on a claim, line by line, in the form in which it is kept, paid and taken back."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any


@dataclass(frozen=True)
class Adjustment:
    """One CAS entry: group, reason, dollars."""

    group: str
    reason: str
    amount: Decimal


@dataclass(frozen=True)
class PaidLine:
    """A line with its payment. `charge - sum(adjustments) == paid`, always."""

    procedure: str
    modifiers: tuple[str, ...]
    charge: Decimal
    paid: Decimal
    units: Decimal
    dates: str
    control: str
    adjustments: tuple[Adjustment, ...]
    allowed: Decimal = Decimal(0)
    rarc: str = ""

    @property
    def patient(self) -> Decimal:
        return sum((entry.amount for entry in self.adjustments if entry.group == "PR"), Decimal(0))


@dataclass(frozen=True)
class Decision:
    """A whole claim decided. `status` is CLP02: 1 processed, 4 denied, 22 reversal."""

    number: str
    place: str
    frequency: str
    patient: tuple[str, str, str]
    rendering: tuple[str, str, str]
    lines: tuple[PaidLine, ...]
    status: str
    first: str
    received: str
    member_id: str = ""

    @property
    def charge(self) -> Decimal:
        return sum((line.charge for line in self.lines), Decimal(0))

    @property
    def paid(self) -> Decimal:
        return sum((line.paid for line in self.lines), Decimal(0))

    @property
    def patient_share(self) -> Decimal:
        return sum((line.patient for line in self.lines), Decimal(0))

    def as_json(self) -> dict[str, Any]:
        """Plain data to keep; `from_json` reads it back."""
        return asdict(self)


def from_json(data: dict[str, Any]) -> Decision:
    """A decision kept as JSON, amounts as text."""
    lines = tuple(_line_from(entry) for entry in data["lines"])
    people = {name: tuple(data[name]) for name in ("patient", "rendering")}
    return Decision(**{**data, **people, "lines": lines})


def _line_from(data: dict[str, Any]) -> PaidLine:
    money = {name: Decimal(data[name]) for name in ("charge", "paid", "units", "allowed")}
    parts = tuple(Adjustment(a["group"], a["reason"], Decimal(a["amount"])) for a in data["adjustments"])
    return PaidLine(**{**data, **money, "modifiers": tuple(data["modifiers"]), "adjustments": parts})


def reversed_line(line: PaidLine) -> PaidLine:
    """The same line with every amount turned round, as a reversal (CLP02 22) reports it."""
    parts = tuple(Adjustment(a.group, a.reason, -a.amount) for a in line.adjustments)
    return PaidLine(
        line.procedure,
        line.modifiers,
        -line.charge,
        -line.paid,
        line.units,
        line.dates,
        line.control,
        parts,
        -line.allowed,
        line.rarc,
    )
