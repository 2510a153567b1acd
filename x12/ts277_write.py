"""Writing the answer to a claim status request, 277 (005010X212), from the values its reader makes."""

from collections.abc import Sequence
from itertools import groupby

from x12.parties import Party, Period, Reference
from x12.statuses import ClaimStatus, LineStatus
from x12.ts277 import ClaimStatusAnswer
from x12.writing import Composer, Envelope, Parts, Value, write_interchange, written

VERSION = "005010X212"


def write_277(answers: Sequence[ClaimStatusAnswer], envelope: Envelope) -> bytes:
    """One interchange: a transaction set for each run of answers under one reference.

    Answers one after the other about one payer, receiver, provider or subscriber share its level. Raises `X12Error`
    for a value that X12 or the guide does not allow.
    """
    bodies = []
    for (reference, made), run in groupby(answers, lambda answer: (answer.reference, answer.made)):
        out = Composer(envelope.separators)
        day = (envelope.created, envelope.created.strftime("%H%M"))
        out.add("BHT", "0010", "08", reference, *(made if any(made) else day), "DG")
        for _, theirs in groupby(run, lambda answer: (answer.payer, answer.contacts)):
            _payer(out, list(theirs))
        bodies.append(out)
    return write_interchange(envelope, "HN", "277", VERSION, bodies)


def _payer(out: Composer, answers: Sequence[ClaimStatusAnswer]) -> None:
    level = out.level("20", None, True)
    _party(out, answers[0].payer)
    for contact in answers[0].contacts:
        out.add("PER", "IC", contact.name, *(value for pair in contact.numbers for value in pair))
    for _, theirs in groupby(answers, lambda answer: answer.receiver):
        _receiver(out, level, list(theirs))


def _receiver(out: Composer, parent: int, answers: Sequence[ClaimStatusAnswer]) -> None:
    below = [answer for answer in answers if answer.provider]
    level = out.level("21", parent, bool(below))
    _party(out, answers[0].receiver)
    for answer in answers:
        if not answer.provider:
            _answer(out, answer)
    for _, theirs in groupby(below, lambda answer: answer.provider):
        _provider(out, level, list(theirs))


def _provider(out: Composer, parent: int, answers: Sequence[ClaimStatusAnswer]) -> None:
    below = [answer for answer in answers if answer.subscriber]
    level = out.level("19", parent, bool(below))
    _party(out, answers[0].provider)
    for answer in answers:
        if not answer.subscriber:
            _answer(out, answer)
    for _, theirs in groupby(below, lambda answer: answer.subscriber):
        _subscriber(out, level, list(theirs))


def _subscriber(out: Composer, parent: int, answers: Sequence[ClaimStatusAnswer]) -> None:
    below = [answer for answer in answers if answer.dependent]
    level = out.level("22", parent, bool(below))
    _party(out, answers[0].subscriber)
    for answer in answers:
        if not answer.dependent:
            _answer(out, answer)
    for dependent, theirs in groupby(below, lambda answer: answer.dependent):
        out.level("23", level, False)
        _party(out, dependent)
        for answer in theirs:
            _answer(out, answer)


def _party(out: Composer, party: Party | None) -> None:
    if party:
        who = "1" if party.is_person else "2"
        names = (party.name, party.first_name, party.middle_name, None, party.suffix)
        out.add("NM1", party.entity, who, *names, party.identifier_kind, party.identifier)


def _answer(out: Composer, answer: ClaimStatusAnswer) -> None:
    out.add("TRN", "2", answer.trace)
    _said(out, answer.statuses, answer.references, answer.dates)
    for line in answer.lines:
        _line(out, line)


def _line(out: Composer, line: LineStatus) -> None:
    procedure = Parts((line.procedure_kind, line.procedure, *line.modifiers))
    amounts = (written(line.charge), written(line.paid), line.revenue_code)
    out.add("SVC", procedure, *amounts, None, None, written(line.units))
    _said(out, line.statuses, line.references, line.dates)


def _said(
    out: Composer, statuses: Sequence[ClaimStatus], references: Sequence[Reference], dates: Sequence[Period]
) -> None:
    for status in statuses:
        _status(out, status)
    for reference in references:
        out.add("REF", *reference)
    for each in dates:
        out.add("DTP", each.kind, "RD8" if "-" in each.text else "D8", each.text)


def _status(out: Composer, status: ClaimStatus) -> None:
    codes = [Parts((code.category, code.status, code.entity)) for code in status.codes]
    first, second, third = (*codes, Parts(()), Parts(()))[:3]
    number: tuple[Value, Value] = (status.payment_date, status.payment_number)
    if status.number_stood_early:
        number = (status.payment_number, None)
    out.add(
        "STC",
        first,
        *(status.effective, status.action, written(status.charge), written(status.paid), status.finalized),
        *(status.method, *number, second, third, status.text),
    )
