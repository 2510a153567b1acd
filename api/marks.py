"""What a person leaves in a room beside messages: stars, how far they read, what they began to write."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from api.deps import Care, InServices
from api.messages import MessagesOut, message_out
from api.schemas import Cursor, Input, Limit, Text, next_cursor
from domain.access import Action
from records import marks, relations

router = APIRouter(prefix="/v1/rooms/{room_id}", tags=["marks"])


class SeqIn(Input):
    """How far the person has read."""

    seq: Annotated[int, Field(ge=0, le=2**53)]


class DraftIn(Input):
    """What the person is writing."""

    text: Text


class DraftOut(BaseModel):
    """What the person was writing; null: it cannot be opened."""

    text: str | None


@router.put("/messages/{message_id}/star", status_code=204)
async def star_message(room_id: UUID, message_id: UUID, tx: Care) -> Response:
    """Put a star on a message."""
    await marks.star(tx, await relations.readable(tx, room_id, Action.STAR), message_id, on=True)
    return Response(status_code=204)


@router.delete("/messages/{message_id}/star", status_code=204)
async def unstar_message(room_id: UUID, message_id: UUID, tx: Care) -> Response:
    """Take the star off."""
    await marks.star(tx, await relations.readable(tx, room_id, Action.STAR), message_id, on=False)
    return Response(status_code=204)


@router.put("/read", status_code=204)
async def mark_read(room_id: UUID, body: SeqIn, tx: Care) -> Response:
    """Everything up to this seq was read."""
    await marks.mark_read(tx, await relations.readable(tx, room_id, Action.MARK_READ), body.seq)
    return Response(status_code=204)


@router.put("/draft", status_code=204)
async def save_draft(room_id: UUID, body: DraftIn, tx: Care) -> Response:
    """Keep what is being written; an empty text removes it."""
    await marks.save_draft(tx, await relations.writable(tx, room_id, Action.SAVE_DRAFT), body.text)
    return Response(status_code=204)


@router.get("/draft")
async def read_draft(room_id: UUID, tx: Care) -> DraftOut:
    """What was being written when the tab closed."""
    return DraftOut(text=await marks.draft(tx, await relations.readable(tx, room_id)))


@router.get("/stars")
async def list_stars(
    room_id: UUID, tx: Care, services: InServices, limit: Limit = 50, cursor: Cursor = 0
) -> MessagesOut:
    """The messages that this person starred, the latest star first."""
    room = await relations.readable(tx, room_id)
    found = await marks.starred(tx, room, limit=limit + 1, cursor=cursor)
    return MessagesOut(
        items=[message_out(message, room.actor, services.links) for message in found[:limit]],
        next_cursor=next_cursor(found, limit, cursor),
    )
