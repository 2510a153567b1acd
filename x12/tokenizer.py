"""Bytes to segments and back.

Separators come from the ISA segment of each interchange. Byte-order marks, line ends, indentation and blank
space around segments are tolerated and kept, so that `tokenize(data).write() == data`. Truncated data is
refused.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from x12.errors import fault

ISA_ELEMENTS = 16
BLANK = " \t\r\n"
_BOM = "\ufeff"
_SEGMENT_ID = re.compile(r"[A-Z][A-Z0-9]{1,2}")


class Separators(NamedTuple):
    """The four characters that structure an interchange. `repetition` is "" before version 00402."""

    element: str = "*"
    component: str = ":"
    segment: str = "~"
    repetition: str = "^"

    def found_in(self, value: str) -> bool:
        """Whether a value would break the structure."""
        return any(mark in value for mark in self if mark)


DEFAULT_SEPARATORS = Separators()


class Segment(NamedTuple):
    """One segment: `values[0]` is its id, `values[1]` the first element.

    `written` is how it stands in the file, with the space before it and without its terminator.
    """

    values: tuple[str, ...]
    separators: Separators
    written: str
    position: int

    @property
    def id(self) -> str:
        """The segment id, such as "NM1"."""
        return self.values[0]

    def at(self, element: int) -> str:
        """The element at a position counted from 1, without blanks around it; "" when absent."""
        values = self.values
        return values[element].strip(BLANK) if element < len(values) else ""

    def parts(self, element: int) -> tuple[str, ...]:
        """The components of a composite element; empty when the element is."""
        value = self.at(element)
        return tuple(value.split(self.separators.component)) if value else ()

    def part(self, element: int, component: int) -> str:
        """One component, counted from 1, of an element; "" when absent."""
        parts = self.parts(element)
        return parts[component - 1].strip(BLANK) if component <= len(parts) else ""

    def repeats(self, element: int) -> tuple[str, ...]:
        """The repetitions of an element; empty when the element is."""
        value = self.at(element)
        if not value:
            return ()
        mark = self.separators.repetition
        return tuple(value.split(mark)) if mark else (value,)


# Makes a named tuple without the call of Python that its own constructor costs: segments come by the million.
_new = tuple.__new__


@dataclass(frozen=True, slots=True)
class Document:
    """All segments of a file, in order, with what stands around them."""

    segments: tuple[Segment, ...]
    encoding: str = "utf-8"
    byte_order_mark: bool = False
    tail: str = ""

    def write(self) -> bytes:
        """The file, byte for byte as it was read."""
        head = _BOM if self.byte_order_mark else ""
        body = "".join(segment.written + segment.separators.segment for segment in self.segments)
        return (head + body + self.tail).encode(self.encoding)


def tokenize(data: bytes | str) -> Document:
    """Split a file of one or more interchanges into segments.

    Bytes are UTF-8, or Latin-1 where they are not. Raises `X12Error` for data that is no X12, is cut short,
    or whose separators cannot be told apart.
    """
    text, encoding = _decode(data)
    marked = text.startswith(_BOM)
    start = 1 if marked else 0
    segments: list[Segment] = []
    while True:
        lead = _blank_end(text, start)
        if lead == len(text):
            break
        start = _interchange(text, start, lead, segments)
    if not segments:
        raise fault("empty_file", "", "", "the file is empty")
    return Document(tuple(segments), encoding, marked, text[start:])


def _decode(data: bytes | str) -> tuple[str, str]:
    if isinstance(data, str):
        try:
            data.encode("utf-8")
        except UnicodeEncodeError:
            raise fault("bad_character", "", "", "the text holds characters that no file can hold") from None
        return data, "utf-8"
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return data.decode("latin-1"), "latin-1"


def _blank_end(text: str, start: int) -> int:
    end = start
    while end < len(text) and text[end] in BLANK:
        end += 1
    return end


def _interchange(text: str, start: int, isa: int, segments: list[Segment]) -> int:
    """Append the segments of the interchange whose ISA stands at `isa`; returns where it ends."""
    separators = _separators(text, isa, len(segments) + 1)
    end = _end(text, isa, separators)
    if end < 0:
        raise fault("truncated", "IEA", "", "the interchange is cut short: its IEA is missing or not ended")
    element = separators.element
    for position, written in enumerate(text[start:end].split(separators.segment), len(segments) + 1):
        values = written.split(element)
        values[0] = segment_id = _segment_id(values[0])
        if not segment_id:
            raise fault("bad_segment_id", "", "", "a segment does not begin with a segment id", position)
        segments.append(_new(Segment, (tuple(values), separators, written, position)))
    return end + len(separators.segment)


# The same few begin every segment.
@lru_cache(maxsize=1024)
def _segment_id(begin: str) -> str:
    """What a segment begins with, less the space before it; "" where that is no segment id."""
    found = begin.lstrip(BLANK)
    return found if _SEGMENT_ID.fullmatch(found) else ""


def _end(text: str, isa: int, separators: Separators) -> int:
    """Where the IEA of an interchange ends, at its terminator; -1 when it has none."""
    mark = f"IEA{separators.element}"
    at = text.find(mark, isa)
    while at >= 0:
        before = at - 1
        while text[before] != separators.segment and text[before] in BLANK:
            before -= 1
        if text[before] == separators.segment:
            return text.find(separators.segment, at + len(mark))
        at = text.find(mark, at + 1)
    return -1


def _separators(text: str, isa: int, position: int) -> Separators:
    """Read the separators off the ISA segment: the fourth character, ISA11, ISA16 and what follows it."""
    if not text.startswith("ISA", isa):
        raise fault("not_x12", "ISA", "", "an interchange must begin with an ISA segment", position)
    element = text[isa + 3 : isa + 4]
    values = text[isa : isa + 200].split(element, ISA_ELEMENTS) if element else []
    last = values[ISA_ELEMENTS] if len(values) > ISA_ELEMENTS else ""
    if len(last) < 2:
        raise fault("truncated", "ISA", "", "the ISA segment is cut short", position)
    # Up to version 00401 ISA11 named a standards body ("U"); later it is the repetition separator.
    repetition = values[11] if len(values[11]) == 1 and not values[11].isalnum() else ""
    found = Separators(element, last[0], last[1], repetition)
    if not _can_be_told_apart(found):
        message = "the separators of the ISA segment cannot be told apart"
        raise fault("bad_separators", "ISA", "", message, position)
    return found


@lru_cache(maxsize=64)
def _can_be_told_apart(found: Separators) -> bool:
    marks = [mark for mark in found if mark]
    return len(set(marks)) == len(marks) and not any(mark.isalnum() or mark == " " for mark in marks)
