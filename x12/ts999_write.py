"""Writing acknowledgments: 999 (005010X231A1) for a group, TA1 for an interchange."""

from collections.abc import Sequence

from x12.ts999 import (
    Context,
    ElementFault,
    GroupAcknowledgment,
    InterchangeAcknowledgment,
    SegmentFault,
    TransactionVerdict,
)
from x12.writing import Composer, Envelope, Parts, Value, write_bare, write_interchange

VERSION = "005010X231A1"


def write_999(acknowledgments: Sequence[GroupAcknowledgment], envelope: Envelope) -> bytes:
    """One interchange with a transaction set for each group acknowledged.

    Raises `X12Error` for a value X12 does not allow, such as a bad value to send back that holds a separator.
    """
    bodies = []
    for each in acknowledgments:
        out = Composer(envelope.separators)
        out.add("AK1", each.functional_id, each.control_number, each.version)
        for verdict in each.transactions:
            _verdict(out, verdict)
        out.add("AK9", each.status, each.included, each.received, each.accepted, *each.codes)
        bodies.append(out)
    return write_interchange(envelope, "FA", "999", VERSION, bodies)


def write_ta1(acknowledgments: Sequence[InterchangeAcknowledgment], envelope: Envelope) -> bytes:
    """One interchange that holds nothing but what became of others. Raises `X12Error`."""
    out = Composer(envelope.separators)
    for each in acknowledgments:
        day = f"{each.day:%y%m%d}" if each.day else None
        clock = f"{each.at:%H%M}" if each.at else None
        out.add("TA1", each.control_number, day, clock, each.status, each.note)
    return write_bare(envelope, out)


def _verdict(out: Composer, verdict: TransactionVerdict) -> None:
    out.add("AK2", verdict.set_id, verdict.control_number, verdict.version)
    for fault in verdict.faults:
        _segment(out, fault)
    out.add("IK5", verdict.status, *verdict.codes)


def _segment(out: Composer, fault: SegmentFault) -> None:
    out.add("IK3", fault.segment, fault.position, fault.loop, fault.code)
    _contexts(out, fault.contexts)
    for element in fault.elements:
        _element(out, element)
        _contexts(out, element.contexts)


def _element(out: Composer, fault: ElementFault) -> None:
    place = (_place(fault.element), _place(fault.component), _place(fault.repetition))
    out.add("IK4", Parts(place), fault.data_element, fault.code, fault.bad_value)


def _contexts(out: Composer, contexts: Sequence[Context]) -> None:
    for each in contexts:
        where: tuple[Value, ...] = (each.segment, _place(each.position), each.loop)
        out.add(
            "CTX", Parts((each.name, each.value)), *where, Parts(each.element.split(out.separators.component))
        )


def _place(number: int) -> int | None:
    return number or None
