"""From the X12 of a payer's answer to the neutral value that the rules of coverage decide on."""

from collections.abc import Iterable
from datetime import date

from domain.eligibility import Benefit, EligibilityAnswer, Network, RejectedQuestion
from integrations.clearinghouse.port import ConfigurationRefused, Malformed
from x12 import benefits
from x12.envelopes import open_interchanges
from x12.errors import X12Error
from x12.parties import Period
from x12.ts270 import Trace
from x12.ts271 import EligibilityResponse, read_271

# DTP01 of the 271: plan and eligibility, as a day each or as one range.
_BEGINS = ("346", "356")
_ENDS = ("347", "357")
_RANGES = ("291", "307")
_COVERED_FROM = ("356", "307")  # of the member; 346 and 291 may be the plan's own, or its year's
_PAYER_ID_KINDS = ("PI", "XV")
_REFUSALS = ("999", "TA1")


def read_answer(x12_271: bytes, asked: Trace) -> EligibilityAnswer:
    """What a file says in answer to the question sent under this trace.

    Raises `Malformed` when it cannot be read or answers somebody else's question, and `ConfigurationRefused` when it is
    a 999 or TA1 that refuses our file: repeating it unchanged cannot help.
    """
    try:
        if _is_refusal(x12_271):
            raise ConfigurationRefused
        responses = read_271(x12_271)
    except X12Error:
        raise Malformed from None
    return answer_of(_ours(responses, asked))


def answer_of(response: EligibilityResponse) -> EligibilityAnswer:
    """One typed 271 answer as the neutral value. Nothing that is decided on is left out."""
    people = [person for person in (response.dependent, response.subscriber) if person is not None]
    dates = [period for person in people for period in person.dates]
    begin, end = _plan_dates(dates)
    return EligibilityAnswer(
        rejections=tuple(
            RejectedQuestion(each.loop, each.code, str(each.follow_up) or None)
            for each in response.rejections
        ),
        benefits=tuple(map(_benefit, response.benefits)),
        plan_begin=begin,
        plan_end=end,
        covered_from=next((each.first for each in dates if each.kind in _COVERED_FROM), None),
    )


def late_answers(x12_271: bytes) -> list[tuple[Trace, EligibilityAnswer]]:
    """Answers that came by themselves, each with the trace of the question that it echoes. Raises `X12Error`."""
    return [
        (echo.trace, answer_of(response))
        for response in read_271(x12_271)
        for echo in response.traces
        if echo.kind == "2"
    ]


def _is_refusal(content: bytes) -> bool:
    kinds = {transaction.kind for each in open_interchanges(content) for transaction in each.transactions}
    return not kinds or kinds <= set(_REFUSALS)


def _ours(responses: Iterable[EligibilityResponse], asked: Trace) -> EligibilityResponse:
    """The answer that echoes our trace; or the one that rejects payer or provider, which has no member to echo for."""
    pool = list(responses)
    for response in pool:
        if response.echoes(asked):
            return response
    nobody = [response for response in pool if response.rejections and not response.traces]
    if len(pool) == 1 and nobody:
        return nobody[0]
    raise Malformed


def _plan_dates(dates: Iterable[Period]) -> tuple[date | None, date | None]:
    """The dependent's dates come first; a range of one day is a beginning without an end."""
    periods = list(dates)
    ranges = [period for period in periods if period.kind in _RANGES]
    begins = [period.first for period in periods if period.kind in _BEGINS] + [each.first for each in ranges]
    ends = [period.last for period in periods if period.kind in _ENDS]
    ends += [each.last for each in ranges if each.last != each.first]
    return next(filter(None, begins), None), next(filter(None, ends), None)


def _benefit(row: benefits.Benefit) -> Benefit:
    return Benefit(
        kind=str(row.information),
        level=str(row.level),
        service_types=row.service_types,
        period=str(row.period),
        amount=row.amount,
        fraction=row.percent,
        quantity_kind=str(row.quantity_kind),
        quantity=row.quantity,
        authorisation=str(row.authorization),
        network=_network(str(row.network)),
        places=tuple(place.code for place in row.places if place.kind == "ZZ"),
        messages=row.messages,
        entity_id=next(filter(None, map(_payer_id, row.entities)), None),
    )


def _network(code: str) -> Network:
    return Network(code) if code in list(Network) else Network.UNKNOWN


def _payer_id(entity: benefits.RelatedEntity) -> str | None:
    party = entity.party
    return party.identifier if party.identifier_kind in _PAYER_ID_KINDS and party.identifier else None
