"""Checks one transaction set against its shape; what is wrong becomes IK3 and IK4 of a 999.

Codes: 005010X231A1, IK304 (1 unrecognised, 2 unexpected, 3 missing, 4 loop too often, 5 segment too
often, 8 elements in error) and IK403 (1 missing, 3 too many elements, 4 short, 5 long, 6 bad character, 7
bad code, 8 bad date, 9 bad time).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sandbox.grammar import GRAMMARS
from sandbox.shape import ElementRule, Loop
from sandbox.x12 import Segment, TransactionSet


@dataclass(frozen=True)
class ElementError:
    """One IK4: position, component (0: none), X12 element number, code, and the bad text."""

    position: int
    component: int
    number: str
    code: str
    bad: str = ""


@dataclass(frozen=True)
class SegmentError:
    """One IK3 with its IK4s. `position` counts from ST = 1."""

    segment: str
    position: int
    loop: str
    code: str
    elements: tuple[ElementError, ...] = ()


@dataclass
class _Open:
    """A loop being read: where in it we stand and how often each thing was seen."""

    loop: Loop
    slot: int = 0
    seen: dict[tuple[int, int], int] = field(default_factory=dict)
    child: int = 0
    children: dict[int, int] = field(default_factory=dict)
    in_children: bool = False

    def missing_slots(self, upto: int) -> Iterator[str]:
        for number, place in enumerate(self.loop.slots[:upto]):
            for index, variant in enumerate(place.variants):
                if variant.required and not self.seen.get((number, index)):
                    yield place.id
                    self.seen[number, index] = 1

    def missing_loops(self, upto: int) -> Iterator[Loop]:
        for number, inner in enumerate(self.loop.loops[:upto]):
            if inner.required and not self.children.get(number):
                yield inner
                self.children[number] = 1


class _Walk:
    """Walks the segments of one set through the loops of its shape."""

    def __init__(self, loops: tuple[Loop, ...], names: frozenset[str]) -> None:
        self.names = names
        self.errors: list[SegmentError] = []
        root = _Open(Loop("", True, 1, (), loops))
        root.in_children = True
        self.stack = [root]

    def take(self, segment: Segment, position: int) -> str | None:
        """Place one segment; the loop it stands in, None when it has no place."""
        for depth in range(len(self.stack) - 1, -1, -1):
            open_loop = self.stack[depth]
            if self._in_slot(open_loop, segment, position, depth):
                return open_loop.loop.id
            if self._in_child(open_loop, segment, position, depth):
                return self.stack[-1].loop.id
        code = "2" if segment.id in self.names else "1"
        self.errors.append(SegmentError(segment.id, position, self.stack[-1].loop.id, code))
        return None

    def _in_slot(self, here: _Open, segment: Segment, position: int, depth: int) -> bool:
        if here.in_children:
            return False
        for number in range(here.slot, len(here.loop.slots)):
            index = here.loop.slots[number].variant(segment)
            if index is None or (number == 0 and here.seen):
                continue
            self._leave(depth + 1, position)
            self._report(here, here.missing_slots(number), position)
            count = here.seen.get((number, index), 0) + 1
            here.slot, here.seen[number, index] = number, count
            if count > here.loop.slots[number].variants[index].most:
                self.errors.append(SegmentError(segment.id, position, here.loop.id, "5"))
            return True
        return False

    def _in_child(self, here: _Open, segment: Segment, position: int, depth: int) -> bool:
        for number in range(here.child, len(here.loop.loops)):
            inner = here.loop.loops[number]
            if not inner.opens(segment):
                continue
            self._leave(depth + 1, position)
            self._report(here, here.missing_slots(len(here.loop.slots)), position)
            self._report_loops(here, number, position)
            here.in_children, here.child = True, number
            count = here.children[number] = here.children.get(number, 0) + 1
            if count > inner.most:
                self.errors.append(SegmentError(segment.id, position, inner.id, "4"))
            opened = _Open(inner)
            opened.seen[0, inner.slots[0].variant(segment) or 0] = 1
            self.stack.append(opened)
            return True
        return False

    def _leave(self, depth: int, position: int) -> None:
        """Close the loops from the innermost up to `depth`, reporting what they still lack."""
        while len(self.stack) > depth:
            closed = self.stack.pop()
            self._report(closed, closed.missing_slots(len(closed.loop.slots)), position)
            self._report_loops(closed, len(closed.loop.loops), position)

    def _report(self, where: _Open, missing: Iterator[str], position: int) -> None:
        self.errors.extend(SegmentError(name, position, where.loop.id, "3") for name in missing)

    def _report_loops(self, where: _Open, upto: int, position: int) -> None:
        for inner in where.missing_loops(upto):
            self.errors.append(SegmentError(inner.slots[0].id, position, inner.id, "3"))

    def finish(self, position: int) -> None:
        """Report what is missing at the end of the set."""
        self._leave(0, position)


def _names(loops: tuple[Loop, ...]) -> frozenset[str]:
    own = {place.id for inner in loops for place in inner.slots}
    return frozenset(own.union(*(_names(inner.loops) for inner in loops)))


_NAMES = {kind: _names(loops) for kind, (loops, _) in GRAMMARS.items()}


def _is_date(text: str) -> bool:
    try:
        datetime.strptime(text, "%Y%m%d")  # noqa: DTZ007  (a calendar day has no zone)
    except ValueError:
        return False
    return len(text) == 8


_FORMS = {
    "N": (re.compile(r"-?\d+"), "6"),
    "R": (re.compile(r"-?(\d+\.?\d*|\.\d+)"), "6"),
    "TM": (re.compile(r"([01]\d|2[0-3])[0-5]\d([0-5]\d)?\d{0,2}"), "9"),
}


def _value_code(rule: ElementRule, text: str) -> str:
    """The IK403 code for a value that is there, empty when it is in order."""
    length = len(text.replace(".", "").lstrip("-")) if rule.kind == "R" else len(text)
    if rule.kind == "DT" and not _is_date(text):
        return "8"
    form = _FORMS.get(rule.kind)
    if form and not form[0].fullmatch(text):
        return form[1]
    if rule.longest and not rule.shortest <= length <= rule.longest:
        return "4" if length < rule.shortest else "5"
    if rule.codes and text not in rule.codes:
        return "7"
    return ""


def _check(rule: ElementRule, text: str, position: int, component: int) -> ElementError | None:
    if not text:
        return ElementError(position, component, rule.number, "1") if rule.use == "R" else None
    if rule.use == "-":
        return ElementError(position, component, rule.number, "I10", text)
    code = _value_code(rule, text)
    return ElementError(position, component, rule.number, code, text) if code else None


def _element_errors(segment: Segment, rules: tuple[ElementRule, ...]) -> Iterator[ElementError]:
    for position, rule in enumerate(rules, start=1):
        text = segment[position]
        if not rule.parts or not text:
            found = _check(rule, text, position, 0)
            if found:
                yield found
            continue
        parts = text.split(segment.separators.component)
        for number, inner in enumerate(rule.parts, start=1):
            found = _check(inner, parts[number - 1] if number <= len(parts) else "", position, number)
            if found:
                yield found
        if len(parts) > len(rule.parts):
            yield ElementError(position, 0, rule.number, "13", text)
    if len(segment.elements) - 1 > len(rules):
        yield ElementError(len(rules) + 1, 0, "", "3", segment[len(rules) + 1])


# Elements that come together or not at all (X12 relational condition P).
_PAIRS = {"NM1": ((8, 9),), "PER": ((3, 4), (5, 6), (7, 8)), "DMG": ((1, 2),)}


def _pair_errors(segment: Segment, rules: tuple[ElementRule, ...]) -> Iterator[ElementError]:
    for one, other in _PAIRS.get(segment.id, ()):
        if bool(segment[one]) != bool(segment[other]):
            missing = other if segment[one] else one
            number = rules[missing - 1].number if missing <= len(rules) else ""
            yield ElementError(missing, 0, number, "2")


def _period_error(segment: Segment) -> ElementError | None:
    """DTP03 must be what DTP02 says: a day (D8) or two days in order (RD8)."""
    days = segment[3].split("-") if segment[2] == "RD8" else [segment[3]]
    wanted = 2 if segment[2] == "RD8" else 1
    good = len(days) == wanted and all(_is_date(day[:8]) for day in days) and days == sorted(days)
    return None if good else ElementError(3, 0, "1251", "8", segment[3])


def _segment_errors(
    segment: Segment, where: str, rules: Mapping[str, tuple[ElementRule, ...]]
) -> tuple[ElementError, ...]:
    known = rules.get(f"{where}/{segment.id}") or rules.get(segment.id)
    found = list(_element_errors(segment, known)) if known else []
    if not found:
        found += _pair_errors(segment, known or ())
    if segment.id == "DTP" and not found:
        period = _period_error(segment)
        found += [period] if period else []
    return tuple(found)


class _Levels:
    """HL01 counts 1, 2, 3...; HL02 names an earlier level. LX counts from 1 in each claim."""

    def __init__(self) -> None:
        self.hl = 0
        self.seen: set[str] = set()
        self.lx = 0

    def check(self, segment: Segment) -> ElementError | None:
        if segment.id == "CLM":
            self.lx = 0
        elif segment.id == "LX":
            self.lx += 1
            if segment[1] != str(self.lx):
                return ElementError(1, 0, "554", "7", segment[1])
        elif segment.id == "HL":
            self.hl += 1
            if segment[1] != str(self.hl):
                return ElementError(1, 0, "628", "7", segment[1])
            parent = segment[2]
            known = parent in self.seen
            self.seen.add(segment[1])
            if (segment[3] == "20") != (parent == "") or (parent and not known):
                return ElementError(2, 0, "734", "7", parent)
        return None


def check(transaction: TransactionSet) -> list[SegmentError]:
    """Everything wrong with the structure of one transaction set, in order of position."""
    kind = transaction.st[1]
    loops, rules = GRAMMARS[kind]
    walk, levels = _Walk(loops, _NAMES[kind]), _Levels()
    for position, segment in enumerate(transaction.segments, start=1):
        where = walk.take(segment, position)
        if where is None:
            continue
        errors = _segment_errors(segment, where, rules)
        level = levels.check(segment)
        if level and not any(error.position == level.position for error in errors):
            errors = (*errors, level)
        if errors:
            walk.errors.append(SegmentError(segment.id, position, where, "8", errors))
    walk.finish(len(transaction.segments))
    return sorted(walk.errors, key=lambda error: error.position)
