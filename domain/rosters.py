"""Rosters of a sponsor as CSV: which people may come. Each row is taken or refused by itself, by row and column.

Refusals carry the number of the line, the name of the column and a code, never what stood there.
"""

import csv
import io
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import Any, Final

from domain.errors import FieldError, Invalid
from domain.insured import Relationship

LARGEST: Final = 5_000_000
"""Bytes of a file."""
MOST_ROWS: Final = 50_000
NEEDED: Final = ("first_name", "last_name", "date_of_birth")
KNOWN: Final = (*NEEDED, "relationship", "from", "until", "authorisation", "sessions", "authorised_until")
_OLDEST = date(1900, 1, 1)


@dataclass(frozen=True, slots=True)
class RosterPerson:
    """A person as a roster names them. Days inclusive; `active_from` None: from the day of the roster on."""

    first_name: str = field(repr=False)
    last_name: str = field(repr=False)
    date_of_birth: date = field(repr=False)
    relationship: Relationship = Relationship.SELF
    active_from: date | None = None
    active_to: date | None = None
    authorisation: str | None = field(default=None, repr=False)
    sessions: int | None = None
    authorised_until: date | None = None

    @property
    def known_by(self) -> str:
        """What the same person is found by in two lists."""
        return known_by(f"{self.first_name} {self.last_name}", self.date_of_birth)


def known_by(name: str, born: date) -> str:
    """First and last word of a name, and the date of birth: what a roster and an account have in common.

    Accents and middle names are left out, since one of the two often lacks them.
    """
    words = [word for word in (_letters(each) for each in name.split()) if word]
    first, last = (words[0], words[-1]) if words else ("", "")
    return f"{first}|{last}|{born.isoformat()}"


def _letters(word: str) -> str:
    return "".join(each for each in unicodedata.normalize("NFKD", word.casefold()) if each.isalnum())


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """Why a row was not taken. `line` is its number in the file, the heading being 1."""

    line: int
    column: str
    code: str


Row = RosterPerson | RefusedRow


def check_file(content: bytes) -> int:
    """How many rows a file has.

    Raises Invalid: `too_large`, `not_text`, `not_csv`, `columns_differ`, `no_rows`, `too_many_rows`.
    """
    if len(content) > LARGEST:
        raise Invalid(FieldError("file", "too_large"))
    reader = _reader(content)
    try:
        heading = _heading(next(reader, []))
        if not set(NEEDED) <= set(heading) or len(set(heading)) < len(heading) or set(heading) - set(KNOWN):
            raise Invalid(FieldError("file", "columns_differ"))
        rows = sum(1 for row in islice(reader, MOST_ROWS + 1) if any(row))
    except csv.Error:
        raise Invalid(FieldError("file", "not_csv")) from None
    if rows == 0:
        raise Invalid(FieldError("file", "no_rows"))
    if rows > MOST_ROWS:
        raise Invalid(FieldError("file", "too_many_rows"))
    return rows


def rows_of(content: bytes, *, today: date) -> Iterator[Row]:
    """Each row of a file that `check_file` let pass, in order."""
    reader = _reader(content)
    heading = _heading(next(reader))
    seen: set[str] = set()
    for row in reader:
        if not any(row):
            continue
        if len(row) > len(heading):
            yield RefusedRow(reader.line_num, "", "too_many_columns")
            continue
        found = _person(
            dict(zip(heading, (cell.strip() for cell in row), strict=False)), reader.line_num, today
        )
        if isinstance(found, RosterPerson):
            if found.known_by in seen:
                found = RefusedRow(reader.line_num, "last_name", "listed_twice")
            else:
                seen.add(found.known_by)
        yield found


def _reader(content: bytes) -> Any:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Invalid(FieldError("file", "not_text")) from None
    if "\x00" in text:
        raise Invalid(FieldError("file", "not_text"))
    return csv.reader(io.StringIO(text, newline=""), strict=True)


def _heading(row: list[str]) -> list[str]:
    return [cell.strip().lower().replace(" ", "_") for cell in row]


class _Bad(Exception):
    """A cell that cannot be read."""

    def __init__(self, column: str, code: str) -> None:
        self.column, self.code = column, code
        super().__init__(code)


def _person(cells: Mapping[str, str], line: int, today: date) -> Row:
    try:
        person = RosterPerson(
            first_name=_text(cells, "first_name"),
            last_name=_text(cells, "last_name"),
            date_of_birth=_born(cells, today),
            relationship=_relationship(cells),
            active_from=_day(cells, "from"),
            active_to=_day(cells, "until"),
            authorisation=cells.get("authorisation") or None,
            sessions=_sessions(cells),
            authorised_until=_day(cells, "authorised_until"),
        )
    except _Bad as bad:
        return RefusedRow(line, bad.column, bad.code)
    return _refused(person, line) or person


def _refused(person: RosterPerson, line: int) -> RefusedRow | None:
    """What is wrong between two columns."""
    if person.active_from and person.active_to and person.active_to < person.active_from:
        return RefusedRow(line, "until", "range_empty")
    given = (person.authorisation, person.sessions, person.authorised_until)
    if any(given) and not all(given):
        missing = next(name for name, value in zip(_AUTHORISED, given, strict=True) if not value)
        return RefusedRow(line, missing, "required")
    return None


_AUTHORISED = ("authorisation", "sessions", "authorised_until")


def _text(cells: Mapping[str, str], column: str) -> str:
    value = cells.get(column, "")
    if not value or not _letters(value.split()[0]):
        raise _Bad(column, "required")
    if len(value) > 100:
        raise _Bad(column, "too_long")
    return value


def _day(cells: Mapping[str, str], column: str) -> date | None:
    value = cells.get(column, "")
    if not value:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise _Bad(column, "not_a_date") from None


def _born(cells: Mapping[str, str], today: date) -> date:
    born = _day(cells, "date_of_birth")
    if born is None:
        raise _Bad("date_of_birth", "required")
    if not _OLDEST <= born <= today:
        raise _Bad("date_of_birth", "not_a_date_of_birth")
    return born


def _relationship(cells: Mapping[str, str]) -> Relationship:
    value = cells.get("relationship", "").lower() or Relationship.SELF
    try:
        return Relationship(value)
    except ValueError:
        raise _Bad("relationship", "unknown_relationship") from None


def _sessions(cells: Mapping[str, str]) -> int | None:
    value = cells.get("sessions", "")
    if not value:
        return None
    if not value.isascii() or not value.isdigit() or not 1 <= int(value[:9]) <= 1_000:
        raise _Bad("sessions", "not_a_number")
    return int(value)
