"""The eligibility answer, 271 (005010X279A1): typed benefits with nothing dropped.

Read in one pass instead of through a layout, because answers come by the thousand.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from x12.benefit_reader import read_benefit, read_rejection
from x12.benefits import ACTIVE, INACTIVE, Benefit, Rejection
from x12.envelopes import Transaction, transactions_of
from x12.parties import (
    PARTY_ELEMENTS,
    Address,
    Contact,
    Demographics,
    Party,
    Period,
    Reference,
    Rest,
    Specialty,
    Taken,
    concealed,
    first,
    leftovers,
    read_address,
    read_contact,
    read_demographics,
    read_party,
    read_period,
    read_reference,
    read_specialty,
)
from x12.tokenizer import Segment
from x12.ts270 import Trace

_TAKEN = {**PARTY_ELEMENTS, "TRN": Taken(4), "INS": Taken(4), "HI": Taken(12)}
_LETTERS = {"20": "A", "21": "B", "22": "C", "23": "D"}


class Coverage(StrEnum):
    """What the benefits say taken together."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    UNKNOWN = "unknown"


class AnswerTrace(NamedTuple):
    """A TRN of the answer: kind 2 echoes ours, kind 1 is the payer's own. `detail` is TRN04."""

    kind: str
    trace: Trace
    detail: str = ""


class Person(NamedTuple):
    """Someone an answer is about or comes from, with all that is said of them.

    `relationship` is INS02 (18 self, 01 spouse, 19 child), `changed` INS03 and INS04: the payer's data
    differ from what was asked. `other` are segments this reader does not know, element by element.
    """

    party: Party | None = None
    address: Address | None = None
    contacts: tuple[Contact, ...] = ()
    references: tuple[Reference, ...] = ()
    demographics: Demographics | None = None
    dates: tuple[Period, ...] = ()
    relationship: str = ""
    changed: tuple[str, ...] = ()
    specialty: Specialty | None = None
    diagnoses: tuple[tuple[str, ...], ...] = ()
    other: Rest = ()

    def __repr__(self) -> str:
        """Without what identifies or is unknown."""
        return concealed(self, "diagnoses", "other")


class EligibilityResponse(NamedTuple):
    """The answer about one person.

    `subscriber` is None when a payer or provider level rejection left nobody to speak of; `dependent` is
    the person meant when there is one. Rejections are those of every level above the person and of the
    person; those of a single benefit are with the benefit and here. `made` is the payer's own date and time of
    the answer (BHT04, BHT05), in a zone it does not tell.
    """

    reference: str
    payer: Person
    provider: Person
    subscriber: Person | None
    dependent: Person | None
    traces: tuple[AnswerTrace, ...]
    rejections: tuple[Rejection, ...]
    benefits: tuple[Benefit, ...]
    made: tuple[str, str] = ("", "")

    @property
    def coverage(self) -> Coverage:
        """Active when any benefit is, inactive when one says so and none is active."""
        said = {benefit.information for benefit in self.benefits}
        if said & ACTIVE:
            return Coverage.ACTIVE
        return Coverage.INACTIVE if said & INACTIVE else Coverage.UNKNOWN

    def echoes(self, asked: Trace) -> bool:
        """Whether this answers the question sent under a trace. Answers may come in any order."""
        return any(answer.kind == "2" and answer.trace == asked for answer in self.traces)


def read_271(data: bytes | str) -> tuple[EligibilityResponse, ...]:
    """Every answer in a file of 271s, one for each person spoken of. Raises `X12Error`."""
    return tuple(response for t in transactions_of(data, "271") for response in responses(t))


@dataclass(slots=True)
class _Level:
    """One HL with what stands in it."""

    code: str
    person: Person
    traces: tuple[AnswerTrace, ...]
    rejections: tuple[Rejection, ...]
    benefits: tuple[Benefit, ...]

    @property
    def is_asked(self) -> bool:
        """Whether something is said of this person that makes an answer, not only of those below."""
        return bool(self.benefits) or (self.code > "21" and bool(self.rejections))


_NOBODY = Person()


def responses(transaction: Transaction) -> Iterator[EligibilityResponse]:
    """Every answer of one 271, in order."""
    levels = [_read_level(head, groups) for head, *groups in _split(transaction.body)]
    header = next((segment for segment in transaction.body if segment.id == "BHT"), None)
    reference = header.at(3) if header else ""
    made = (header.at(4), header.at(5)) if header else ("", "")
    above: dict[str, _Level] = {}
    for place, level in enumerate(levels):
        above = {code: kept for code, kept in above.items() if code < level.code} | {level.code: level}
        below = levels[place + 1].code if place + 1 < len(levels) else ""
        if below > level.code and not level.is_asked:
            continue
        yield _response(reference, made, above)


def _response(reference: str, made: tuple[str, str], above: dict[str, _Level]) -> EligibilityResponse:
    """The answer about the lowest of the levels given, by HL03."""
    members = [level for code, level in above.items() if code > "21"]
    return EligibilityResponse(
        reference=reference,
        payer=above["20"].person if "20" in above else _NOBODY,
        provider=above["21"].person if "21" in above else _NOBODY,
        subscriber=above["22"].person if "22" in above else None,
        dependent=above["23"].person if "23" in above else None,
        traces=tuple(
            t for level in members for t in level.traces if level is members[-1] or not level.is_asked
        ),
        rejections=tuple(r for level in above.values() for r in level.rejections),
        benefits=members[-1].benefits if members else (),
        made=made,
    )


def _split(segments: Sequence[Segment]) -> list[list[list[Segment]]]:
    """Levels, each begun by its HL: what stands before the first benefit, then each benefit, begun by its EB."""
    levels: list[list[list[Segment]]] = []
    run: list[Segment] = []
    for segment in segments:
        segment_id = segment.values[0]
        if segment_id == "HL":
            run = [segment]
            levels.append([run])
        elif segment_id == "EB" and levels:
            run = [segment]
            levels[-1].append(run)
        else:
            run.append(segment)
    return levels


def _read_level(head: Sequence[Segment], groups: Sequence[Sequence[Segment]]) -> _Level:
    code = head[0].at(3)
    letter = _LETTERS.get(code, "")
    own, traces, person = _read_person(head[1:], letter)
    below = f"2110{letter}"
    benefits = tuple([read_benefit(group, below) for group in groups])
    rejections = tuple([rejection for benefit in benefits for rejection in benefit.rejections])
    return _Level(code, person, traces, own + rejections, benefits)


def _read_person(
    segments: Sequence[Segment], letter: str
) -> tuple[tuple[Rejection, ...], tuple[AnswerTrace, ...], Person]:
    """What stands in a level before its first benefit."""
    found: dict[str, list[Segment]] = {}
    rejections: list[Rejection] = []
    for segment in segments:
        segment_id = segment.values[0]
        if segment_id == "AAA":
            rejections.append(read_rejection(segment, f"{'2100' if 'NM1' in found else '2000'}{letter}"))
        elif segment_id in found:
            found[segment_id].append(segment)
        else:
            found[segment_id] = [segment]
    traces = tuple(AnswerTrace(s.at(1), Trace(s.at(2), s.at(3)), s.at(4)) for s in found.get("TRN", ()))
    return tuple(rejections), traces, _person(found)


def _person(found: Mapping[str, Sequence[Segment]]) -> Person:
    said: dict[str, Any] = {}
    for segment_id, (name, read) in _ALL.items():
        if segment_id in found:
            said[name] = tuple(map(read, found[segment_id]))
    for segment_id, (name, read) in _FIRST.items():
        if segment_id in found:
            said[name] = read(found[segment_id][0])
    if "N3" in found or "N4" in found:
        said["address"] = read_address(first(found, "N3"), first(found, "N4"))
    if "INS" in found:
        insured = found["INS"][0]
        said["relationship"] = insured.at(2)
        said["changed"] = tuple(filter(None, (insured.at(3), insured.at(4))))
    if "HI" in found:
        said["diagnoses"] = tuple(s.parts(n) for s in found["HI"] for n in range(1, len(s.values)))
    other = leftovers(found, _TAKEN)
    born = said.get("demographics")
    if born and born.birth_date is None and found["DMG"][0].at(2):
        other = (*other, found["DMG"][0].values)  # a date of birth that is none is kept as it stands
    return Person(**said, other=other)


# What the segments of a level become: each of them, and only the first.
_ALL: Mapping[str, tuple[str, Callable[[Segment], object]]] = {
    "PER": ("contacts", read_contact),
    "REF": ("references", read_reference),
    "DTP": ("dates", read_period),
}
_FIRST: Mapping[str, tuple[str, Callable[[Segment], object]]] = {
    "NM1": ("party", read_party),
    "DMG": ("demographics", read_demographics),
    "PRV": ("specialty", read_specialty),
}
