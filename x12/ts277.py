"""The answer to a claim status request, 277 (005010X212)."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from x12.envelopes import Transaction, transactions_of
from x12.layouts import layout_of
from x12.loops import Loop, read_loops
from x12.parties import Contact, Party, Period, Reference, party_in, read_contact, read_period, read_reference
from x12.statuses import ClaimStatus, LineStatus, read_line, read_status, reference_of
from x12.tokenizer import Segment


@dataclass(frozen=True, slots=True)
class ClaimStatusAnswer:
    """What the payer says of one claim, or of a request it cannot answer (then `subscriber` is None).

    `trace` is the number we asked under (TRN02), `payer_claim_number` the payer's own (REF*1K). `made` is the
    payer's own date and time of the answer (BHT04, BHT05), in a zone it does not tell.
    """

    reference: str
    trace: str
    payer: Party | None
    contacts: tuple[Contact, ...]
    provider: Party | None
    subscriber: Party | None = field(repr=False)
    dependent: Party | None = field(repr=False)
    statuses: tuple[ClaimStatus, ...]
    payer_claim_number: str
    references: tuple[Reference, ...]
    dates: tuple[Period, ...]
    lines: tuple[LineStatus, ...]
    receiver: Party | None = None
    made: tuple[str, str] = ("", "")


def read_277(data: bytes | str) -> tuple[ClaimStatusAnswer, ...]:
    """Every claim status in a file of 277s. Raises `X12Error`."""
    return tuple(answer for t in transactions_of(data, "277") for answer in answers(t))


def answers(transaction: Transaction) -> Iterator[ClaimStatusAnswer]:
    """Every claim status of one 277, in order."""
    root, _ = read_loops(layout_of(transaction), transaction.body)
    header = root.first("BHT")
    for source in root.deep("2000A"):
        for receiver in source.inner("2000B"):
            about = _About(header, source, receiver)
            yield from about.answers(receiver, "2200B", None, None, None)
            for service in receiver.inner("2000C"):
                provider = party_in(service, "2100C")
                yield from about.answers(service, "2200C", provider, None, None)
                for member in service.inner("2000D"):
                    subscriber = party_in(member, "2100D")
                    yield from about.answers(member, "2200D", provider, subscriber, None)
                    for each in member.inner("2000E"):
                        dependent = party_in(each, "2100E")
                        yield from about.answers(each, "2200E", provider, subscriber, dependent)


class _About:
    """What the answers of one payer to one receiver have in common."""

    def __init__(self, header: Segment | None, source: Loop, receiver: Loop) -> None:
        self.reference, *made = (header.at(3), header.at(4), header.at(5)) if header else ("", "", "")
        self.made = (made[0], made[1])
        self.receiver = party_in(receiver, "2100B")
        self.payer = party_in(source, "2100A")
        name = next(source.inner("2100A"), Loop("2100A"))
        self.contacts = tuple(map(read_contact, name.every("PER")))

    def answers(
        self,
        level: Loop,
        name: str,
        provider: Party | None,
        subscriber: Party | None,
        dependent: Party | None,
    ) -> Iterator[ClaimStatusAnswer]:
        for loop in level.inner(name):
            references = tuple(map(read_reference, loop.every("REF")))
            yield ClaimStatusAnswer(
                reference=self.reference,
                trace=loop.segments[0].at(2),
                payer=self.payer,
                contacts=self.contacts,
                provider=provider,
                subscriber=subscriber,
                dependent=dependent,
                statuses=tuple(map(read_status, loop.every("STC"))),
                payer_claim_number=reference_of(references, "1K"),
                references=references,
                dates=tuple(map(read_period, loop.every("DTP"))),
                lines=tuple(map(read_line, loop.inner("2220D", "2220E"))),
                receiver=self.receiver,
                made=self.made,
            )
