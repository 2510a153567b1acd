"""Names, addresses, contacts, references and dates: what every transaction set says in the same segments."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import NamedTuple, Protocol

from x12.elements import parse_day
from x12.errors import fault
from x12.loops import Loop
from x12.tokenizer import BLANK, Segment

Rest = tuple[tuple[str, ...], ...]
_NM1_PAD = 9
_PER_NUMBERS = 9
_LONGEST_NUMBER = 30


class Fields(Protocol):
    """A named tuple. Values read by the thousand are named tuples: five times as fast to make as a dataclass."""

    @property
    def _fields(self) -> tuple[str, ...]: ...

    def __iter__(self) -> Iterator[object]: ...


def concealed(value: Fields, *hidden: str) -> str:
    """The `repr` of a named tuple without some of its fields."""
    shown = (
        f"{name}={each!r}" for name, each in zip(value._fields, value, strict=True) if name not in hidden
    )
    return f"{type(value).__name__}({', '.join(shown)})"


class Party(NamedTuple):
    """A person or organisation (NM1, or N1). `entity` is its role: PR payer, IL subscriber, 1P provider...

    For an organisation `name` is its whole name, for a person the last name.
    """

    entity: str
    is_person: bool
    name: str = ""
    first_name: str = ""
    middle_name: str = ""
    suffix: str = ""
    identifier_kind: str = ""
    identifier: str = ""

    def __repr__(self) -> str:
        """Without what identifies or is unknown."""
        return concealed(self, "name", "first_name", "middle_name", "identifier")


class Address(NamedTuple):
    """A postal address (N3 and N4)."""

    lines: tuple[str, ...] = ()
    city: str = ""
    state: str = ""
    postal_code: str = ""
    country: str = ""

    def __repr__(self) -> str:
        """Without what identifies or is unknown."""
        return concealed(self, "lines", "city", "postal_code")


class Contact(NamedTuple):
    """Whom to call or write to (PER). `numbers` are pairs of a kind (TE, EM, UR, FX) and a number."""

    name: str
    numbers: tuple[tuple[str, str], ...]


class Reference(NamedTuple):
    """An identifier with its qualifier (REF)."""

    kind: str
    value: str
    description: str = ""

    def __repr__(self) -> str:
        """Without what identifies or is unknown."""
        return concealed(self, "value", "description")


class Period(NamedTuple):
    """A date or range of dates (DTP, DTM) with its qualifier; a single day is both `first` and `last`.

    `text` is what stood there, also when it is no date.
    """

    kind: str
    first: date | None
    last: date | None
    text: str


class Demographics(NamedTuple):
    """Date of birth and sex as on file (DMG)."""

    birth_date: date | None = None
    sex: str = ""

    def __repr__(self) -> str:
        """Without what identifies or is unknown."""
        return concealed(self, "birth_date", "sex")


class Specialty(NamedTuple):
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
    v = segment.values
    if v[0] == "N1":
        entity, name, kind, identifier = (segment.at(n) for n in range(1, 5))
        return Party(entity, False, name, identifier_kind=kind, identifier=identifier)
    if len(v) <= _NM1_PAD:
        v += ("",) * _NM1_PAD
    return Party(
        v[1].strip(BLANK),
        v[2].strip(BLANK) == "1",
        v[3].strip(BLANK),
        v[4].strip(BLANK),
        v[5].strip(BLANK),
        v[7].strip(BLANK),
        v[8].strip(BLANK),
        v[9].strip(BLANK),
    )


def party_in(loop: Loop, name: str) -> Party | None:
    """The party named by an inner loop ("2100A") of a loop; None when there is none."""
    for inner in loop.inner(name):
        return read_party(inner.segments[0])
    return None


def read_specialty(segment: Segment | None) -> Specialty | None:
    """A PRV segment."""
    return Specialty(segment.at(1), segment.at(2), segment.at(3)) if segment else None


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
    numbers: list[tuple[str, str]] = []
    for element in range(3, min(len(segment.values), _PER_NUMBERS), 2):
        kind, number = segment.at(element), segment.at(element + 1)
        if kind or number:
            numbers.append((kind, number))
    return Contact(segment.at(2), tuple(numbers))


def read_reference(segment: Segment) -> Reference:
    """A REF segment."""
    return Reference(segment.at(1), segment.at(2), segment.at(3))


def read_period(segment: Segment) -> Period:
    """A DTP segment (with D8 or RD8) or a DTM segment. What is no date keeps its text only."""
    text = segment.at(2 if segment.values[0] == "DTM" else 3)
    first, last = parse_days(text)
    return Period(segment.at(1), first, last, text)


# A plan's days are those of all its members.
@lru_cache(maxsize=4096)
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
    """An amount in X12's plain form (no exponent, no grouping), None when absent.

    Raises `X12Error` when it is no number.
    """
    text = segment.at(element)
    if not text:
        return None
    value = _plain_decimal(text)
    if value is None:
        raise fault(*_named("bad_number", segment, element), "is not a decimal number", segment.position)
    return value


def _plain_decimal(text: str) -> Decimal | None:
    if not text.isascii() or text.strip("0123456789.-") or len(text) > _LONGEST_NUMBER:
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def whole_at(segment: Segment, element: int) -> int:
    """A whole number, 0 when absent. Raises `X12Error` when it is no number."""
    text = segment.at(element)
    if not text:
        return 0
    digits = text.removeprefix("-")
    if digits.isascii() and digits.isdigit() and len(digits) <= 12:
        return int(text)
    raise fault(*_named("bad_number", segment, element), "is not a whole number", segment.position)


def _named(code: str, segment: Segment, element: int) -> tuple[str, str, str]:
    return code, segment.id, f"{segment.id}{element:02d}"
