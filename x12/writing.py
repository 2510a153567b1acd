"""Composing segments and envelopes. What is written here can always be read back.

Values that hold a separator are refused, never escaped: X12 has no escape, so a "~" in a name would begin a
new segment. Accents are folded to plain letters; anything else outside X12's basic and extended character
sets is refused. Same input, same bytes.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from x12.elements import ElementRule, element_rules, fault_in, unpaired
from x12.errors import fault
from x12.tokenizer import DEFAULT_SEPARATORS, Separators

_ALLOWED = re.compile(r"[A-Za-z0-9 !\"&'()*+,\-./:;?=%~@\[\]_{}\\|<>#$]*")
_FOLDED = str.maketrans(
    {
        "‘": "'",
        "’": "'",
        "“": '"',
        "”": '"',
        "–": "-",
        "—": "-",
        "ß": "ss",
        "ø": "o",
        "Ø": "O",
        "ł": "l",
        "Ł": "L",
    }
    | {"æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "đ": "d", "Đ": "D", "ð": "d", "þ": "th", "ı": "i"}
)


class Parts(tuple["str | int | Decimal | date | None", ...]):
    """The components of a composite element."""


class Repeats(tuple["str | int | Decimal | date | None", ...]):
    """The repetitions of a repeating element."""


Value = str | int | Decimal | date | Parts | Repeats | None


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who sends to whom, when, under which numbers. `created` is written as its own clock reads."""

    sender_id: str
    receiver_id: str
    control_number: int
    created: datetime
    production: bool = False
    sender_qualifier: str = "ZZ"
    receiver_qualifier: str = "ZZ"
    group_control_number: int = 1
    wants_ta1: bool = False
    separators: Separators = DEFAULT_SEPARATORS
    line_breaks: bool = True


@dataclass(slots=True)
class Composer:
    """Collects the segments of one transaction set, between ST and SE."""

    separators: Separators = DEFAULT_SEPARATORS
    segments: list[str] = field(default_factory=list)
    levels: int = 0

    def add(self, segment_id: str, *values: Value) -> None:
        """Append a segment; empty elements at its end fall away.

        Raises `X12Error` for a value that holds a separator, is too long or short, or is of the wrong kind.
        """
        rules = element_rules(segment_id)
        written = [segment_id]
        for number, value in enumerate(values, start=1):
            rule = rules[number - 1] if number <= len(rules) else None
            written.append(self._element(segment_id, f"{segment_id}{number:02d}", value, rule))
        while not written[-1]:
            written.pop()
        for number in range(len(written), len(rules) + 1):
            if rules[number - 1].mandatory:
                raise fault("element_missing", segment_id, f"{segment_id}{number:02d}", "must be given")
        for number in unpaired(segment_id, written):
            name = f"{segment_id}{number:02d}"
            raise fault("element_missing", segment_id, name, "must be given with what stands beside it")
        self.segments.append(self.separators.element.join(written))

    def copy(self, values: Sequence[str]) -> None:
        """Append a segment as it was read, its composites as they are.

        Raises `X12Error` when it would not be one segment here.
        """
        marks = (self.separators.element, self.separators.segment)
        for number, value in enumerate(values):
            if any(mark in value for mark in marks):
                name = f"{values[0]}{number:02d}"
                raise fault(
                    "separator_in_value", values[0], name, "holds a character that separates X12 data"
                )
        self.segments.append(self.separators.element.join(values))

    def level(self, code: str, parent: int | None, has_children: bool) -> int:
        """Append the next HL segment; returns its number, to be given as `parent` to the levels below."""
        self.levels += 1
        self.add("HL", self.levels, parent, code, int(has_children))
        return self.levels

    def _element(self, segment_id: str, name: str, value: Value, rule: ElementRule | None) -> str:
        if isinstance(value, Parts):
            marks = self.separators.component
            parts = [self._text(segment_id, f"{name}-{i}", part) for i, part in enumerate(value, start=1)]
            while parts and not parts[-1]:
                parts.pop()
            return marks.join(parts)
        texts = [self._text(segment_id, name, v) for v in (value if isinstance(value, Repeats) else (value,))]
        for text in filter(None, texts):
            broken = fault_in(text, rule) if rule else None
            if broken:
                raise fault(broken[0], segment_id, name, broken[1])
        text = self.separators.repetition.join(texts)
        if not text and rule and rule.mandatory:
            raise fault("element_missing", segment_id, name, "must be given")
        return text

    def _text(self, segment_id: str, name: str, value: str | int | Decimal | date | None) -> str:
        if value is None:
            return ""
        if isinstance(value, date):
            return value.strftime("%Y%m%d")
        if isinstance(value, Decimal):
            return format_decimal(value)
        text = plain_text(value) if isinstance(value, str) else str(value)
        if self.separators.found_in(text):
            raise fault("separator_in_value", segment_id, name, "holds a character that separates X12 data")
        if not _ALLOWED.fullmatch(text):
            raise fault("bad_character", segment_id, name, "holds a character X12 cannot carry")
        return text


def plain_text(text: str) -> str:
    """The text with accents and typographic marks folded to plain ones and without blanks at its ends."""
    folded = unicodedata.normalize("NFKD", text.translate(_FOLDED))
    return "".join(mark for mark in folded if not unicodedata.combining(mark)).strip()


def format_decimal(value: Decimal) -> str:
    """As X12 type R writes it: no exponent, no needless zeros. Raises `ValueError` for what is no number."""
    if not value.is_finite():
        raise ValueError("not a number")
    text = format(value, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


def written(value: Decimal | None) -> str:
    """A decimal as it was read: with its own zeros, 0.2 as .2. Raises `ValueError` for what is no number."""
    if value is None:
        return ""
    if not value.is_finite():
        raise ValueError("not a number")
    text = format(value, "f")
    return text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) else text


def write_interchange(
    envelope: Envelope, functional_id: str, set_id: str, version: str, bodies: Sequence[Composer]
) -> bytes:
    """One interchange with one group of transaction sets, counts and control numbers filled in."""
    out = _opened(envelope)
    now, group = envelope.created, envelope.group_control_number
    sender, receiver = envelope.sender_id, envelope.receiver_id
    out.add("GS", functional_id, sender, receiver, now, now.strftime("%H%M"), group, "X", version)
    for number, body in enumerate(bodies, start=1):
        control = f"{number:04d}"
        out.add("ST", set_id, control, version)
        out.segments.extend(body.segments)
        out.add("SE", len(body.segments) + 2, control)
    out.add("GE", len(bodies), group)
    return _closed(out, envelope, groups=1)


def write_bare(envelope: Envelope, body: Composer) -> bytes:
    """One interchange without groups, as TA1 segments travel."""
    out = _opened(envelope)
    out.segments.extend(body.segments)
    return _closed(out, envelope, groups=0)


def _opened(envelope: Envelope) -> Composer:
    out = Composer(envelope.separators)
    _isa(out, envelope)
    return out


def _closed(out: Composer, envelope: Envelope, *, groups: int) -> bytes:
    out.add("IEA", groups, f"{envelope.control_number:09d}")
    end = envelope.separators.segment + ("\n" if envelope.line_breaks else "")
    return "".join(segment + end for segment in out.segments).encode("ascii")


def _isa(out: Composer, envelope: Envelope) -> None:
    marks = envelope.separators
    widths = {"ISA05": (envelope.sender_qualifier, 2), "ISA06": (envelope.sender_id, 15)}
    widths |= {"ISA07": (envelope.receiver_qualifier, 2), "ISA08": (envelope.receiver_id, 15)}
    for name, (value, width) in widths.items():
        if not value.strip() or len(value) > width:
            raise fault("bad_width", "ISA", name, f"must have 1 to {width} characters")
        if marks.found_in(value) or not (value.isascii() and _ALLOWED.fullmatch(value)):
            raise fault("separator_in_value", "ISA", name, "holds a character it must not hold")
    if not 0 < envelope.control_number <= 999_999_999:
        raise fault("bad_number", "ISA", "ISA13", "must lie between 1 and 999999999")
    parts = [
        *("ISA", "00", " " * 10, "00", " " * 10),
        *(value.ljust(width) for value, width in widths.values()),
        *(envelope.created.strftime("%y%m%d"), envelope.created.strftime("%H%M")),
        *(marks.repetition, "00501", f"{envelope.control_number:09d}"),
        *("1" if envelope.wants_ta1 else "0", "P" if envelope.production else "T"),
    ]
    out.segments.append(marks.element.join([*parts, marks.component]))
