"""Wire shapes shared by all routes: strict input, money, pages of a list."""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Depends, Query
from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

T = TypeVar("T")


_UNWRITABLE = re.compile("[\x00\ud800-\udfff]")
_NOT_ONE_LINE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def _no_nul(text: str) -> str:
    if _UNWRITABLE.search(text):
        raise ValueError("control character")
    return text


def _one_line(text: str) -> str:
    if _NOT_ONE_LINE.search(text):
        raise ValueError("control character")
    return text


Text = Annotated[str, AfterValidator(_no_nul), StringConstraints(max_length=10_000)]
"""Free text: at most 10,000 characters, no NUL, no lone surrogate."""

ShortText = Annotated[str, AfterValidator(_one_line), StringConstraints(min_length=1, max_length=200)]
"""A name, a title, a code that a person types: one line, since it may stand in a heading, a mail, a claim."""


class Input(BaseModel):
    """What clients send: unknown fields are refused, so a typing mistake is never silently ignored."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=False)


class MoneyOut(BaseModel):
    """An amount as a decimal string, never a float."""

    amount: str
    currency: str = "USD"

    @staticmethod
    def exactly(value: Decimal) -> "MoneyOut":
        """The amount on the wire."""
        return MoneyOut(amount=f"{value:.2f}")

    @staticmethod
    def of(value: Decimal | None) -> "MoneyOut | None":
        """The amount on the wire, or None."""
        return None if value is None else MoneyOut(amount=f"{value:.2f}")


Limit = Annotated[int, Query(ge=1, le=200)]
"""How many rows of a list are asked for."""

Cursor = Annotated[int, Query(ge=0, le=10_000_000)]
"""Where in a list to go on: the `next_cursor` of the page before."""


def next_cursor(rows: Sequence[object], limit: int, cursor: int) -> str | None:
    """Where the next page begins, given one row more than the limit if there is one."""
    return str(cursor + limit) if len(rows) > limit else None


class Window:
    """Which part of a short list is asked for: it is read whole and cut here."""

    def __init__(self, limit: Limit = 200, cursor: Cursor = 0) -> None:
        self._limit, self._cursor = limit, cursor

    def of(self, items: Sequence[Any]) -> dict[str, Any]:
        """`items` and `next_cursor` of the page that was asked for."""
        shown = items[self._cursor : self._cursor + self._limit + 1]
        following = next_cursor(shown, self._limit, self._cursor)
        return {"items": list(shown[: self._limit]), "next_cursor": following}


InWindow = Annotated[Window, Depends()]


class Page(BaseModel, Generic[T]):
    """One page of a list."""

    items: list[T]
    next_cursor: str | None = None
