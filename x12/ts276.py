"""The claim status request, 276 (005010X212)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from x12.envelopes import Transaction, transactions_of
from x12.errors import X12Error, fault
from x12.gathering import PERIOD, REFERENCE, Taken, as_it_is, gather
from x12.layouts import layout_of
from x12.loops import Loop, read_loops
from x12.parties import (
    Amount,
    Demographics,
    Party,
    Period,
    Reference,
    Rest,
    optional_decimal,
    party_in,
    read_amounts,
    read_demographics,
)
from x12.statuses import reference_of
from x12.tokenizer import Segment
from x12.ts270 import Member


@dataclass(frozen=True, slots=True)
class LineRequest:
    """One service line that a question is about (2210).

    `procedure` holds the components of SVC01: HC, the code, its modifiers. `reference` is our own line number
    (REF*FJ), which comes back in the answer.
    """

    procedure: tuple[str, ...]
    charge: Decimal
    first_day: date
    last_day: date
    reference: str = ""
    units: Decimal | None = None
    revenue_code: str = ""


@dataclass(frozen=True, slots=True)
class StatusRequest:
    """A question about one claim. `trace` (TRN02) comes back in the answer.

    `payer_claim_number` is REF*1K, sent when known. With a `dependent` the patient is not the subscriber. Without
    `lines` the whole claim is asked about.
    """

    reference: str
    trace: str
    payer_name: str
    payer_id: str
    receiver_name: str
    receiver_id: str
    provider_name: str
    provider_npi: str
    subscriber: Member
    charge: Decimal
    first_day: date
    last_day: date
    payer_claim_number: str = ""
    dependent: Member | None = None
    lines: tuple[LineRequest, ...] = ()


@dataclass(frozen=True, slots=True)
class ReceivedLineRequest:
    """One service line asked about in a 276, as read. `other` are segments that say more than the fields hold."""

    procedure: tuple[str, ...]
    charge: Decimal | None
    revenue_code: str
    units: Decimal | None
    references: tuple[Reference, ...]
    dates: tuple[Period, ...]
    other: Rest = field(default=(), repr=False)

    @property
    def reference(self) -> str:
        """The line number of who asks, "" when none is given."""
        return reference_of(self.references, "FJ")


@dataclass(frozen=True, slots=True)
class ReceivedStatusRequest:
    """One claim asked about in a 276, as read. `other` are segments that say more than the fields hold."""

    reference: str
    trace: str
    payer: Party | None
    receiver: Party | None
    provider: Party | None
    subscriber: Party | None = field(repr=False)
    dependent: Party | None = field(repr=False)
    demographics: Demographics | None
    references: tuple[Reference, ...]
    amounts: tuple[Amount, ...]
    dates: tuple[Period, ...]
    lines: tuple[ReceivedLineRequest, ...] = ()
    other: Rest = field(default=(), repr=False)


def request_of(received: ReceivedStatusRequest) -> StatusRequest:
    """The same question, to be asked again: `ts276_write.write_276` writes it as it stood.

    Raises `X12Error` for a question that is not one of ours: without one of the parties, the charge or the days, of the
    claim or of a line.
    """
    payer, receiver, provider = received.payer, received.receiver, received.provider
    subscriber, dependent = received.subscriber, received.dependent
    charges = [amount.value for amount in received.amounts if amount.kind == "T3"]
    if payer is None or receiver is None or provider is None or subscriber is None:
        raise fault(
            "segment_missing", "NM1", "NM101", "payer, receiver, provider and subscriber must be named"
        )
    if not charges:
        raise _not_ours()
    first_day, last_day = _days(received.dates)
    return StatusRequest(
        reference=received.reference,
        trace=received.trace,
        payer_name=payer.name,
        payer_id=payer.identifier,
        receiver_name=receiver.name,
        receiver_id=receiver.identifier,
        provider_name=provider.name,
        provider_npi=provider.identifier,
        subscriber=_member_of(subscriber, None if dependent else received.demographics),
        charge=charges[0],
        first_day=first_day,
        last_day=last_day,
        payer_claim_number=reference_of(received.references, "1K"),
        dependent=_member_of(dependent, received.demographics) if dependent else None,
        lines=tuple(map(_line_of, received.lines)),
    )


def _line_of(received: ReceivedLineRequest) -> LineRequest:
    if received.charge is None:
        raise _not_ours()
    days, reference = _days(received.dates), received.reference
    return LineRequest(
        received.procedure, received.charge, *days, reference, received.units, received.revenue_code
    )


def _days(dates: tuple[Period, ...]) -> tuple[date, date]:
    served = next((period for period in dates if period.kind == "472"), None)
    if served is None or served.first is None or served.last is None:
        raise _not_ours()
    return served.first, served.last


def _not_ours() -> X12Error:
    return fault("not_our_question", "TRN", "TRN02", "claims and lines are asked for here by charge and days")


def _member_of(party: Party, born: Demographics | None) -> Member:
    who = (party.name, party.first_name, party.identifier)
    return Member(*who, born.birth_date if born else None, born.sex if born else "")


def read_276(data: bytes | str) -> tuple[ReceivedStatusRequest, ...]:
    """Every claim asked about in a file of 276s. Raises `X12Error`."""
    return tuple(request for t in transactions_of(data, "276") for request in requests(t))


def requests(transaction: Transaction) -> Iterator[ReceivedStatusRequest]:
    """Every claim asked about in one 276."""
    root, _ = read_loops(layout_of(transaction), transaction.body)
    header = root.first("BHT")
    reference = header.at(3) if header else ""
    for source in root.deep("2000A"):
        for receiver in source.inner("2000B"):
            for service in receiver.inner("2000C"):
                around = (party_in(source, "2100A"), party_in(receiver, "2100B"), party_in(service, "2100C"))
                for member in service.inner("2000D"):
                    subscriber = party_in(member, "2100D")
                    yield from _requests(reference, around, subscriber, None, member)
                    for each in member.inner("2000E"):
                        yield from _requests(reference, around, subscriber, party_in(each, "2100E"), each)


def _requests(
    reference: str,
    around: tuple[Party | None, Party | None, Party | None],
    subscriber: Party | None,
    dependent: Party | None,
    level: Loop,
) -> Iterator[ReceivedStatusRequest]:
    for claim in level.inner("2200D", "2200E"):
        found, rest = gather(claim.segments, _CLAIM)
        yield ReceivedStatusRequest(
            reference=reference,
            trace=claim.segments[0].at(2),
            payer=around[0],
            receiver=around[1],
            provider=around[2],
            subscriber=subscriber,
            dependent=dependent,
            demographics=read_demographics(level.first("DMG")),
            references=tuple(found.get("REF", ())),
            amounts=read_amounts(found.get("AMT", ())),
            dates=tuple(found.get("DTP", ())),
            lines=tuple(map(_read_line, claim.inner("2210D", "2210E"))),
            other=rest,
        )


def _read_line(loop: Loop) -> ReceivedLineRequest:
    """One 2210 loop. Raises `X12Error` for an amount that is no number."""
    found, rest = gather(loop.segments, _LINE)
    service: Segment = found["SVC"]
    return ReceivedLineRequest(
        procedure=service.parts(1),
        charge=optional_decimal(service, 2),
        revenue_code=service.at(4),
        units=optional_decimal(service, 7),
        references=tuple(found.get("REF", ())),
        dates=tuple(found.get("DTP", ())),
        other=rest,
    )


# What the segments of a claim and of a line become.
_CLAIM = {
    "TRN": Taken(as_it_is, 2, once=True),
    "REF": REFERENCE,
    "AMT": Taken(as_it_is, 2),
    "DTP": PERIOD,
}
_LINE = {"SVC": Taken(as_it_is, 7, gaps=(3, 5, 6), once=True), "REF": REFERENCE, "DTP": PERIOD}
