"""Where a page of the board ends: the place in its order, as an opaque text of ids, instants and numbers.

A place holds however the rows before it change: the next page begins after it, not after so many rows. Names
never travel in it; the database looks them up by their ids.
"""

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from domain.errors import FieldError, Invalid


class Sort(StrEnum):
    """What the board can be ordered by."""

    DUE_AT = "due_at"
    OPENED_AT = "opened_at"
    THERAPIST = "therapist"
    RUNG = "rung"
    CLIENT_CODE = "client_code"


@dataclass(frozen=True, slots=True)
class Order:
    """An order of the board and its direction. What is held has no due time: last, or first when descending."""

    by: Sort = Sort.DUE_AT
    descending: bool = False

    @staticmethod
    def of(text: str) -> "Order":
        """From `due_at`, or `-due_at` for descending. Raises Invalid."""
        name = text.removeprefix("-")
        if name not in list(Sort):
            raise Invalid(FieldError("sort", "unknown"))
        return Order(Sort(name), text.startswith("-"))

    def __str__(self) -> str:
        return f"-{self.by}" if self.descending else self.by.value


KEYS: Final[Mapping[Sort, tuple[str, ...]]] = {
    Sort.DUE_AT: ("due_at", "clock_id"),
    Sort.OPENED_AT: ("opened_at", "clock_id"),
    Sort.THERAPIST: ("therapist_id", "due_at", "clock_id"),
    Sort.RUNG: ("rung_level", "due_at", "clock_id"),
    Sort.CLIENT_CODE: ("client_id", "clock_id"),
}
"""Columns of a row that say where it stands."""


def cursor_after(row: Mapping[str, Any], order: Order) -> str:
    """The place just after a row."""
    values = [str(order), *(_plain(row[key]) for key in KEYS[order.by])]
    packed = json.dumps(values, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(packed).rstrip(b"=").decode()


def place_of(cursor: str, order: Order) -> dict[str, Any]:
    """The values of the row after which the next page begins, by column. Raises Invalid for anything else than a
    cursor of this very order.
    """
    try:
        packed = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        values = json.loads(packed)
        made_for, *rest = values
        keys = KEYS[order.by]
        if made_for != str(order) or len(rest) != len(keys):
            raise ValueError
        return {key: _READ[key](value) for key, value in zip(keys, rest, strict=True)}
    except (ValueError, TypeError, AttributeError, OverflowError, binascii.Error) as error:
        raise Invalid(FieldError("cursor", "not_of_this_list")) from error


def _plain(value: Any) -> str | int | None:
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat()
        case UUID():
            return str(value)
        case int() | None:
            return value
    raise TypeError("only ids, instants and numbers make a cursor")


def _instant(value: Any) -> datetime | None:
    if value is None:
        return None
    at = datetime.fromisoformat(value)
    if at.tzinfo is None:
        raise ValueError
    return at


def _level(value: Any) -> int:
    if type(value) is not int or not 0 <= value <= 100:
        raise ValueError
    return value


_READ: Final[Mapping[str, Callable[[Any], Any]]] = {
    "due_at": _instant,
    "opened_at": _instant,
    "rung_level": _level,
    "therapist_id": UUID,
    "client_id": UUID,
    "clock_id": UUID,
}
