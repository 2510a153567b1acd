"""Acknowledgments of structure: 999 (005010X231A1) for groups and transaction sets, TA1 for interchanges."""

from dataclasses import dataclass, field
from datetime import date, time

from x12.elements import parse_day
from x12.envelopes import Transaction, open_interchanges, transactions_of
from x12.errors import X12Error
from x12.layouts import layout_of
from x12.loops import Loop, read_loops
from x12.parties import whole_at
from x12.tokenizer import Segment


@dataclass(frozen=True, slots=True)
class Context:
    """Where a fault lies (CTX): a name such as "CLM01" with the business id beside it, or a situation in
    the file."""

    name: str
    value: str = field(repr=False)
    segment: str = ""
    position: int = 0
    loop: str = ""
    element: str = ""


@dataclass(frozen=True, slots=True)
class ElementFault:
    """One element at fault (IK4).

    `code` is X12 element 621; `bad_value` is what stood there, if it was sent back.
    """

    element: int
    component: int
    repetition: int
    data_element: str
    code: str
    bad_value: str = field(repr=False)
    contexts: tuple[Context, ...] = ()


@dataclass(frozen=True, slots=True)
class SegmentFault:
    """One segment at fault (IK3). `position` counts from ST as 1; `code` is X12 element 620."""

    segment: str
    position: int
    loop: str
    code: str
    contexts: tuple[Context, ...]
    elements: tuple[ElementFault, ...]


@dataclass(frozen=True, slots=True)
class TransactionVerdict:
    """What became of one transaction set (AK2, IK5).

    `status` is A, E (accepted with errors), R, M, W or X.
    """

    set_id: str
    control_number: str
    version: str
    status: str
    codes: tuple[str, ...]
    faults: tuple[SegmentFault, ...]

    @property
    def accepted(self) -> bool:
        """Whether the receiver goes on with it."""
        return self.status in ("A", "E")


@dataclass(frozen=True, slots=True)
class GroupAcknowledgment:
    """One 999: what became of one of our groups.

    `control_number` is our GS06. `status` is AK901: A, E, P (some accepted), R, M, W or X.
    """

    functional_id: str
    control_number: str
    version: str
    transactions: tuple[TransactionVerdict, ...]
    status: str
    included: int
    received: int
    accepted: int
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InterchangeAcknowledgment:
    """One TA1. `control_number` is our ISA13, `status` A, E or R, `note` the reason ("025" duplicate)."""

    control_number: str
    day: date | None
    at: time | None
    status: str
    note: str


def read_999(data: bytes | str) -> tuple[GroupAcknowledgment, ...]:
    """Every 999 of a file. Raises `X12Error`."""
    return tuple(map(group_acknowledgment, transactions_of(data, "999")))


def read_ta1(data: bytes | str) -> tuple[InterchangeAcknowledgment, ...]:
    """Every TA1 of a file, none if it holds none. Raises `X12Error`."""
    return tuple(
        interchange_acknowledgment(segment) for i in open_interchanges(data) for segment in i.acknowledgments
    )


def interchange_acknowledgment(segment: Segment) -> InterchangeAcknowledgment:
    """One TA1 segment."""
    clock = segment.at(3)
    digits = len(clock) == 4 and clock.isascii() and clock.isdigit()
    hours, minutes = (int(clock[:2]), int(clock[2:])) if digits else (24, 0)
    return InterchangeAcknowledgment(
        control_number=segment.at(1),
        day=parse_day("20" + segment.at(2)),
        at=time(hours, minutes) if hours < 24 and minutes < 60 else None,
        status=segment.at(4),
        note=segment.at(5),
    )


def group_acknowledgment(transaction: Transaction) -> GroupAcknowledgment:
    """One 999. Raises `X12Error` when AK1 or AK9 is missing."""
    root, findings = read_loops(layout_of(transaction), transaction.body)
    head, end = root.first("AK1"), root.first("AK9")
    if head is None or end is None:
        raise X12Error(*(f for f in findings if f.code == "segment_missing"))
    return GroupAcknowledgment(
        functional_id=head.at(1),
        control_number=head.at(2),
        version=head.at(3),
        transactions=tuple(map(_verdict, root.inner("2000"))),
        status=end.at(1),
        included=whole_at(end, 2),
        received=whole_at(end, 3),
        accepted=whole_at(end, 4),
        codes=_codes(end, 5),
    )


def _codes(segment: Segment, first: int) -> tuple[str, ...]:
    return tuple(filter(None, (segment.at(n) for n in range(first, first + 5))))


def _verdict(loop: Loop) -> TransactionVerdict:
    about, end = loop.segments[0], loop.first("IK5")
    return TransactionVerdict(
        set_id=about.at(1),
        control_number=about.at(2),
        version=about.at(3),
        status=end.at(1) if end else "",
        codes=_codes(end, 2) if end else (),
        faults=tuple(map(_segment_fault, loop.inner("2100"))),
    )


def _segment_fault(loop: Loop) -> SegmentFault:
    about = loop.segments[0]
    return SegmentFault(
        segment=about.at(1),
        position=whole_at(about, 2),
        loop=about.at(3),
        code=about.at(4),
        contexts=tuple(map(_context, loop.every("CTX"))),
        elements=tuple(map(_element_fault, loop.inner("2110"))),
    )


def _element_fault(loop: Loop) -> ElementFault:
    about = loop.segments[0]
    places = [*map(_place, about.parts(1)), 0, 0, 0]
    return ElementFault(
        element=places[0],
        component=places[1],
        repetition=places[2],
        data_element=about.at(2),
        code=about.at(3),
        bad_value=about.at(4),
        contexts=tuple(map(_context, loop.every("CTX"))),
    )


def _place(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0


def _context(segment: Segment) -> Context:
    return Context(
        name=segment.part(1, 1),
        value=segment.part(1, 2),
        segment=segment.at(2),
        position=whole_at(segment, 3),
        loop=segment.at(4),
        element=segment.at(5),
    )
