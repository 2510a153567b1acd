"""The words in which a transaction set's shape is written: slots, variants, loops, element rules."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.x12 import Segment

# Where the qualifier of a segment stands: element, and component when the element is a composite.
_QUALIFIER = {"HL": (3, 0), "HI": (1, 1), "LX": (0, 0)}


def qualifier(segment: Segment) -> str:
    """The code that tells one use of a segment from another, such as NM101 or DTP01."""
    element, component = _QUALIFIER.get(segment.id, (1, 0))
    return segment.part(element, component) if component else segment[element]


@dataclass(frozen=True)
class Variant:
    """One use of a segment: its qualifiers (none: any), whether required, how often it may stand."""

    codes: frozenset[str]
    required: bool
    most: int

    def takes(self, segment: Segment) -> bool:
        return not self.codes or qualifier(segment) in self.codes


@dataclass(frozen=True)
class Slot:
    """A place in a loop where segments of one identifier stand, in any order of their uses."""

    id: str
    variants: tuple[Variant, ...]

    def variant(self, segment: Segment) -> int | None:
        if segment.id != self.id:
            return None
        return next((n for n, variant in enumerate(self.variants) if variant.takes(segment)), None)


@dataclass(frozen=True)
class Loop:
    """A loop: the slots of its own (the first one opens it) and the loops inside it, in order."""

    id: str
    required: bool
    most: int
    slots: tuple[Slot, ...]
    loops: tuple[Loop, ...] = ()

    def opens(self, segment: Segment) -> bool:
        return self.slots[0].variant(segment) is not None


def slot(text: str) -> Slot:
    """A slot from text such as `REF R1:EI/SY S2:0B/1G` (R required, S situational, how often, qualifiers)."""
    name, *uses = text.split()
    return Slot(name, tuple(_variant(use) for use in uses))


def _variant(use: str) -> Variant:
    head, _, codes = use.partition(":")
    return Variant(frozenset(codes.split("/")) if codes else frozenset(), head[0] == "R", int(head[1:]))


def loop(name: str, use: str, slots: str, *loops: Loop) -> Loop:
    """A loop from its slots, parted by `;`. `use` is `R` or `S` and how often it may stand (0: any
    number).
    """
    parts = tuple(slot(part) for part in slots.split(";"))
    return Loop(name, use[0] == "R", int(use[1:]) or 10**9, parts, loops)


@dataclass(frozen=True)
class ElementRule:
    """What one element must be. `number` is the X12 data element number (IK402)."""

    number: str
    use: str
    kind: str = ""
    shortest: int = 0
    longest: int = 0
    codes: frozenset[str] = frozenset()
    parts: tuple[ElementRule, ...] = ()


def element(text: str) -> ElementRule:
    """An element rule from text such as `1032 R ID1-2 12/CI/BL`; a composite is `C023 R (1331 R
    AN1-2, ...)`.
    """
    number, use, *rest = text.split(maxsplit=2)
    body = rest[0] if rest else ""
    if body.startswith("("):
        return ElementRule(number, use, parts=tuple(element(part.strip()) for part in body[1:-1].split(",")))
    if not body:
        return ElementRule(number, use)
    kind, _, codes = body.partition(" ")
    low, high = kind.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ").split("-")
    letters = kind.rstrip("0123456789-")
    allowed = frozenset(codes.split("/")) if codes else frozenset()
    return ElementRule(number, use, letters, int(low), int(high), allowed)


def elements(*texts: str) -> tuple[ElementRule, ...]:
    """The element rules of one segment, in order."""
    return tuple(element(text) for text in texts)
