"""Reading an EB segment and those that belong to it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

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
from x12.parties import (
    PARTY_ELEMENTS,
    first,
    leftovers,
    optional_decimal,
    read_address,
    read_contact,
    read_party,
    read_period,
    read_reference,
    read_specialty,
    to_decimal,
)
from x12.tokenizer import BLANK, Segment

_EB_ELEMENTS = 14
_PAD = ("",) * _EB_ELEMENTS
# What a benefit, and an entity named by it, take from their segments.
_BENEFIT = {
    "HSD": range(1, 9),
    "REF": PARTY_ELEMENTS["REF"],
    "DTP": PARTY_ELEMENTS["DTP"],
    "AAA": (1, 3, 4),
    "MSG": (1,),
    "III": (1, 2, 4),
}
_ENTITY = {key: PARTY_ELEMENTS[key] for key in ("NM1", "N3", "N4", "PER", "PRV")}
_Code = TypeVar("_Code", bound=StrEnum)


def _by_code(codes: type[_Code]) -> Mapping[str, _Code]:
    return {str(member): member for member in codes}


_INFORMATION = _by_code(Information)
_LEVELS = _by_code(CoverageLevel)
_PERIODS = _by_code(TimePeriod)
_QUANTITIES = _by_code(QuantityKind)
_ANSWERS = _by_code(Answer)
_FOLLOW_UPS = _by_code(FollowUp)


def read_rejection(segment: Segment, loop: str) -> Rejection:
    """One AAA segment met in a loop ("2100C")."""
    follow_up = segment.at(4)
    return Rejection(loop, segment.at(3), _FOLLOW_UPS.get(follow_up, follow_up), segment.at(1) == "Y")


def read_benefit(segments: Sequence[Segment], loop: str) -> Benefit:
    """An EB segment and what follows it up to the next. Raises `X12Error` for an amount that is no number."""
    statement = _statement(segments[0])
    return statement if len(segments) == 1 else _with_more(statement, segments[1:], loop)


def _statement(head: Segment) -> Benefit:
    e = [value.strip(BLANK) for value in (head.values + _PAD)[1 : _EB_ELEMENTS + 1]]
    return Benefit(
        information=_INFORMATION.get(e[0], e[0]),
        level=_LEVELS.get(e[1], e[1]),
        service_types=head.repeats(3),
        insurance_type=e[3],
        plan=e[4],
        period=_PERIODS.get(e[5], e[5]),
        amount=_number(e[6], head, 7),
        percent=_number(e[7], head, 8),
        quantity_kind=_QUANTITIES.get(e[8], e[8]),
        quantity=_number(e[9], head, 10),
        authorization=_ANSWERS.get(e[10], e[10]),
        network=_ANSWERS.get(e[11], e[11]),
        procedure=head.parts(13) if e[12] else (),
        diagnosis_pointers=head.parts(14) if e[13] else (),
    )


def _with_more(statement: Benefit, segments: Sequence[Segment], loop: str) -> Benefit:
    found, entities = _sorted(segments)
    return replace(
        statement,
        messages=tuple(s.at(1) for s in found.get("MSG", ())),
        deliveries=tuple(map(_delivery, found.get("HSD", ()))),
        references=tuple(map(read_reference, found.get("REF", ()))),
        dates=tuple(map(read_period, found.get("DTP", ()))),
        places=tuple(Place(s.at(1), s.at(2), s.at(4)) for s in found.get("III", ())),
        rejections=tuple(read_rejection(s, loop) for s in found.get("AAA", ())),
        entities=entities,
        other=leftovers((s for rest in found.values() for s in rest), _BENEFIT),
    )


def _number(text: str, segment: Segment, element: int) -> Decimal | None:
    return to_decimal(text, segment, element) if text else None


def _sorted(segments: Sequence[Segment]) -> tuple[dict[str, list[Segment]], tuple[RelatedEntity, ...]]:
    """Segments by id, and the entities: an NM1 takes what follows it, up to the next NM1 or LE."""
    found: dict[str, list[Segment]] = {}
    groups: list[dict[str, list[Segment]]] = []
    into = found
    for segment in segments:
        if segment.id == "NM1":
            into = {}
            groups.append(into)
        elif segment.id == "LE":
            into = found
            continue
        elif segment.id == "LS":
            continue
        into.setdefault(segment.id, []).append(segment)
    return found, tuple(map(_entity, groups))


def _entity(group: dict[str, list[Segment]]) -> RelatedEntity:
    return RelatedEntity(
        party=read_party(group["NM1"][0]),
        address=read_address(first(group, "N3"), first(group, "N4")),
        contacts=tuple(map(read_contact, group.get("PER", ()))),
        specialty=read_specialty(first(group, "PRV")),
        other=leftovers((s for rest in group.values() for s in rest), _ENTITY),
    )


def _delivery(segment: Segment) -> Delivery:
    kind, period = segment.at(1), segment.at(5)
    return Delivery(
        kind=_QUANTITIES.get(kind, kind),
        quantity=optional_decimal(segment, 2),
        frequency=segment.at(3),
        sample=segment.at(4),
        period=_PERIODS.get(period, period),
        periods=segment.at(6),
        pattern=segment.at(7),
        time=segment.at(8),
    )
