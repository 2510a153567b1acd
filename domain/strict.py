"""Strict reading of plain, JSON-able values: what is not expected is refused by path, never guessed."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import TypeVar

from domain.errors import FieldError, Invalid

T = TypeVar("T")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def refuse(path: str, code: str) -> Invalid:
    """The refusal of one field, ready to raise."""
    return Invalid(FieldError(path, code))


def fields(
    value: object, path: str, required: Sequence[str], optional: Sequence[str] = ()
) -> Mapping[str, object]:
    """`value` as a mapping with all `required` keys and none beyond `optional`. Raises `Invalid`.

    An unexpected key is not echoed; the refusal lists the known ones instead.
    """
    if not isinstance(value, Mapping):
        raise refuse(path, "not_an_object")
    known = (*required, *optional)
    if any(key not in known for key in value):
        raise Invalid(FieldError(path, "unknown_field"), detail=f"known here: {', '.join(known)}")
    for key in required:
        if key not in value:
            raise refuse(under(path, key), "missing")
    return value


def under(path: str, key: str) -> str:
    """The path of `key` within `path`."""
    return f"{path}.{key}" if path else key


def items(value: object, path: str, read: Callable[[object, str], T]) -> tuple[T, ...]:
    """Each element of the list `value`, read with its own path. Raises `Invalid`."""
    if not isinstance(value, list | tuple):
        raise refuse(path, "not_a_list")
    return tuple(read(element, f"{path}[{n}]") for n, element in enumerate(value))


def text(value: object, path: str) -> str:
    """A string. Raises `Invalid`."""
    if not isinstance(value, str):
        raise refuse(path, "not_text")
    return value


def flag(value: object, path: str) -> bool:
    """A boolean; numbers and words are refused. Raises `Invalid`."""
    if not isinstance(value, bool):
        raise refuse(path, "not_true_or_false")
    return value


def number(value: object, path: str) -> float:
    """A finite number; booleans and text are refused. Raises `Invalid`."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < float("inf"):
        raise refuse(path, "not_a_number")
    return value


def plain_date(value: object, path: str) -> date:
    """A calendar date written YYYY-MM-DD. Raises `Invalid`."""
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        raise refuse(path, "bad_date")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise refuse(path, "bad_date") from None


def instant(value: object, path: str) -> datetime:
    """An ISO 8601 instant; its offset is kept. Raises `Invalid`, also where there is no offset."""
    try:
        parsed = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        parsed = None
    if parsed is None:
        raise refuse(path, "bad_instant")
    if parsed.utcoffset() is None:
        raise refuse(path, "no_offset")
    return parsed


def iso(at: datetime) -> str:
    """An instant as ISO 8601 in UTC, ending in Z."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
