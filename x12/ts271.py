"""The eligibility answer, 271 (005010X279A1): typed benefits with nothing dropped.

Read in one pass instead of through a layout, because answers come by the thousand.
"""

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from itertools import chain, zip_longest
from typing import Any, NamedTuple

from x12.benefit_reader import read_benefit, read_rejection
from x12.benefits import ACTIVE, INACTIVE, Benefit, Rejection
from x12.envelopes import Transaction, transactions_of
from x12.gathering import (
    CITY,
    CONTACT,
    DEMOGRAPHICS,
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
from x12.parties import (
    Address,
    Contact,
    Demographics,
    Party,
    Period,
    Reference,
    Rest,
    Specialty,
    concealed,
    read_address,
)
from x12.tokenizer import Segment
from x12.ts270 import Trace

_LETTERS = {"20": "A", "21": "B", "22": "C", "23": "D"}
_ABOVE_MEMBERS = ("20", "21")


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


class _Level(NamedTuple):
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
    above: list[_Level] = []
    for level, below in zip_longest(levels, levels[1:]):
        while above and above[-1].code >= level.code:
            above.pop()
        above.append(level)
        if level.is_asked or below is None or below.code <= level.code:
            yield _response(reference, made, above)


def _response(reference: str, made: tuple[str, str], above: Sequence[_Level]) -> EligibilityResponse:
    """The answer about the last of the levels given, each of which stands below the one before."""
    people = {level.code: level.person for level in above}
    members = [level for level in above if level.code > "21"]
    asked = [level for level in members if level is above[-1] or not level.is_asked]
    return EligibilityResponse(
        reference=reference,
        payer=people.get("20", _NOBODY),
        provider=people.get("21", _NOBODY),
        subscriber=people.get("22"),
        dependent=people.get("23"),
        traces=tuple([trace for level in asked for trace in level.traces]),
        rejections=tuple([rejection for level in above for rejection in level.rejections]),
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


# Payers and providers are the same in answer after answer.
_known: Known[_Level] = Known()


def _read_level(head: Sequence[Segment], groups: Sequence[Sequence[Segment]]) -> _Level:
    code = head[0].at(3)
    if groups or code not in _ABOVE_MEMBERS:
        return _level(code, head, groups)
    key = code, head[0].separators, *[segment.written for segment in head[1:]]
    return _known.get(key) or _known.keep(key, _level(code, head, groups))


def _level(code: str, head: Sequence[Segment], groups: Sequence[Sequence[Segment]]) -> _Level:
    letter = _LETTERS.get(code, "")
    below = f"2110{letter}"
    found, rest = gather(head[1:], _PERSON)
    own = tuple(_rejections(head, letter)) if "AAA" in found else ()
    benefits = tuple([read_benefit(group, below) for group in groups])
    theirs = tuple([rejection for benefit in benefits for rejection in benefit.rejections])
    return _Level(code, _person(head, found, rest), tuple(found.get("TRN", ())), own + theirs, benefits)


def _rejections(head: Sequence[Segment], letter: str) -> Iterator[Rejection]:
    """Those of a level before its first benefit: of the level itself, then of who is named in it."""
    loop = "2000"
    for segment in head:
        if segment.id == "NM1":
            loop = "2100"
        elif segment.id == "AAA":
            yield read_rejection(segment, loop + letter)


def _person(head: Sequence[Segment], found: Mapping[str, Any], rest: Rest) -> Person:
    """Who a level is about, from what was gathered of it."""
    born: Demographics | None = found.get("DMG")
    if born and born.birth_date is None:
        # A date of birth that is none is kept as it stands.
        said = next(segment for segment in head if segment.id == "DMG")
        rest = (*rest, said.values) if said.at(2) else rest
    relationship, changed = found.get("INS", _UNRELATED)
    # By position, because names cost as much again.
    return Person(
        found.get("NM1"),
        read_address(found.get("N3"), found.get("N4")),
        tuple(found.get("PER", ())),
        tuple(found.get("REF", ())),
        born,
        tuple(found.get("DTP", ())),
        relationship,
        changed,
        found.get("PRV"),
        tuple(chain.from_iterable(found.get("HI", ()))),
        rest,
    )


def _trace(segment: Segment) -> AnswerTrace:
    return AnswerTrace(segment.at(1), Trace(segment.at(2), segment.at(3)), segment.at(4))


def _insured(segment: Segment) -> tuple[str, tuple[str, ...]]:
    return segment.at(2), tuple(filter(None, (segment.at(3), segment.at(4))))


_UNRELATED: tuple[str, tuple[str, ...]] = ("", ())


def _diagnoses(segment: Segment) -> tuple[tuple[str, ...], ...]:
    return tuple(segment.parts(element) for element in range(1, len(segment.values)))


# What the segments of a level become.
_PERSON = {
    "TRN": Taken(_trace, 4),
    "AAA": Taken(as_it_is, 4, gaps=(2,)),
    "NM1": PARTY,
    "REF": REFERENCE,
    "N3": STREET,
    "N4": CITY,
    "PER": CONTACT,
    "PRV": SPECIALTY,
    "DMG": DEMOGRAPHICS,
    "INS": Taken(_insured, 4, once=True),
    "HI": Taken(_diagnoses, 12),
    "DTP": PERIOD,
}
