"""Lengths, types and presence of the elements of the segments used here (X12 5010 data dictionary).

A rule reads "AN1-60": a type, the shortest and longest value; "!" marks a mandatory element, "+" one that
may repeat, "C" a composite and "." anything. Types: AN text, ID code, N whole number,
R decimal, DT date, TM time.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from functools import cache
from typing import NamedTuple

from x12.errors import Finding
from x12.tokenizer import Segment

ISA_WIDTHS = (2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1, 1)

_TS2_COUNTS = frozenset((7, 10, 11, 12, 13, 14, 16))  # days, discharges, averages; the others are amounts
_RULES = {
    "GS": "ID2-2! AN2-15! AN2-15! DT8-8! TM4-8! N1-9! ID1-2! AN1-12!",
    "ST": "ID3-3! AN4-9! AN1-35",
    "SE": "N1-10! AN4-9!",
    "GE": "N1-6! N1-9!",
    "IEA": "N1-5! N9-9!",
    "TA1": "N9-9! DT6-6! TM4-4! ID1-1! ID3-3!",
    "AAA": "ID1-1! ID2-2 ID2-2! ID1-1",
    "AK1": "ID2-2! N1-9! AN1-12",
    "AK2": "ID3-3! AN4-9! AN1-35",
    "AK9": "ID1-1! N1-6! N1-6! N1-6! ID1-3 ID1-3 ID1-3 ID1-3 ID1-3",
    "AMT": "ID1-3! R1-18! ID1-1",
    "BHT": "ID4-4! ID2-2! AN1-50 DT8-8 TM4-8 ID2-2",
    "BPR": "ID1-2! R1-18! ID1-1! ID3-3! ID1-10 ID2-2 AN3-12 ID1-3 AN1-35 AN10-10 AN9-9 ID2-2 AN3-12"
    " ID1-3 AN1-35 DT8-8",
    "CAS": "ID1-2! ID1-5! R1-18! R1-15" + " ID1-5 R1-18 R1-15" * 5,
    "CLM": "AN1-38! R1-18! . . C! ID1-1 ID1-1 ID1-1 ID1-1 ID1-1 C ID2-3 ID1-1 ID1-3 ID1-1",
    "CLP": "AN1-38! ID1-2! R1-18! R1-18! R1-18 ID1-2 AN1-50 AN1-2 ID1-1 ID1-2 AN1-4 R1-15 R1-10",
    "CTX": "C! ID2-3 N1-10 AN1-6 C C",
    "DMG": "ID2-3 AN1-35 ID1-1",
    "DTM": "ID3-3! DT8-8",
    "DTP": "ID3-3! ID2-3! AN1-35!",
    "EB": "ID1-3! ID3-3 ID1-2+ ID1-3 AN1-50 ID1-2 R1-18 R1-10 ID2-2 R1-15 ID1-1 ID1-1 C C",
    "EQ": "ID1-2+ C ID3-3 ID1-3 C",
    "HI": "C! C C C C C C C C C C C",
    "HL": "AN1-12! AN1-12 ID1-2! ID1-1",
    "HSD": "ID2-2 R1-15 ID2-2 R1-6 ID1-2 N1-3 ID1-2 ID1-1",
    "IK3": "ID2-3! N1-10! AN1-6 ID1-3!",
    "IK4": "C! N1-4 ID1-3! AN1-99",
    "IK5": "ID1-1! ID1-3 ID1-3 ID1-3 ID1-3 ID1-3",
    "III": "ID1-3 AN1-30",
    "INS": "ID1-1! ID2-2!",
    "LE": "AN1-6!",
    "LQ": "ID1-3! AN1-30!",
    "LS": "AN1-6!",
    "LX": "N1-6!",
    "MSG": "AN1-264!",
    "N1": "ID2-3! AN1-60 ID1-2 AN2-80",
    "N3": "AN1-55! AN1-55",
    "N4": "AN2-30 ID2-2 ID3-15 ID2-3",
    "NM1": "ID2-3! ID1-1! AN1-60 AN1-35 AN1-25 AN1-10 AN1-10 ID1-2 AN2-80 ID2-2 ID2-3 AN1-60",
    "NTE": "ID3-3 AN1-80!",
    "PAT": "ID2-2 ID1-1 ID2-2 ID1-1 ID2-3 AN1-35 ID2-2 R1-10 ID1-1",
    "PER": "ID2-2! AN1-60 ID2-2 AN1-256 ID2-2 AN1-256 ID2-2 AN1-256",
    "PLB": "AN1-50! DT8-8! C! R1-18! C R1-18 C R1-18 C R1-18 C R1-18 C R1-18",
    "PRV": "ID1-3! ID2-3 AN1-50",
    "QTY": "ID2-2! R1-15",
    "REF": "ID2-3! AN1-50 AN1-80 C",
    "SBR": "ID1-1! ID2-2 AN1-50 AN1-60 ID1-3 ID1-1 ID1-1 ID2-2 ID1-2",
    # Payers are seen to put the payment number into STC08, meant for its date.
    "STC": "C! DT8-8 ID1-2 R1-18 R1-18 DT8-8 ID3-3 . AN1-50 C C AN1-264",
    "SV1": "C! R1-18 ID2-2 R1-15 AN1-2 ID1-2 C",
    "SVC": "C! R1-18! R1-18 AN1-48 R1-15 C R1-15",
    "TRN": "ID1-2! AN1-50! AN10-10 AN1-50",
    "TS2": " ".join(f"R1-{15 if element in _TS2_COUNTS else 18}" for element in range(1, 20)),
    "TS3": "AN1-50! AN1-2! DT8-8! R1-15! R1-18!" + " R1-18" * 17 + " R1-15 R1-18",
}
# Elements that come together or not at all: a qualifier and what it qualifies.
_PAIRED = {
    "DMG": ((1, 2),),
    "N1": ((3, 4),),
    "NM1": ((8, 9),),
    "PER": ((3, 4), (5, 6), (7, 8)),
    "PRV": ((2, 3),),
}
_RULE = re.compile(r"(AN|ID|N|R|DT|TM)(\d+)-(\d+)([!+]*)|([C.])(!?)")
_DECIMAL = re.compile(r"-?(\d+\.?\d*|\.\d+)")
_WHOLE = re.compile(r"-?\d+")


class ElementRule(NamedTuple):
    """What one element may hold; `kind` is "" where anything may stand."""

    kind: str
    shortest: int
    longest: int
    mandatory: bool
    repeats: bool


@cache
def element_rules(segment_id: str) -> tuple[ElementRule, ...]:
    """The rules of a segment's elements; empty for a segment this dictionary does not hold."""
    rules = []
    for token in _RULES.get(segment_id, "").split():
        match = _RULE.fullmatch(token)
        if match is None:
            raise ValueError(f"bad rule for {segment_id}")
        kind, shortest, longest, marks, _, composite_mark = match.groups()
        flags = marks or composite_mark or ""
        rules.append(
            ElementRule(kind or "", int(shortest or 0), int(longest or 0), "!" in flags, "+" in flags)
        )
    return tuple(rules)


def parse_day(text: str) -> date | None:
    """A date written CCYYMMDD; None when it is not one."""
    if len(text) != 8 or not (text.isascii() and text.isdigit()):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def fault_in(value: str, rule: ElementRule) -> tuple[str, str] | None:
    """The code and sentence of the first fault of a value that is present, or None."""
    length = len(value)
    if rule.kind == "R":
        length = sum(mark.isdigit() for mark in value)
    elif rule.kind == "N":
        length = len(value.lstrip("-"))
    if rule.kind and not rule.shortest <= length <= rule.longest:
        size = "longer" if length > rule.longest else "shorter"
        return f"element_too_{size.removesuffix('er')}", f"{size} than the dictionary allows"
    return _fault_of_kind(value, rule.kind)


def _fault_of_kind(value: str, kind: str) -> tuple[str, str] | None:
    if any(not mark.isprintable() for mark in value):
        return "bad_character", "holds a control character"
    if kind == "R" and not (value.isascii() and _DECIMAL.fullmatch(value)):
        return "bad_number", "is not a decimal number"
    if kind == "N" and not (value.isascii() and _WHOLE.fullmatch(value)):
        return "bad_number", "is not a whole number"
    if kind == "DT" and parse_day(value if len(value) == 8 else "20" + value) is None:
        return "bad_date", "is not a date"
    if kind == "TM" and not _is_time(value):
        return "bad_time", "is not a time of day"
    return None


def _is_time(value: str) -> bool:
    digits = value.isascii() and value.isdigit()
    return digits and int(value[:2]) < 24 and int(value[2:4]) < 60 and int(value[4:6] or 0) < 60


def unpaired(segment_id: str, values: Sequence[str]) -> Iterator[int]:
    """The places, counted from 1, of elements missing beside their partner; `values[0]` is the segment id."""
    for pair in _PAIRED.get(segment_id, ()):
        missing = [place for place in pair if place >= len(values) or not values[place].strip()]
        if len(missing) == 1:
            yield missing[0]


def element_findings(segment: Segment) -> Iterator[Finding]:
    """Every element of a segment that breaks the dictionary."""
    for number, rule in enumerate(element_rules(segment.id), start=1):
        name = f"{segment.id}{number:02d}"
        value = segment.at(number)
        if not value:
            if rule.mandatory:
                yield Finding("element_missing", segment.id, name, "must be given", segment.position)
            continue
        for each in segment.repeats(number) if rule.repeats else (value,):
            fault = fault_in(each, rule)
            if fault:
                yield Finding(fault[0], segment.id, name, fault[1], segment.position)
                break
    for number in unpaired(segment.id, segment.values):
        name = f"{segment.id}{number:02d}"
        message = "must be given with what stands beside it"
        yield Finding("element_missing", segment.id, name, message, segment.position)


def isa_findings(isa: Segment) -> Iterator[Finding]:
    """ISA elements have fixed widths, blanks included."""
    for number, width in enumerate(ISA_WIDTHS, start=1):
        if number >= len(isa.values) or len(isa.values[number]) != width:
            name = f"ISA{number:02d}"
            yield Finding("bad_width", "ISA", name, f"must be {width} characters wide", isa.position)
