"""Which part of a room a page shows: its end, what is before or after a message, around one, or from a day on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field

from api.instants import Instant
from domain.access import ReadableRoomId
from records import history
from records.database import Row, Transaction
from web.pages.frame import Frame
from web.times import Reader

PAGE = 50

Seq = Annotated[int, Field(ge=0, le=2**53)]


class Asked(BaseModel):
    """The query of a room's page. `at` is a day of the reader's zone, or an instant."""

    before: Annotated[int, Field(ge=1, le=2**53)] | None = None
    after: Seq | None = None
    around: Annotated[int, Field(ge=1, le=2**53)] | None = None
    at: date | Instant | None = None
    reply: UUID | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """Messages ascending by seq; `earlier`: there are more before them."""

    messages: list[history.Message]
    earlier: bool


async def read_window(tx: Transaction, room: ReadableRoomId, asked: Asked, reader: Reader) -> Window:
    """The messages that were asked for, about a page of them."""
    around = asked.around
    if asked.at is not None:
        around = 1 + await history.seq_before(tx, room, beginning_of(asked.at, reader.zone))
    if around is not None:
        found = await history.around(tx, room, around, PAGE)
    elif asked.after is not None:
        found = await history.read(tx, room, after=asked.after, limit=PAGE)
    else:
        found = await history.read(tx, room, before=asked.before, limit=PAGE)
    return Window(found, earlier=bool(found) and found[0].seq > 1)


def beginning_of(at: date | datetime, zone: str) -> datetime:
    """The instant, or the first one of a day in a zone."""
    return at if isinstance(at, datetime) else datetime.combine(at, time(), ZoneInfo(zone))


def receipt_of(messages: list[history.Message], frame: Frame, header: Row) -> dict[int, str]:
    """By seq: how far the reader's last message has come. Said on that one only, and only at the room's end."""
    if not messages or messages[-1].seq < header["last_seq"]:
        return {}
    own = [each.seq for each in messages if each.sender_id == frame.signed_in().account_id]
    return {own[-1]: "read" if own[-1] <= header["read_by_others"] else "sent"} if own else {}
