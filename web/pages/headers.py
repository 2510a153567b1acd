"""Whose room a page is about: its header, the people in it as the reader meets them, its place in the menu."""

from __future__ import annotations

from uuid import UUID

from domain.errors import NotFound
from domain.promises import Pronoun
from records import rooms
from records.database import Row, Transaction
from web.pages.frame import Frame
from web.pages.people import initials
from web.views.rooms import Person


async def header_of(tx: Transaction, room_id: UUID) -> Row:
    """The room's header. Raises NotFound."""
    found = await rooms.headers(tx, room_id)
    if not found:
        raise NotFound
    return found[0]


def reader_of(frame: Frame) -> str:
    """As whom the room is read: words and rights on the page follow it."""
    return frame.signed_in().role.value


def other_of(frame: Frame, header: Row) -> Person:
    """Whom the reader meets there: the therapist for a client, the client (by code) for everyone else."""
    return _therapist(header) if reader_of(frame) == "client" else _client(header)


def me_of(frame: Frame, header: Row) -> Person:
    """Whose side of the room the reader is on."""
    return _client(header) if reader_of(frame) == "client" else _therapist(header)


def place_of(frame: Frame, room_id: UUID) -> str:
    """Where in the menu a room stands."""
    return {"client": f"/rooms/{room_id}", "therapist": "/inbox"}.get(reader_of(frame), "/board")


def _therapist(header: Row) -> Person:
    name = header["therapist_name"]
    return Person(name, initials(name), header["therapist_zone"], Pronoun(header["pronoun"]))


def _client(header: Row) -> Person:
    return Person(header["client_code"], initials(header["client_code"]), header["client_zone"])
