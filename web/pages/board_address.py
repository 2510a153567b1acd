"""What stands in the board's address: every filter and the order, read and written in one place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID

from domain.errors import FieldError, Invalid
from records.board_cursors import Order, Sort
from records.board_filters import BoardFilter, State

PATH = "/board"
MOST = 100  # characters of a value
KINDS = ("welcome", "first_response", "next_response", "consult")
WHO = "who"
"""In an address a therapist is somebody: no word of care stands there."""

_SORTS = {WHO: Sort.THERAPIST.value, f"-{WHO}": f"-{Sort.THERAPIST}"}
_YES_NO = {"": None, "yes": True, "no": False}


@dataclass(frozen=True, slots=True)
class Address:
    """The board's address, as texts. Empty: not set. `within`: due within so many minutes from now."""

    state: str = State.RUNNING.value
    who: str = ""
    team: str = ""
    policy: str = ""
    kind: str = ""
    within: str = ""
    gap: str = ""
    acknowledged: str = ""
    code: str = ""
    sort: str = str(Order())
    cursor: str = ""

    @staticmethod
    def of(given: Mapping[str, str]) -> Address:
        """From the query of a request; what is not the board's is left out. Raises Invalid."""
        plain = Address()
        values = {
            name: given[name].strip() for name in plain.__slots__ if name in given and given[name].strip()
        }
        for name, value in values.items():
            if len(value) > (400 if name == "cursor" else MOST) or not value.isprintable():
                raise Invalid(FieldError(name, "unreadable"))
        address = replace(plain, **values)
        address.filter(datetime.min.replace(tzinfo=UTC))  # raises for what cannot be read
        return address

    def filter(self, now: datetime) -> BoardFilter:
        """The same as the records take it. Raises Invalid."""
        if self.state not in list(State):
            raise Invalid(FieldError("state", "unknown"))
        if self.kind and self.kind not in KINDS:
            raise Invalid(FieldError("kind", "unknown"))
        return BoardFilter(
            state=State(self.state),
            therapist=_uuid(self.who),
            team=self.team or None,
            policy=self.policy or None,
            kind=self.kind or None,
            due_before=now + timedelta(minutes=_minutes(self.within)) if self.within else None,
            gap=_yes_no("gap", self.gap),
            acknowledged=_yes_no("acknowledged", self.acknowledged),
            code=self.code,
            order=Order.of(_SORTS.get(self.sort, self.sort)),
        )

    def query(self) -> str:
        """Without the path; what stands as it would anyhow is left out."""
        plain = Address()
        return urlencode(
            {name: value for name in self.__slots__ if (value := getattr(self, name)) != getattr(plain, name)}
        )

    def href(self, **changes: str) -> str:
        """The address with some of it changed: then from the first row on."""
        other = replace(self, **{"cursor": "", **changes}) if changes else self
        query = other.query()
        return f"{PATH}?{query}" if query else PATH

    def kept(self) -> str:
        """What a saved view keeps: filters and order, not how far one had read."""
        return replace(self, cursor="").query()


def sort_word(sort: Sort) -> str:
    """How an order is called in the address."""
    return WHO if sort is Sort.THERAPIST else sort.value


def _yes_no(name: str, value: str) -> bool | None:
    if value not in _YES_NO:
        raise Invalid(FieldError(name, "not_yes_or_no"))
    return _YES_NO[value]


def _minutes(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 5:
        raise Invalid(FieldError("within", "not_minutes"))
    return int(text)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError as error:
        raise Invalid(FieldError("who", "not_an_id")) from error
