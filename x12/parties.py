"""Names, addresses, contacts, references and dates: what every transaction set says in the same segments."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation

from x12.elements import parse_day
from x12.errors import fault
from x12.loops import Loop
from x12.tokenizer import Segment

Rest = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Party:
    """A person or organisation (NM1, or N1). `entity` is its role: PR payer, IL subscriber, 1P provider...

    For an organisation `name` is its whole name, for a person the last name.
    """

    entity: str
    is_person: bool
    name: str = field(default="", repr=False)
    first_name: str = field(default="", repr=False)
    middle_name: str = field(default="", repr=False)
    suffix: str = ""
    identifier_kind: str = ""
    identifier: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address (N3 and N4)."""

    lines: tuple[str, ...] = field(default=(), repr=False)
    city: str = field(default="", repr=False)
    state: str = ""
    postal_code: str = field(default="", repr=False)
    country: str = ""


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to call or write to (PER). `numbers` are pairs of a kind (TE, EM, UR, FX) and a number."""

    name: str
    numbers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Reference:
    """An identifier with its qualifier (REF)."""

    kind: str
    value: str = field(repr=False)
    description: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Period:
    """A date or range of dates (DTP, DTM) with its qualifier; a single day is both `first` and `last`.

    `text` is what stood there, also when it is no date.
    """

    kind: str
    first: date | None
    last: date | None
    text: str


@dataclass(frozen=True, slots=True)
class Demographics:
    """Date of birth and sex as on file (DMG)."""

    birth_date: date | None = field(default=None, repr=False)
    sex: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Specialty:
    """A provider's role and specialty (PRV): with kind PXC the code is a taxonomy code."""

    role: str
    kind: str
    code: str


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount of money with its qualifier (AMT), or a quantity (QTY)."""

    kind: str
    value: Decimal


def read_party(segment: Segment) -> Party:
    """An NM1 or N1 segment as a party."""
    if segment.id == "N1":
        entity, name, kind, identifier = (segment.at(n) for n in range(1, 5))
        return Party(entity, False, name, identifier_kind=kind, identifier=identifier)
    return Party(
        entity=segment.at(1),
        is_person=segment.at(2) == "1",
        name=segment.at(3),
        first_name=segment.at(4),
        middle_name=segment.at(5),
        suffix=segment.at(7),
        identifier_kind=segment.at(8),
        identifier=segment.at(9),
    )


def party_in(loop: Loop, name: str) -> Party | None:
    """The party named by an inner loop ("2100A") of a loop; None when there is none."""
    for inner in loop.inner(name):
        return read_party(inner.segments[0])
    return None


def read_specialty(segment: Segment | None) -> Specialty | None:
    """A PRV segment."""
    return Specialty(segment.at(1), segment.at(2), segment.at(3)) if segment else None


# Which elements the values above take from a segment (constants of the guides counted as taken).
PARTY_ELEMENTS: dict[str, Sequence[int]] = {
    "NM1": (1, 2, 3, 4, 5, 7, 8, 9),
    "N1": (1, 2, 3, 4),
    "N3": (1, 2),
    "N4": (1, 2, 3, 4),
    "PER": (1, 2, 3, 4, 5, 6, 7, 8),
    "REF": (1, 2, 3),
    "DTP": (1, 2, 3),
    "DTM": (1, 2),
    "DMG": (1, 2, 3),
    "PRV": (1, 2, 3),
}

# Segments of which only the first is taken.
_ONCE = frozenset(("NM1", "N1", "N3", "N4", "DMG", "INS", "PRV"))


def first(found: Mapping[str, Sequence[Segment]], segment_id: str) -> Segment | None:
    """The first of the segments gathered under an id, or None."""
    segments = found.get(segment_id)
    return segments[0] if segments else None


def leftovers(segments: Iterable[Segment], taken: Mapping[str, Sequence[int]] = PARTY_ELEMENTS) -> Rest:
    """The segments that say more than the values above hold, whole, so that nothing is dropped."""
    rest: list[tuple[str, ...]] = []
    seen: set[str] = set()
    for segment in segments:
        if (segment.id in _ONCE and segment.id in seen) or _says_more(segment, taken):
            rest.append(segment.values)
        seen.add(segment.id)
    return tuple(rest)


def _says_more(segment: Segment, taken: Mapping[str, Sequence[int]]) -> bool:
    known = taken.get(segment.id)
    if known is None:
        return True
    if len(segment.values) - 1 <= len(known) == known[-1]:
        return False
    return any(segment.at(n) for n in range(1, len(segment.values)) if n not in known)


def read_address(street: Segment | None, city: Segment | None) -> Address | None:
    """N3 and N4, each of which may be absent; None when both are."""
    if street is None and city is None:
        return None
    lines = tuple(filter(None, (street.at(1), street.at(2)))) if street else ()
    if city is None:
        return Address(lines)
    return Address(lines, city.at(1), city.at(2), city.at(3), city.at(4))


def read_contact(segment: Segment) -> Contact:
    """A PER segment."""
    pairs = ((segment.at(n), segment.at(n + 1)) for n in (3, 5, 7))
    return Contact(segment.at(2), tuple((kind, number) for kind, number in pairs if kind or number))


def read_reference(segment: Segment) -> Reference:
    """A REF segment."""
    return Reference(segment.at(1), segment.at(2), segment.at(3))


def read_period(segment: Segment) -> Period:
    """A DTP segment (with D8 or RD8) or a DTM segment. What is no date keeps its text only."""
    text = segment.at(2) if segment.id == "DTM" else segment.at(3)
    first, last = parse_days(text)
    return Period(segment.at(1), first, last, text)


def parse_days(text: str) -> tuple[date | None, date | None]:
    """One day or a range written CCYYMMDD-CCYYMMDD; (None, None) for anything else."""
    first, dash, last = text.partition("-")
    start = parse_day(first)
    end = parse_day(last) if dash else start
    return (start, end) if start and end else (None, None)


def read_demographics(segment: Segment | None) -> Demographics | None:
    """A DMG segment."""
    return Demographics(parse_day(segment.at(2)), segment.at(3)) if segment else None


def read_amounts(segments: Iterable[Segment]) -> tuple[Amount, ...]:
    """AMT or QTY segments."""
    return tuple(Amount(segment.at(1), decimal_at(segment, 2)) for segment in segments)


def decimal_at(segment: Segment, element: int) -> Decimal:
    """An amount that must be there. Raises `X12Error` when it is absent or no number."""
    value = optional_decimal(segment, element)
    if value is None:
        raise fault(*_named("element_missing", segment, element), "must be given", segment.position)
    return value


def optional_decimal(segment: Segment, element: int) -> Decimal | None:
    """An amount, None when absent. Raises `X12Error` when it is no number."""
    text = segment.at(element)
    return to_decimal(text, segment, element) if text else None


def to_decimal(text: str, segment: Segment, element: int) -> Decimal:
    """A number written in X12's plain form (no exponent, no grouping); else `X12Error`."""
    try:
        if text.isascii() and not text.strip("0123456789.-") and len(text) <= 30:
            return Decimal(text)
    except InvalidOperation:
        pass
    raise fault(*_named("bad_number", segment, element), "is not a decimal number", segment.position)


def whole_at(segment: Segment, element: int) -> int:
    """A whole number, 0 when absent. Raises `X12Error` when it is no number."""
    text = segment.at(element)
    if not text:
        return 0
    if text.isascii() and text.isdigit() and len(text) <= 12:
        return int(text)
    raise fault(*_named("bad_number", segment, element), "is not a whole number", segment.position)


def _named(code: str, segment: Segment, element: int) -> tuple[str, str, str]:
    return code, segment.id, f"{segment.id}{element:02d}"
