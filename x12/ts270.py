"""The eligibility inquiry, 270 (005010X279A1)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from x12.envelopes import Transaction, transactions_of
from x12.errors import fault
from x12.identifiers import npi_holds
from x12.layouts import layout_of
from x12.loops import Loop, read_loops
from x12.parties import (
    Demographics,
    Party,
    Period,
    Reference,
    party_in,
    read_demographics,
    read_period,
    read_reference,
)
from x12.writing import Composer, Envelope, Repeats, Value, write_interchange

VERSION = "005010X279A1"


class Trace(NamedTuple):
    """A trace number (TRN02) and who gave it (TRN03): "9" or "1" and nine more characters.

    Answers are matched to questions by both together, never by their order.
    """

    number: str
    originator: str


@dataclass(frozen=True, slots=True)
class Member:
    """The person asked about. Empty fields are not sent, as a request with fewer fields needs."""

    last_name: str = field(default="", repr=False)
    first_name: str = field(default="", repr=False)
    member_id: str = field(default="", repr=False)
    birth_date: date | None = field(default=None, repr=False)
    sex: str = field(default="", repr=False)
    group_number: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class EligibilityInquiry:
    """One question to one payer about one person.

    `provider_name` with `provider_first_name` is a person, without an organisation. `service_types` are EQ01
    codes, each sent in a segment of its own. With a `dependent` the question is about the dependent of the
    subscriber. `reference` is BHT03. No `service_date` means today, as the payer sees it.
    """

    reference: str
    trace: Trace
    payer_name: str
    payer_id: str
    provider_name: str
    provider_npi: str
    subscriber: Member
    service_types: tuple[str, ...]
    service_date: date | None = None
    dependent: Member | None = None
    provider_first_name: str = ""


def write_270(inquiry: EligibilityInquiry, envelope: Envelope) -> bytes:
    """One interchange with one inquiry. Raises `X12Error` for a value X12 or the guide does not allow."""
    _refuse_faults(inquiry)
    out = Composer(envelope.separators)
    now = envelope.created
    out.add("BHT", "0022", "13", inquiry.reference, now, now.strftime("%H%M"))
    source = out.level("20", None, True)
    out.add("NM1", "PR", "2", inquiry.payer_name, None, None, None, None, "PI", inquiry.payer_id)
    receiver = out.level("21", source, True)
    first = inquiry.provider_first_name
    who = "1" if first else "2"
    out.add("NM1", "1P", who, inquiry.provider_name, first, None, None, None, "XX", inquiry.provider_npi)
    subscriber = out.level("22", receiver, inquiry.dependent is not None)
    _member(out, "IL", inquiry.subscriber, None if inquiry.dependent else inquiry)
    if inquiry.dependent:
        out.level("23", subscriber, False)
        _member(out, "03", inquiry.dependent, inquiry)
    return write_interchange(envelope, "HS", "270", VERSION, [out])


def _refuse_faults(inquiry: EligibilityInquiry) -> None:
    if not npi_holds(inquiry.provider_npi):
        raise fault("bad_npi", "NM1", "NM109", "the check digit of the NPI does not hold")
    if not inquiry.service_types:
        raise fault("element_missing", "EQ", "EQ01", "at least one service type must be asked for")
    if not (inquiry.subscriber.member_id or inquiry.subscriber.last_name):
        raise fault("element_missing", "NM1", "NM109", "member id or name must be given")


def _member(out: Composer, entity: str, member: Member, asked: EligibilityInquiry | None) -> None:
    """Name and demographics; with `asked`, the question that concerns this person."""
    if asked:
        out.add("TRN", "1", asked.trace.number, asked.trace.originator)
    identified: tuple[Value, ...] = ("MI", member.member_id) if member.member_id else ()
    name = (member.last_name, member.first_name, None, None, None)
    out.add("NM1", entity, "1", *name, *identified)
    if member.group_number:
        out.add("REF", "6P", member.group_number)
    if member.birth_date or member.sex:
        out.add("DMG", "D8" if member.birth_date else None, member.birth_date, member.sex)
    if asked and asked.service_date:
        out.add("DTP", "291", "D8", asked.service_date)
    for service_type in asked.service_types if asked else ():
        out.add("EQ", Repeats((service_type,)))


@dataclass(frozen=True, slots=True)
class ReceivedInquiry:
    """One person asked about in a 270, as read. `procedures` are EQ02, asked instead of a service type.

    `demographics` and `references` are of the person asked about, `subscriber_...` those of the subscriber.
    """

    reference: str
    payer: Party | None
    provider: Party | None
    subscriber: Party | None
    dependent: Party | None
    demographics: Demographics | None
    traces: tuple[Trace, ...]
    references: tuple[Reference, ...]
    service_types: tuple[str, ...]
    procedures: tuple[str, ...]
    dates: tuple[Period, ...]
    subscriber_demographics: Demographics | None = None
    subscriber_references: tuple[Reference, ...] = ()


def inquiry_of(received: ReceivedInquiry) -> EligibilityInquiry:
    """The same question, to be asked again: `write_270` writes it as it stood.

    Raises `X12Error` for a question that is not one of ours: without payer or provider, with other than one trace, or
    about a procedure.
    """
    payer, provider, subscriber = received.payer, received.provider, received.subscriber
    if payer is None or provider is None or subscriber is None:
        raise fault("segment_missing", "NM1", "NM101", "payer, provider and subscriber must be named")
    if len(received.traces) != 1 or received.procedures:
        raise fault("not_our_question", "TRN", "TRN02", "one trace and service types only are asked here")
    days = [period.first for period in received.dates if period.kind == "291"]
    own = _member_of(subscriber, received.subscriber_demographics, received.subscriber_references)
    dependent = received.dependent
    return EligibilityInquiry(
        reference=received.reference,
        trace=received.traces[0],
        payer_name=payer.name,
        payer_id=payer.identifier,
        provider_name=provider.name,
        provider_npi=provider.identifier,
        subscriber=own,
        service_types=received.service_types,
        service_date=days[0] if days else None,
        dependent=_member_of(dependent, received.demographics, received.references) if dependent else None,
        provider_first_name=provider.first_name,
    )


def _member_of(party: Party, born: Demographics | None, references: tuple[Reference, ...]) -> Member:
    group = next((each.value for each in references if each.kind == "6P"), "")
    return Member(
        last_name=party.name,
        first_name=party.first_name,
        member_id=party.identifier,
        birth_date=born.birth_date if born else None,
        sex=born.sex if born else "",
        group_number=group,
    )


def read_270(data: bytes | str) -> tuple[ReceivedInquiry, ...]:
    """Every person asked about in a file of 270s. Raises `X12Error`."""
    return tuple(inquiry for t in transactions_of(data, "270") for inquiry in inquiries(t))


def inquiries(transaction: Transaction) -> Iterator[ReceivedInquiry]:
    """Every person asked about in one 270."""
    root, _ = read_loops(layout_of(transaction), transaction.body)
    header = root.first("BHT")
    reference = header.at(3) if header else ""
    for source in root.deep("2000A"):
        for receiver in source.inner("2000B"):
            around = (party_in(source, "2100A"), party_in(receiver, "2100B"))
            for member in receiver.inner("2000C"):
                dependents = list(member.inner("2000D"))
                if not dependents or any(name.loops for name in member.inner("2100C")):
                    yield _inquiry(reference, around, member, None)
                for each in dependents:
                    yield _inquiry(reference, around, member, each)


def _inquiry(
    reference: str, around: tuple[Party | None, Party | None], member: Loop, below: Loop | None
) -> ReceivedInquiry:
    """The question about a subscriber, or with `below` about that dependent."""
    level, name = (below, "2100D") if below else (member, "2100C")
    subscriber = next(member.inner("2100C"), Loop("2100C"))
    person = next(level.inner(name), Loop(name))
    asked = [segment for loop in person.inner("2110") for segment in loop.every("EQ")]
    return ReceivedInquiry(
        reference=reference,
        payer=around[0],
        provider=around[1],
        subscriber=party_in(member, "2100C"),
        dependent=party_in(below, "2100D") if below else None,
        demographics=read_demographics(person.first("DMG")),
        traces=tuple(Trace(segment.at(2), segment.at(3)) for segment in level.every("TRN")),
        references=tuple(map(read_reference, person.every("REF"))),
        service_types=tuple(code for segment in asked for code in segment.repeats(1)),
        procedures=tuple(segment.part(2, 2) for segment in asked if segment.at(2)),
        dates=tuple(map(read_period, person.every("DTP"))),
        subscriber_demographics=read_demographics(subscriber.first("DMG")),
        subscriber_references=tuple(map(read_reference, subscriber.every("REF"))),
    )
