"""Interchanges, groups and transaction sets: ISA/IEA, GS/GE, ST/SE with their counts and control numbers."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from x12.errors import Finding, X12Error
from x12.tokenizer import Document, Segment, tokenize

_ENVELOPE = frozenset(("ISA", "IEA", "GS", "GE", "ST", "SE"))


class Transaction(NamedTuple):
    """One transaction set: ST, what stands between, SE. `version` is GS08 or, where given, ST03."""

    header: Segment
    body: tuple[Segment, ...]
    functional_id: str
    version: str

    @property
    def set_id(self) -> str:
        """ST01, such as "271"."""
        return self.header.at(1)

    @property
    def control_number(self) -> str:
        """ST02."""
        return self.header.at(2)

    @property
    def kind(self) -> str:
        """The set as people call it: 837P, 277CA, otherwise ST01."""
        if self.set_id == "837" and "X222" in self.version:
            return "837P"
        if self.set_id == "277" and "X214" in self.version:
            return "277CA"
        return self.set_id


class Group(NamedTuple):
    """One functional group, GS to GE."""

    header: Segment
    transactions: tuple[Transaction, ...]


class Interchange(NamedTuple):
    """One interchange, ISA to IEA. `acknowledgments` are its TA1 segments."""

    header: Segment
    acknowledgments: tuple[Segment, ...]
    groups: tuple[Group, ...]

    @property
    def control_number(self) -> str:
        """ISA13."""
        return self.header.at(13)

    @property
    def transactions(self) -> tuple[Transaction, ...]:
        """All transaction sets, in order."""
        return tuple(transaction for group in self.groups for transaction in group.transactions)


def open_interchanges(data: bytes | str) -> tuple[Interchange, ...]:
    """Read a file down to its transaction sets. Raises `X12Error` where counts or control numbers fail."""
    interchanges, findings = read_envelopes(tokenize(data))
    if findings:
        raise X12Error(*findings)
    return interchanges


def transactions_of(data: bytes | str, kind: str) -> tuple[Transaction, ...]:
    """The transaction sets of one kind ("271") in a file. Raises `X12Error` when there is none."""
    found = tuple(t for i in open_interchanges(data) for t in i.transactions if t.kind == kind)
    if not found:
        raise X12Error(Finding("wrong_transaction_set", "ST", "ST01", f"the file holds no {kind}"))
    return found


def read_envelopes(document: Document) -> tuple[tuple[Interchange, ...], tuple[Finding, ...]]:
    """The interchanges of a document, and every fault of their envelopes."""
    reader = _EnvelopeReader(document.segments)
    return tuple(reader.interchanges()), tuple(reader.findings)


@dataclass(slots=True)
class _EnvelopeReader:
    """Walks the segments once. A missing trailer is reported at the segment that stands in its place."""

    segments: tuple[Segment, ...]
    next: int = 0
    findings: list[Finding] = field(default_factory=list)

    def interchanges(self) -> Iterator[Interchange]:
        while self.next < len(self.segments):
            yield self._interchange()

    def _interchange(self) -> Interchange:
        header = self._take()
        acknowledgments: list[Segment] = []
        groups: list[Group] = []
        while (here := self._here()) and here.id not in ("ISA", "IEA"):
            if here.id == "TA1" and not groups:
                acknowledgments.append(self._take())
            elif here.id == "GS":
                groups.append(self._group())
            else:
                self._refuse("unexpected_segment", self._take(), 0, "stands outside of a group")
        self._no_repeats([group.header for group in groups], 6)
        self._trailer(header, 13, "IEA", len(groups))
        return Interchange(header, tuple(acknowledgments), tuple(groups))

    def _group(self) -> Group:
        header = self._take()
        transactions: list[Transaction] = []
        while (here := self._here()) and here.id not in ("ISA", "IEA", "GS", "GE"):
            if here.id == "ST":
                transactions.append(self._transaction(header))
            else:
                self._refuse("unexpected_segment", self._take(), 0, "stands outside of a transaction set")
        if not transactions:
            self._refuse("segment_missing", header, 0, "the group holds no transaction set")
        self._no_repeats([transaction.header for transaction in transactions], 2)
        self._trailer(header, 6, "GE", len(transactions))
        return Group(header, tuple(transactions))

    def _transaction(self, group: Segment) -> Transaction:
        header = self._take()
        first, segments = self.next, self.segments
        ends = (place for place in range(first, len(segments)) if segments[place].values[0] in _ENVELOPE)
        self.next = next(ends, len(segments))
        body = segments[first : self.next]
        self._trailer(header, 2, "SE", len(body) + 2)
        return Transaction(header, body, group.at(1), header.at(3) or group.at(8))

    def _here(self) -> Segment | None:
        return self.segments[self.next] if self.next < len(self.segments) else None

    def _take(self) -> Segment:
        segment = self.segments[self.next]
        self.next += 1
        return segment

    def _trailer(self, header: Segment, control_element: int, trailer_id: str, count: int) -> None:
        here = self._here()
        if here is None or here.id != trailer_id:
            at = here or self.segments[-1]
            self.findings.append(
                Finding("trailer_missing", trailer_id, "", f"{header.id} is not closed", at.position)
            )
            return
        self._take()
        if not _same_number(here.at(1), str(count)):
            self._refuse("bad_count", here, 1, f"the count is wrong: {count} were found")
        exact = trailer_id == "SE"
        opened, closed = header.at(control_element), here.at(2)
        if opened != closed and (exact or not _same_number(opened, closed)):
            other = f"{header.id}{control_element:02d}"
            self._refuse("control_number_mismatch", here, 2, f"the control number differs from {other}")

    def _no_repeats(self, headers: list[Segment], element: int) -> None:
        seen: set[str] = set()
        for header in headers:
            number = header.at(element)
            if number in seen:
                self._refuse("duplicate_control_number", header, element, "was used before in its envelope")
            seen.add(number)

    def _refuse(self, code: str, segment: Segment, element: int, message: str) -> None:
        place = f"{segment.id}{element:02d}" if element else ""
        self.findings.append(Finding(code, segment.id, place, message, segment.position))


def _same_number(left: str, right: str) -> bool:
    """Whether two numbers agree, leading zeros aside."""
    if left == right:
        return True
    digits = left.isascii() and left.isdigit() and right.isascii() and right.isdigit()
    return digits and left.lstrip("0") == right.lstrip("0")
