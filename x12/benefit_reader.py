"""Reading an EB segment and those that belong to it."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Final, Generic, TypeVar

from x12.benefits import (
    Answer,
    Benefit,
    CoverageLevel,
    Delivery,
    Information,
    Place,
    QuantityKind,
    Rejection,
    RelatedEntity,
    TimePeriod,
)
from x12.codes import FollowUp
from x12.gathering import (
    CITY,
    CONTACT,
    PARTY,
    PERIOD,
    REFERENCE,
    SPECIALTY,
    STREET,
    Taken,
    as_it_is,
    gather,
)
from x12.known import Known
from x12.parties import optional_decimal, read_address
from x12.tokenizer import BLANK, Segment

_EB_ELEMENTS: Final = 14
_PAD = ("",) * (_EB_ELEMENTS + 1)
_Code = TypeVar("_Code", bound=StrEnum)


class _Codes(dict[str, _Code | str], Generic[_Code]):
    """The members of a code set by their codes; a code it does not hold stays what it is, less its blanks."""

    def __init__(self, members: type[_Code]) -> None:
        super().__init__({"": "", **{str(member): member for member in members}})

    def __missing__(self, text: str) -> _Code | str:
        code = text.strip(BLANK)
        return self.get(code, code)


_INFORMATION = _Codes(Information)
_LEVELS = _Codes(CoverageLevel)
_PERIODS = _Codes(TimePeriod)
_QUANTITIES = _Codes(QuantityKind)
_ANSWERS = _Codes(Answer)
_FOLLOW_UPS = _Codes(FollowUp)


def read_rejection(segment: Segment, loop: str) -> Rejection:
    """One AAA segment met in a loop ("2100C")."""
    return Rejection(loop, segment.at(3), _FOLLOW_UPS[segment.at(4)], segment.at(1) == "Y")


def read_benefit(segments: Sequence[Segment], loop: str) -> Benefit:
    """An EB segment and what follows it up to the next. Raises `X12Error` for an amount that is no number."""
    head = segments[0]
    key = head.written, head.separators
    statement = _known.get(key) or _known.keep(key, _statement(head))
    return statement if len(segments) == 1 else _with_more(statement, segments[1:], loop)


# A plan says the same of all its members, but for what is left to each.
_known: Known[Benefit] = Known()


def _statement(head: Segment) -> Benefit:
    values = head.values
    e = values if len(values) > _EB_ELEMENTS else values + _PAD[len(values) :]
    return Benefit(
        _INFORMATION[e[1]],
        _LEVELS[e[2]],
        _service_types(head, e[3]),
        e[4].strip(BLANK),
        e[5].strip(BLANK),
        _PERIODS[e[6]],
        optional_decimal(head, 7) if e[7] else None,
        optional_decimal(head, 8) if e[8] else None,
        _QUANTITIES[e[9]],
        optional_decimal(head, 10) if e[10] else None,
        _ANSWERS[e[11]],
        _ANSWERS[e[12]],
        head.parts(13) if e[13] else (),
        head.parts(14) if e[14] else (),
        other=(values,) if any(values[_EB_ELEMENTS + 1 :]) else (),
    )


def _service_types(head: Segment, text: str) -> tuple[str, ...]:
    if not text:
        return ()
    mark = head.separators.repetition
    return head.repeats(3) if mark and mark in text else (text.strip(BLANK),)


def _with_more(statement: Benefit, segments: Sequence[Segment], loop: str) -> Benefit:
    own, entities = _apart(segments)
    found, rest = gather(own, _BENEFIT)
    return Benefit(
        *statement[:_EB_ELEMENTS],
        tuple(found.get("MSG", ())),
        tuple(found.get("HSD", ())),
        tuple(found.get("REF", ())),
        tuple(found.get("DTP", ())),
        tuple(found.get("III", ())),
        tuple([read_rejection(segment, loop) for segment in found.get("AAA", ())]),
        tuple(map(_entity, entities)),
        statement.other + rest,
    )


def _apart(segments: Sequence[Segment]) -> tuple[list[Segment], list[list[Segment]]]:
    """What is said of the benefit, and the entities: an NM1 takes what follows it, up to the next NM1 or LE."""
    own: list[Segment] = []
    entities: list[list[Segment]] = []
    into = own
    for segment in segments:
        segment_id = segment.values[0]
        if segment_id == "NM1":
            into = [segment]
            entities.append(into)
        elif segment_id == "LE":
            into = own
        elif segment_id != "LS":
            into.append(segment)
    return own, entities


def _entity(segments: Sequence[Segment]) -> RelatedEntity:
    found, rest = gather(segments, _ENTITY)
    return RelatedEntity(
        party=found["NM1"],
        address=read_address(found.get("N3"), found.get("N4")),
        contacts=tuple(found.get("PER", ())),
        specialty=found.get("PRV"),
        other=rest,
    )


def _delivery(segment: Segment) -> Delivery:
    return Delivery(
        kind=_QUANTITIES[segment.at(1)],
        quantity=optional_decimal(segment, 2),
        frequency=segment.at(3),
        sample=segment.at(4),
        period=_PERIODS[segment.at(5)],
        periods=segment.at(6),
        pattern=segment.at(7),
        time=segment.at(8),
    )


def _place(segment: Segment) -> Place:
    return Place(segment.at(1), segment.at(2), segment.at(4))


def _message(segment: Segment) -> str:
    return segment.at(1)


# What the segments after an EB become, and those after an NM1 there.
_BENEFIT = {
    "HSD": Taken(_delivery, 8),
    "REF": REFERENCE,
    "DTP": PERIOD,
    "AAA": Taken(as_it_is, 4, gaps=(2,)),
    "MSG": Taken(_message, 1),
    "III": Taken(_place, 4, gaps=(3,)),
}
_ENTITY = {"NM1": PARTY, "N3": STREET, "N4": CITY, "PER": CONTACT, "PRV": SPECIALTY}
