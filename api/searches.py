"""Searching a room: words in a body, never in a URL."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field, StringConstraints

from api.deps import Care
from api.schemas import Input, Text
from domain.access import Action
from records import relations
from records.searches import search

router = APIRouter(prefix="/v1/rooms/{room_id}", tags=["searches"])


class SearchIn(Input):
    """Words to find: in a body, never in a URL."""

    q: Annotated[Text, StringConstraints(min_length=2, max_length=200)]
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    cursor: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,15}$")] | None = None


class FoundOut(BaseModel):
    """A message that has the words. `marks`: where they are in the snippet, in characters (code points).

    `snippet` null: a message that cannot be opened and may have them.
    """

    message_id: UUID
    seq: int
    sent_at: datetime
    sender_id: UUID
    sender_role: str
    mine: bool
    snippet: str | None
    marks: list[tuple[int, int]]


class FoundsOut(BaseModel):
    """Newest first. `next_cursor`: there may be more before these."""

    items: list[FoundOut]
    next_cursor: str | None = None


@router.post("/search")
async def search_room(room_id: UUID, body: SearchIn, tx: Care) -> FoundsOut:
    """Messages that have all the words (in quotation marks: one after the other) as they read now, newest first."""
    room = await relations.readable(tx, room_id, Action.SEARCH_ROOM)
    before = {} if body.cursor is None else {"before": int(body.cursor)}
    found = await search(tx, room, body.q, body.limit, **before)
    items = [
        FoundOut(
            message_id=each.message_id,
            seq=each.seq,
            sent_at=each.sent_at,
            sender_id=each.sender_id,
            sender_role=each.sender_role,
            mine=each.sender_id == room.actor.account_id,
            snippet=each.snippet.text if each.snippet else None,
            marks=list(each.snippet.marks) if each.snippet else [],
        )
        for each in found
    ]
    return FoundsOut(items=items, next_cursor=str(items[-1].seq) if len(items) == body.limit else None)
