"""Reads an 837P that passed the structure check into claims with their lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from sandbox.x12 import Segment, TransactionSet


@dataclass(frozen=True)
class Name:
    """A person or organisation of an NM1. `kind`: 1 person, 2 organisation."""

    kind: str = "1"
    last: str = ""
    first: str = ""
    qualifier: str = ""
    id: str = ""

    @property
    def text(self) -> str:
        return f"{self.last} {self.first}".strip()


@dataclass(frozen=True)
class Line:
    """One service line. `dates` is DTP03 as sent; `first` and `last` its days. Money in dollars."""

    procedure: str
    modifiers: tuple[str, ...]
    charge: Decimal
    units: Decimal
    place: str
    dates: str
    first: date
    last: date
    control: str
    rendering: str
    pointers: tuple[int, ...]


@dataclass
class Provider:
    """The billing provider, who is also the payee unless a pay-to plan were named."""

    name: Name = field(default_factory=Name)
    tax_id: str = ""


@dataclass
class Claim:
    """One CLM with all it inherits from the levels above."""

    number: str
    charge: Decimal
    place: str
    frequency: str
    billing: Provider
    payer: Name
    subscriber: Name
    patient: Name
    patient_is_subscriber: bool
    payer_rank: str
    group: str
    authorisation: str = ""
    payer_control: str = ""
    diagnoses: list[tuple[str, str]] = field(default_factory=list)
    rendering: Name = field(default_factory=Name)
    lines: list[Line] = field(default_factory=list)

    @property
    def member_id(self) -> str:
        return self.subscriber.id

    @property
    def first(self) -> date:
        return min(line.first for line in self.lines)

    @property
    def last(self) -> date:
        return max(line.last for line in self.lines)


@dataclass
class Batch:
    """One ST of claims: who sent it, its BHT03 reference and the claims in order."""

    reference: str = ""
    submitter: Name = field(default_factory=Name)
    claims: list[Claim] = field(default_factory=list)

    @property
    def charge(self) -> Decimal:
        return sum((claim.charge for claim in self.claims), Decimal(0))


def _name(segment: Segment) -> Name:
    return Name(segment[2], segment[3], segment[4], segment[8], segment[9])


def _days(segment: Segment) -> tuple[date, date]:
    days = [datetime.strptime(day[:8], "%Y%m%d").date() for day in segment[3].split("-")]  # noqa: DTZ007  (days)
    return days[0], days[-1]


@dataclass
class _Reader:
    """Keeps what the levels above a claim said while the segments go by."""

    batch: Batch = field(default_factory=Batch)
    level: str = ""
    billing: Provider = field(default_factory=Provider)
    rank: str = ""
    group: str = ""
    subscriber: Name = field(default_factory=Name)
    patient: Name = field(default_factory=Name)
    payer: Name = field(default_factory=Name)
    other_insurance: bool = False
    line: list[Segment] = field(default_factory=list)

    def take(self, segment: Segment) -> None:
        if segment.id in {"LX", "HL", "CLM", "SE"}:
            self._close_line()
        if self.line or segment.id == "LX":
            self.line.append(segment)
        elif segment.id == "CLM":
            self._open_claim(segment)
        elif segment.id == "HL":
            self._open_level(segment)
        elif self.level == "claim":
            self._in_claim(self.batch.claims[-1], segment)
        else:
            self._in_level(segment)

    def _open_level(self, segment: Segment) -> None:
        self.level = segment[3]
        if self.level == "20":
            self.billing = Provider()

    def _in_level(self, segment: Segment) -> None:
        match (segment.id, segment[1]):
            case ("BHT", _):
                self.batch.reference = segment[3]
            case ("NM1", "41"):
                self.batch.submitter = _name(segment)
            case ("NM1", "85"):
                self.billing.name = _name(segment)
            case ("REF", "EI" | "SY") if self.level == "20":
                self.billing.tax_id = segment[2]
            case ("SBR", rank):
                self.rank, self.group = rank, segment[3]
            case ("NM1", "IL"):
                self.subscriber = self.patient = _name(segment)
            case ("NM1", "PR"):
                self.payer = _name(segment)
            case ("NM1", "QC"):
                self.patient = _name(segment)

    def _open_claim(self, segment: Segment) -> None:
        self.level, self.other_insurance = "claim", False
        self.batch.claims.append(
            Claim(
                number=segment[1],
                charge=Decimal(segment[2]),
                place=segment.part(5, 1),
                frequency=segment.part(5, 3),
                billing=self.billing,
                payer=self.payer,
                subscriber=self.subscriber,
                patient=self.patient,
                patient_is_subscriber=self.patient is self.subscriber,
                payer_rank=self.rank,
                group=self.group,
            )
        )

    def _in_claim(self, claim: Claim, segment: Segment) -> None:
        if segment.id == "SBR":
            self.other_insurance = True
        if self.other_insurance:
            return
        match (segment.id, segment[1]):
            case ("REF", "G1"):
                claim.authorisation = segment[2]
            case ("REF", "F8"):
                claim.payer_control = segment[2]
            case ("NM1", "82"):
                claim.rendering = _name(segment)
            case ("HI", _):
                codes = range(1, len(segment.elements))
                claim.diagnoses += [(segment.part(n, 1), segment.part(n, 2)) for n in codes if segment[n]]

    def _close_line(self) -> None:
        if self.line:
            claim = self.batch.claims[-1]
            claim.lines.append(_line(claim, self.line))
            self.line = []


def _line(claim: Claim, segments: list[Segment]) -> Line:
    service = next(entry for entry in segments if entry.id == "SV1")
    period = next(entry for entry in segments if entry.id == "DTP" and entry[1] == "472")
    control = next((entry[2] for entry in segments if entry.id == "REF" and entry[1] == "6R"), "")
    rendering = next((entry[9] for entry in segments if entry.id == "NM1" and entry[1] == "82"), "")
    first, last = _days(period)
    modifiers = tuple(found for n in range(3, 7) if (found := service.part(1, n)))
    pointers = service[7].split(service.separators.component)
    return Line(
        service.part(1, 2),
        modifiers,
        Decimal(service[2]),
        Decimal(service[4]),
        service[5] or claim.place,
        period[3],
        first,
        last,
        control,
        rendering or claim.rendering.id or claim.billing.name.id,
        tuple(int(pointer) for pointer in pointers if pointer),
    )


def read(transaction: TransactionSet) -> Batch:
    """Read one 837P transaction set."""
    reader = _Reader()
    for segment in transaction.segments:
        reader.take(segment)
    return reader.batch


def provider_numbers(claim: Claim) -> Iterator[tuple[str, str]]:
    """The NPIs of a claim with the entity they belong to (85 billing, 82 rendering)."""
    yield "85", claim.billing.name.id
    if claim.rendering.id:
        yield "82", claim.rendering.id
    for line in claim.lines:
        if line.rendering not in {claim.rendering.id, claim.billing.name.id}:
            yield "82", line.rendering
