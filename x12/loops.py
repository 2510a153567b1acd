"""Loops: the tree that a transaction set is, read by a layout.

A layout is written like the table of an implementation guide, one loop a line, children indented:

    2100A NM1[01=PR]! PER* AAA*

names the loop, the segment that begins it (with codes an element must hold), then its segments in order. "!"
marks what must be there, "*" what may repeat. A line that begins with "-" goes on with the enclosing loop
after its children; "@name" puts in a fragment used in several places.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from x12.errors import Finding
from x12.tokenizer import Segment

_TOKEN = re.compile(r"([A-Z][A-Z0-9]{1,2})(?:\[(\d\d)=([A-Z0-9,]+)\])?([!*]*)")


@dataclass(frozen=True, slots=True)
class SegmentRule:
    """Which segment may stand at a place, and how often."""

    id: str
    element: int
    codes: frozenset[str]
    mandatory: bool
    repeats: bool

    def fits(self, segment: Segment) -> bool:
        """Whether a segment is the one meant."""
        return segment.id == self.id and (not self.codes or segment.at(self.element) in self.codes)


@dataclass(frozen=True, slots=True)
class LoopRule:
    """A loop: the segment that begins it, and in order its segments and inner loops."""

    name: str
    start: SegmentRule | None
    items: tuple["SegmentRule | LoopRule", ...]


@dataclass(slots=True)
class Loop:
    """One loop as found in a file: its own segments, the first of which began it, and its inner loops."""

    name: str
    segments: list[Segment] = field(default_factory=list)
    loops: list["Loop"] = field(default_factory=list)

    def first(self, segment_id: str, **codes: str) -> Segment | None:
        """The first segment with this id, or None; `e01="PR"` asks for a code in an element."""
        return next(self.every(segment_id, **codes), None)

    def every(self, segment_id: str, **codes: str) -> Iterator[Segment]:
        """All own segments with this id, in order."""
        for segment in self.segments:
            if segment.id == segment_id and all(segment.at(int(e[1:])) == c for e, c in codes.items()):
                yield segment

    def inner(self, *names: str) -> Iterator["Loop"]:
        """The direct inner loops with one of these names, in order."""
        return (loop for loop in self.loops if loop.name in names)

    def deep(self, *names: str) -> Iterator["Loop"]:
        """All loops below with one of these names, in the order of the file."""
        for loop in self.loops:
            if loop.name in names:
                yield loop
            yield from loop.deep(*names)

    def all_segments(self) -> Iterator[Segment]:
        """Own segments and those of all inner loops."""
        yield from self.segments
        for loop in self.loops:
            yield from loop.all_segments()


def layout(name: str, text: str, fragments: Mapping[str, str] | None = None) -> LoopRule:
    """Compile a layout. Raises `ValueError` when it is not well written."""
    lines = [line for line in _expand(text, fragments or {}) if line.strip()]
    return LoopRule(name, None, tuple(_items(lines, 0, len(lines), -1)))


def _expand(text: str, fragments: Mapping[str, str]) -> Iterator[str]:
    for line in text.splitlines():
        body = line.strip()
        if body.startswith("@"):
            indent = line[: len(line) - len(body)]
            yield from (indent + inner for inner in _expand(fragments[body[1:]], fragments))
        else:
            yield line


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _items(lines: list[str], start: int, end: int, depth: int) -> Iterator["SegmentRule | LoopRule"]:
    """The items of the loop whose children are `lines[start:end]`, all indented deeper than `depth`."""
    at = start
    while at < end:
        here = _indent(lines[at])
        stop = at + 1
        while stop < end and _indent(lines[stop]) > here:
            stop += 1
        if here <= depth:
            raise ValueError(f"bad indentation: {lines[at].strip()}")
        name, *tokens = lines[at].split()
        rules = [_segment_rule(token) for token in tokens]
        if name == "-":
            yield from rules
        else:
            inner = tuple(_items(lines, at + 1, stop, here))
            yield LoopRule(name, rules[0], (*rules[1:], *inner))
        at = stop


def _segment_rule(token: str) -> SegmentRule:
    match = _TOKEN.fullmatch(token)
    if match is None:
        raise ValueError(f"bad segment rule: {token}")
    segment_id, element, codes, marks = match.groups()
    allowed = frozenset(codes.split(",")) if codes else frozenset()
    return SegmentRule(segment_id, int(element or 0), allowed, "!" in marks, "*" in marks)


@dataclass(slots=True)
class _Open:
    """A loop being read, and how far its rule has been followed."""

    rule: LoopRule
    loop: Loop
    reached: int = -1
    counts: dict[int, int] = field(default_factory=dict)


def read_loops(rule: LoopRule, segments: tuple[Segment, ...]) -> tuple[Loop, tuple[Finding, ...]]:
    """Sort segments into loops.

    A segment the layout does not know stays with the loop it was met in, so that nothing is lost; every such
    departure is a finding.
    """
    findings: list[Finding] = []
    root = Loop(rule.name)
    stack = [_Open(rule, root)]
    for segment in segments:
        if not _place(stack, segment, findings):
            stack[-1].loop.segments.append(segment)
            findings.append(_finding("unexpected_segment", segment, "does not belong here"))
    while stack:
        _close(stack.pop(), segments, findings)
    return root, tuple(findings)


def _place(stack: list[_Open], segment: Segment, findings: list[Finding]) -> bool:
    for depth in range(len(stack) - 1, -1, -1):
        index = _match(stack[depth], segment)
        if index is None:
            continue
        while len(stack) > depth + 1:
            _close(stack.pop(), (segment,), findings)
        _accept(stack, index, segment, findings)
        return True
    return False


def _match(here: _Open, segment: Segment) -> int | None:
    """The item that fits, preferring one not yet passed."""
    fitting = [i for i, item in enumerate(here.rule.items) if _start(item).fits(segment)]
    if not fitting:
        return None
    return next((i for i in fitting if i >= here.reached), fitting[-1])


def _start(item: SegmentRule | LoopRule) -> SegmentRule:
    if isinstance(item, SegmentRule):
        return item
    if item.start is None:
        raise ValueError("an inner loop needs a segment that begins it")
    return item.start


def _accept(stack: list[_Open], index: int, segment: Segment, findings: list[Finding]) -> None:
    here = stack[-1]
    item = here.rule.items[index]
    if index < here.reached:
        findings.append(_finding("segment_order", segment, "stands later than its place"))
    here.reached = max(here.reached, index)
    here.counts[index] = here.counts.get(index, 0) + 1
    if here.counts[index] > 1 and not _start(item).repeats:
        findings.append(_finding("segment_repeated", segment, "may not repeat here"))
    if isinstance(item, SegmentRule):
        here.loop.segments.append(segment)
        return
    loop = Loop(item.name, [segment])
    here.loop.loops.append(loop)
    stack.append(_Open(item, loop))


def _close(here: _Open, following: tuple[Segment, ...], findings: list[Finding]) -> None:
    """Report what a finished loop lacks, at the segment that began it."""
    began = here.loop.segments[0] if here.loop.segments else (following[0] if following else None)
    for index, item in enumerate(here.rule.items):
        start = _start(item)
        if not start.mandatory or index in here.counts:
            continue
        code = f" with {start.id}{start.element:02d} {'/'.join(sorted(start.codes))}" if start.codes else ""
        message = f"must be there{code} in loop {here.rule.name}"
        findings.append(Finding("segment_missing", start.id, "", message, began.position if began else 0))


def _finding(code: str, segment: Segment, message: str) -> Finding:
    return Finding(code, segment.id, "", message, segment.position)
