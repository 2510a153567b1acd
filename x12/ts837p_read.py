"""Reading an 837P back: what a file says, also one that breaks rules."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from x12.envelopes import Transaction, transactions_of
from x12.layouts import layout_of
from x12.loops import Loop, read_loops
from x12.parties import (
    Address,
    Demographics,
    Party,
    Period,
    Reference,
    Rest,
    Specialty,
    decimal_at,
    optional_decimal,
    party_in,
    read_address,
    read_demographics,
    read_party,
    read_period,
    read_reference,
    read_specialty,
)
from x12.statuses import reference_of


@dataclass(frozen=True, slots=True)
class Participant:
    """Someone a claim names, with what is said of them."""

    party: Party | None
    address: Address | None
    references: tuple[Reference, ...]
    demographics: Demographics | None
    specialty: Specialty | None


@dataclass(frozen=True, slots=True)
class ReceivedLine:
    """One service line. `procedure` holds the components of SV101."""

    procedure: tuple[str, ...]
    charge: Decimal
    unit_kind: str
    units: Decimal | None
    place_of_service: str
    pointers: tuple[str, ...]
    dates: tuple[Period, ...]
    references: tuple[Reference, ...]
    other: Rest = field(default=(), repr=False)

    @property
    def reference(self) -> str:
        """The line's own number (REF*6R)."""
        return reference_of(self.references, "6R")


@dataclass(frozen=True, slots=True)
class ReceivedClaim:
    """One claim as it stands in a file.

    `parties` are those of the claim itself (2310), `other` what else it says.
    """

    batch: str
    number: str
    charge: Decimal
    place_of_service: str
    frequency: str
    consents: tuple[str, str, str, str]
    billing: Participant
    filing: tuple[str, ...]
    subscriber: Participant
    payer: Participant
    relationship: str
    patient: Participant | None
    diagnoses: tuple[tuple[str, ...], ...] = field(repr=False)
    dates: tuple[Period, ...]
    references: tuple[Reference, ...]
    parties: tuple[Participant, ...]
    lines: tuple[ReceivedLine, ...]
    other: Rest = field(default=(), repr=False)


def read_837p(data: bytes | str) -> tuple[ReceivedClaim, ...]:
    """Every claim in a file of 837Ps, in order. Raises `X12Error`."""
    return tuple(claim for t in transactions_of(data, "837P") for claim in claims(t))


def claims(transaction: Transaction) -> Iterator[ReceivedClaim]:
    """Every claim of one 837P, in order."""
    root, _ = read_loops(layout_of(transaction), transaction.body)
    header = root.first("BHT")
    batch = header.at(3) if header else ""
    for provider in root.deep("2000A"):
        billing = _participant(provider, "2010AA", provider)
        for subscriber in provider.inner("2000B"):
            for claim in subscriber.inner("2300"):
                yield _claim(batch, billing, subscriber, None, claim)
            for patient in subscriber.inner("2000C"):
                for claim in patient.inner("2300"):
                    yield _claim(batch, billing, subscriber, patient, claim)


def _participant(level: Loop, name: str, specialty: Loop | None = None) -> Participant:
    loop = next(level.inner(name), Loop(name))
    return Participant(
        party=party_in(level, name),
        address=read_address(loop.first("N3"), loop.first("N4")),
        references=tuple(map(read_reference, loop.every("REF"))),
        demographics=read_demographics(loop.first("DMG")),
        specialty=read_specialty((specialty or loop).first("PRV")),
    )


def _claim(
    batch: str, billing: Participant, subscriber: Loop, patient: Loop | None, claim: Loop
) -> ReceivedClaim:
    head, filing = claim.segments[0], subscriber.first("SBR")
    related = patient.first("PAT") if patient else None
    relationship = related.at(1) if related else ""
    return ReceivedClaim(
        batch=batch,
        number=head.at(1),
        charge=decimal_at(head, 2),
        place_of_service=head.part(5, 1),
        frequency=head.part(5, 3),
        consents=(head.at(6), head.at(7), head.at(8), head.at(9)),
        billing=billing,
        filing=filing.values[1:] if filing else (),
        subscriber=_participant(subscriber, "2010BA"),
        payer=_participant(subscriber, "2010BB"),
        relationship=relationship or (filing.at(2) if filing else ""),
        patient=_participant(patient, "2010CA") if patient else None,
        diagnoses=tuple(s.parts(n) for s in claim.every("HI") for n in range(1, len(s.values))),
        dates=tuple(map(read_period, claim.every("DTP"))),
        references=tuple(map(read_reference, claim.every("REF"))),
        parties=tuple(map(_named, (loop for loop in claim.loops if loop.name.startswith("2310")))),
        lines=tuple(map(_line, claim.inner("2400"))),
        other=tuple(_rest(claim)),
    )


def _named(loop: Loop) -> Participant:
    return Participant(
        party=read_party(loop.segments[0]),
        address=read_address(loop.first("N3"), loop.first("N4")),
        references=tuple(map(read_reference, loop.every("REF"))),
        demographics=None,
        specialty=read_specialty(loop.first("PRV")),
    )


def _rest(claim: Loop) -> Iterator[tuple[str, ...]]:
    for segment in claim.segments:
        if segment.id not in ("CLM", "REF", "HI", "DTP"):
            yield segment.values
    for loop in claim.inner("2320"):
        yield from (segment.values for segment in loop.all_segments())


def _line(loop: Loop) -> ReceivedLine:
    service = loop.first("SV1")
    known = ("LX", "SV1", "DTP", "REF")
    return ReceivedLine(
        procedure=service.parts(1) if service else (),
        charge=decimal_at(service, 2) if service else Decimal(0),
        unit_kind=service.at(3) if service else "",
        units=optional_decimal(service, 4) if service else None,
        place_of_service=service.at(5) if service else "",
        pointers=service.parts(7) if service else (),
        dates=tuple(map(read_period, loop.every("DTP"))),
        references=tuple(map(read_reference, loop.every("REF"))),
        other=tuple(segment.values for segment in loop.all_segments() if segment.id not in known),
    )
