"""Segments that belong together become values in one pass, with nothing dropped."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from x12.parties import (
    Rest,
    read_contact,
    read_demographics,
    read_party,
    read_period,
    read_reference,
    read_specialty,
)
from x12.tokenizer import BLANK, Segment


class Taken(NamedTuple):
    """What a segment becomes, and which of its elements go into it: all up to `last` but those in `gaps`.

    Constants of the guides count as taken. `once`: only the first of its kind is taken.
    """

    read: Callable[[Segment], object]
    last: int
    gaps: tuple[int, ...] = ()
    once: bool = False


def as_it_is(segment: Segment) -> Segment:
    """The segment itself, for a value that is made of several."""
    return segment


PARTY = Taken(read_party, 9, gaps=(6,), once=True)
STREET = Taken(as_it_is, 2, once=True)
CITY = Taken(as_it_is, 4, once=True)
CONTACT = Taken(read_contact, 8)
REFERENCE = Taken(read_reference, 3)
PERIOD = Taken(read_period, 3)
DEMOGRAPHICS = Taken(read_demographics, 3, once=True)
SPECIALTY = Taken(read_specialty, 3, once=True)


def gather(segments: Iterable[Segment], table: Mapping[str, Taken]) -> tuple[dict[str, Any], Rest]:
    """What a table makes of segments, by their ids: a value where only one is taken, else a list.

    Beside it, whole, every segment that says more than that, in the order of the file.
    """
    found: dict[str, Any] = {}
    rest: list[tuple[str, ...]] = []
    for segment in segments:
        values = segment.values
        segment_id = values[0]
        taken = table.get(segment_id)
        if taken is None:
            rest.append(values)
            continue
        read, last, gaps, once = taken
        if segment_id not in found:
            value = read(segment)
            found[segment_id] = value if once else [value]
        elif once:
            rest.append(values)
            continue
        else:
            found[segment_id].append(read(segment))
        beyond = values[last + 1 :]
        for gap in gaps:
            beyond += values[gap : gap + 1]
        if beyond and "".join(beyond).strip(BLANK):
            rest.append(values)
    return found, tuple(rest)
