"""X12 text in and out: separators, segments, the envelope tree. Written for the sandbox alone.

Structure: ASC X12 interchange control (ISA/IEA), functional groups (GS/GE), transaction sets (ST/SE),
version 005010.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache

ISA_LENGTH = 106
Value = str | tuple[str, ...] | list[str]
"""An element to write: text, a composite (tuple), or repetitions (list)."""
Row = tuple[Value, ...]
"""A segment to write: its identifier, then its elements."""


def decoded(body: bytes) -> str:
    """X12 as text: UTF-8, else Latin-1, which every byte has a place in."""
    try:
        return body.decode()
    except UnicodeDecodeError:
        return body.decode("latin-1")


class Unreadable(Exception):
    """The text does not begin with a complete ISA segment, so no separators are known."""


@dataclass(frozen=True)
class Separators:
    """The four delimiters an interchange declares in its ISA segment."""

    element: str = "*"
    component: str = ":"
    repetition: str = "^"
    segment: str = "~"


@dataclass(frozen=True)
class Segment:
    """One segment as read; `segment[0]` is its identifier, missing elements read as empty text."""

    elements: tuple[str, ...]
    separators: Separators

    def __getitem__(self, position: int) -> str:
        return self.elements[position] if position < len(self.elements) else ""

    @property
    def id(self) -> str:
        return self.elements[0]

    def part(self, position: int, component: int) -> str:
        """Component `component` (from 1) of a composite element."""
        parts = self[position].split(self.separators.component)
        return parts[component - 1] if component <= len(parts) else ""

    def repeats(self, position: int) -> list[str]:
        """The repetitions of an element, without empty ones."""
        return [value for value in self[position].split(self.separators.repetition) if value]


@dataclass
class TransactionSet:
    """ST to SE. `segments` holds ST first and, when it was there, SE last."""

    segments: list[Segment]
    closed: bool = False

    @property
    def st(self) -> Segment:
        return self.segments[0]

    @property
    def se(self) -> Segment | None:
        return self.segments[-1] if self.closed else None


@dataclass
class Group:
    """GS to GE."""

    gs: Segment
    sets: list[TransactionSet] = field(default_factory=list)
    ge: Segment | None = None


@dataclass
class Interchange:
    """ISA to IEA. `strays` are segments that stand outside any set."""

    isa: Segment
    groups: list[Group] = field(default_factory=list)
    iea: Segment | None = None
    strays: list[Segment] = field(default_factory=list)


def separators_of(text: str) -> Separators:
    """Read the separators from the fixed-width ISA segment at the start of `text`."""
    if not text.startswith("ISA") or len(text) < ISA_LENGTH:
        raise Unreadable
    found = Separators(text[3], text[104], text[82], text[105])
    if text[:105].count(found.element) != 16 or found.segment.isalnum():
        raise Unreadable
    return found


def tokens(text: str) -> list[Segment]:
    """Cut an interchange into segments; a byte order mark and line ends between segments are skipped."""
    text = text.lstrip("\ufeff \r\n\t")
    separators = separators_of(text)
    pieces = (piece.strip("\r\n\t ") for piece in text.split(separators.segment))
    return [Segment(tuple(piece.split(separators.element)), separators) for piece in pieces if piece]


def read(text: str) -> Interchange:
    """Read the envelope tree, as far as it goes; the checks say what is wrong with it."""
    segments = tokens(text)
    tree = Interchange(segments[0])
    group: Group | None = None
    current: TransactionSet | None = None
    for segment in segments[1:]:
        if tree.iea is not None:
            tree.strays.append(segment)
        elif segment.id == "IEA":
            tree.iea, group, current = segment, None, None
        elif segment.id == "GS":
            group, current = Group(segment), None
            tree.groups.append(group)
        elif group is None:
            tree.strays.append(segment)
        elif segment.id == "GE":
            group.ge, group, current = segment, None, None
        elif segment.id == "ST":
            current = TransactionSet([segment])
            group.sets.append(current)
        elif current is None:
            tree.strays.append(segment)
        else:
            current.segments.append(segment)
            if segment.id == "SE":
                current.closed, current = True, None
    return tree


@lru_cache
def _blanks(separators: Separators) -> dict[int, str]:
    taken = {separators.element, separators.component, separators.repetition, separators.segment}
    return str.maketrans(dict.fromkeys(taken | {chr(code) for code in range(32)}, " "))


def _clean(value: str, separators: Separators) -> str:
    return value.translate(_blanks(separators))


def _element(value: Value, separators: Separators) -> str:
    if isinstance(value, str):
        return _clean(value, separators)
    joint = separators.component if isinstance(value, tuple) else separators.repetition
    return joint.join(_clean(part, separators) for part in value).rstrip(joint)


def _segment(row: Row, separators: Separators) -> str:
    text = separators.element.join(_element(value, separators) for value in row)
    return text.rstrip(separators.element) + separators.segment


@dataclass(frozen=True)
class Envelope:
    """Who a reply goes from and to, its control numbers and its clothes."""

    sender: tuple[str, str]
    receiver: tuple[str, str]
    control: int
    at: datetime
    usage: str = "T"
    separators: Separators = field(default_factory=Separators)
    bom_and_crlf: bool = False

    def numbered(self, control: int) -> Envelope:
        """The same envelope with another interchange control number."""
        return replace(self, control=control)


def answering(isa: Segment, control: int, at: datetime) -> Envelope:
    """The envelope of an answer to the interchange headed by `isa`."""
    usage = isa[15] if isa[15] in {"T", "P"} else "T"
    return Envelope((isa[7], isa[8]), (isa[5], isa[6]), control, at, usage)


def _isa(envelope: Envelope) -> str:
    """The ISA segment; its elements have fixed widths and ISA11 and ISA16 are separators themselves."""
    sep = envelope.separators
    (from_kind, from_id), (to_kind, to_id) = envelope.sender, envelope.receiver
    fields = [
        "ISA",
        "00",
        " " * 10,
        "00",
        " " * 10,
        _clean(from_kind, sep).strip().rjust(2, "Z")[:2],
        _clean(from_id, sep).strip().ljust(15)[:15],
        _clean(to_kind, sep).strip().rjust(2, "Z")[:2],
        _clean(to_id, sep).strip().ljust(15)[:15],
        f"{envelope.at:%y%m%d}",
        f"{envelope.at:%H%M}",
        sep.repetition,
        "00501",
        f"{envelope.control:09d}",
        "0",
        envelope.usage,
        sep.component,
    ]
    return sep.element.join(fields) + sep.segment


def _dress(envelope: Envelope, segments: Sequence[str]) -> str:
    if envelope.bom_and_crlf:
        return "\ufeff" + "".join(f"{segment}\r\n" for segment in segments)
    return "".join(f"{segment}\n" for segment in segments)


def write(envelope: Envelope, function: str, version: str, sets: Sequence[Sequence[Row]]) -> str:
    """One interchange with one group. Each set begins with its ST row; SE and its count are added here."""
    sep = envelope.separators
    out = [_isa(envelope)]
    from_id, to_id = envelope.sender[1].strip(), envelope.receiver[1].strip()
    day, minute, group = f"{envelope.at:%Y%m%d}", f"{envelope.at:%H%M}", str(envelope.control)
    out.append(_segment(("GS", function, from_id, to_id, day, minute, group, "X", version), sep))
    for rows in sets:
        out.extend(_segment(row, sep) for row in rows)
        out.append(_segment(("SE", str(len(rows) + 1), rows[0][2]), sep))
    out.append(_segment(("GE", str(len(sets)), group), sep))
    out.append(_segment(("IEA", "1", f"{envelope.control:09d}"), sep))
    return _dress(envelope, out)


def write_bare(envelope: Envelope, rows: Sequence[Row]) -> str:
    """An interchange without groups, as a TA1 travels."""
    sep = envelope.separators
    body = [_segment(row, sep) for row in rows]
    return _dress(envelope, [_isa(envelope), *body, _segment(("IEA", "0", f"{envelope.control:09d}"), sep)])
