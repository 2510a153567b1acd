"""The claim status request, 276 (005010X212)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from x12.envelopes import Transaction, transactions_of
from x12.errors import fault
from x12.identifiers import npi_holds
from x12.layouts import layout_of
from x12.loops import Loop, read_loops
from x12.parties import (
    Amount,
    Demographics,
    Party,
    Period,
    Reference,
    party_in,
    read_amounts,
    read_demographics,
    read_period,
    read_reference,
)
from x12.statuses import reference_of
from x12.ts270 import Member
from x12.writing import Composer, Envelope, Value, write_interchange

VERSION = "005010X212"


@dataclass(frozen=True, slots=True)
class StatusRequest:
    """A question about one claim. `trace` (TRN02) comes back in the answer.

    `payer_claim_number` is REF*1K, sent when known. With a `dependent` the patient is not the subscriber.
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


def write_276(request: StatusRequest, envelope: Envelope) -> bytes:
    """One interchange with one request. Raises `X12Error` for a value X12 or the guide does not allow."""
    if not npi_holds(request.provider_npi):
        raise fault("bad_npi", "NM1", "NM109", "the check digit of the NPI does not hold")
    if request.last_day < request.first_day:
        raise fault("bad_date", "DTP", "DTP03", "the service ends before it begins")
    out = Composer(envelope.separators)
    now = envelope.created
    out.add("BHT", "0010", "13", request.reference, now, now.strftime("%H%M"))
    payer = out.level("20", None, True)
    _organisation(out, "PR", request.payer_name, "PI", request.payer_id)
    receiver = out.level("21", payer, True)
    _organisation(out, "41", request.receiver_name, "46", request.receiver_id)
    provider = out.level("19", receiver, True)
    _organisation(out, "1P", request.provider_name, "XX", request.provider_npi)
    subscriber = out.level("22", provider, request.dependent is not None)
    if request.dependent:
        _person(out, "IL", request.subscriber)
        out.level("23", subscriber, False)
    patient = request.dependent or request.subscriber
    if patient.birth_date:
        out.add("DMG", "D8", patient.birth_date, patient.sex)
    _person(out, "QC" if request.dependent else "IL", patient)
    _claim(out, request)
    return write_interchange(envelope, "HR", "276", VERSION, [out])


def _organisation(out: Composer, entity: str, name: str, kind: str, identifier: str) -> None:
    out.add("NM1", entity, "2", name, None, None, None, None, kind, identifier)


def _person(out: Composer, entity: str, member: Member) -> None:
    identified: tuple[Value, ...] = ("MI", member.member_id) if member.member_id else ()
    out.add("NM1", entity, "1", member.last_name, member.first_name, None, None, None, *identified)


def _claim(out: Composer, request: StatusRequest) -> None:
    out.add("TRN", "1", request.trace)
    if request.payer_claim_number:
        out.add("REF", "1K", request.payer_claim_number)
    out.add("AMT", "T3", request.charge)
    days = f"{request.first_day:%Y%m%d}-{request.last_day:%Y%m%d}"
    out.add("DTP", "472", "RD8", days)


@dataclass(frozen=True, slots=True)
class ReceivedStatusRequest:
    """One claim asked about in a 276, as read."""

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


def request_of(received: ReceivedStatusRequest) -> StatusRequest:
    """The same question, to be asked again: `write_276` writes it as it stood.

    Raises `X12Error` for a question that is not one of ours: without one of the parties, the charge or the days.
    """
    payer, receiver, provider = received.payer, received.receiver, received.provider
    subscriber, dependent = received.subscriber, received.dependent
    charges = [amount.value for amount in received.amounts if amount.kind == "T3"]
    days = [period for period in received.dates if period.kind == "472"]
    if payer is None or receiver is None or provider is None or subscriber is None:
        raise fault(
            "segment_missing", "NM1", "NM101", "payer, receiver, provider and subscriber must be named"
        )
    if not charges or not days or days[0].first is None or days[0].last is None:
        raise fault("not_our_question", "TRN", "TRN02", "a claim is asked for here by its charge and days")
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
        first_day=days[0].first,
        last_day=days[0].last,
        payer_claim_number=reference_of(received.references, "1K"),
        dependent=_member_of(dependent, received.demographics) if dependent else None,
    )


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
        yield ReceivedStatusRequest(
            reference=reference,
            trace=claim.segments[0].at(2),
            payer=around[0],
            receiver=around[1],
            provider=around[2],
            subscriber=subscriber,
            dependent=dependent,
            demographics=read_demographics(level.first("DMG")),
            references=tuple(map(read_reference, claim.every("REF"))),
            amounts=read_amounts(claim.every("AMT")),
            dates=tuple(map(read_period, claim.every("DTP"))),
        )
