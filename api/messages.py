"""Messages of a room: post once, read by seq, search, correct, star, drafts."""

from datetime import UTC, datetime
from typing import Annotated, Literal, Self
from uuid import UUID, uuid4

from fastapi import APIRouter, Header, Query, Request, Response
from pydantic import BaseModel, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from api.deps import AtTheDoor, Care, services_of
from api.promises import PromiseOut, promise_out
from api.schemas import Input, Text
from domain.access import Action, writable_room
from domain.errors import FieldError, Invalid
from records import marks, messages, relations
from records.messages import Message, NewMessage

router = APIRouter(prefix="/v1/rooms/{room_id}", tags=["messages"])


class MessageIn(Input):
    """A message. Audio and video name an uploaded medium, and may have words beside it."""

    kind: Literal["text", "audio", "video"] = "text"
    text: Text = ""
    media_id: UUID | None = None
    reply_to: UUID | None = None
    holding: bool = False

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.kind == "text" and not self.text:
            raise PydanticCustomError("text_missing", "a text message has a text")
        if (self.kind == "text") != (self.media_id is None):
            raise PydanticCustomError(
                "medium_missing", "audio and video name a medium, and nothing else does"
            )
        return self


class PostedOut(BaseModel):
    """The message is committed; the promise as it stands after it."""

    message_id: UUID
    seq: int
    sent_at: datetime
    promise: PromiseOut


class MessageOut(BaseModel):
    """One message."""

    message_id: UUID
    seq: int
    sender_id: UUID
    sender_role: str
    mine: bool
    kind: str
    text: str
    sent_at: datetime
    reply_to: UUID | None
    holding: bool
    corrected_at: datetime | None
    starred: bool


class MessagesOut(BaseModel):
    """Messages ascending by seq."""

    items: list[MessageOut]
    next_cursor: str | None = None


class SeqIn(Input):
    """How far the person has read."""

    seq: Annotated[int, Field(ge=0, le=2**53)]


class DraftIn(Input):
    """What the person is writing."""

    text: Text


class DraftOut(BaseModel):
    """What the person was writing."""

    text: str


class CorrectionIn(Input):
    """The text as it should have been."""

    text: Annotated[Text, StringConstraints(min_length=1)]


class SearchIn(Input):
    """Words to find: in a body, never in a URL."""

    q: Annotated[Text, StringConstraints(min_length=2, max_length=200)]
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class FoundOut(BaseModel):
    """A message that has the words."""

    message_id: UUID
    seq: int
    sent_at: datetime
    snippet: str


class FoundsOut(BaseModel):
    """Newest first."""

    items: list[FoundOut]
    next_cursor: str | None = None


@router.post("/messages", status_code=201)
async def post_message(
    body: MessageIn,
    request: Request,
    arrived: AtTheDoor,
    idempotency_key: Annotated[str | None, Header(min_length=1, max_length=200)] = None,
) -> PostedOut:
    """Write in the room. Two statements: who is at its door, and the post with what it does to the promise."""
    if idempotency_key is not None and not idempotency_key.isprintable():
        raise Invalid(FieldError("Idempotency-Key", "not_printable"))
    actor, door = arrived
    room = writable_room(actor, door.related)
    new = NewMessage(
        idempotency_key or str(uuid4()), body.text, body.kind, body.reply_to, body.holding, body.media_id
    )
    posted = await messages.post(services_of(request).care, room, door.key, new, answer_owed=door.answer_owed)
    return PostedOut(
        message_id=posted.message_id,
        seq=posted.seq,
        sent_at=posted.sent_at,
        promise=promise_out(
            clock_state=posted.clock_state,
            due_at=posted.due_at,
            held=posted.held,
            policy=posted.policy,
            client_zone=door.client_zone,
            therapist_zone=door.therapist_zone,
            pronoun=door.pronoun,
            now=datetime.now(UTC),
            covered=door.covered_while_away,
        ),
    )


@router.get("/messages")
async def read_messages(
    room_id: UUID,
    tx: Care,
    after: Annotated[int | None, Query(ge=0)] = None,
    before: Annotated[int | None, Query(ge=0)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> MessagesOut:
    """Those after, those before, or the last ones; always ascending."""
    if after is not None and before is not None:
        raise Invalid(FieldError("before", "not_with_after"))
    room = await relations.readable(tx, room_id)
    found = await messages.history(tx, room, after=after, before=before, limit=limit)
    return MessagesOut(items=[message_out(message, room.actor.account_id) for message in found])


def message_out(message: Message, reader: UUID) -> MessageOut:
    """The message on the wire."""
    return MessageOut(
        message_id=message.id,
        seq=message.seq,
        sender_id=message.sender_id,
        sender_role=message.sender_role,
        mine=message.sender_id == reader,
        kind=message.kind,
        text=str(message.text),
        sent_at=message.sent_at,
        reply_to=message.reply_to,
        holding=message.holding,
        corrected_at=message.corrected_at,
        starred=message.starred,
    )


@router.patch("/messages/{message_id}", status_code=204)
async def correct_message(room_id: UUID, message_id: UUID, body: CorrectionIn, tx: Care) -> Response:
    """Correct one's own message; the earlier text is kept."""
    room = await relations.writable(tx, room_id, Action.CORRECT_MESSAGE)
    await messages.correct(tx, room, message_id, body.text)
    return Response(status_code=204)


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
    return DraftOut(text=str(await marks.draft(tx, await relations.readable(tx, room_id))))


@router.post("/search")
async def search_room(room_id: UUID, body: SearchIn, tx: Care) -> FoundsOut:
    """Messages that contain the words, newest first."""
    room = await relations.readable(tx, room_id, Action.SEARCH_ROOM)
    found = await messages.search(tx, room, body.q, body.limit)
    return FoundsOut(
        items=[FoundOut(message_id=m.id, seq=m.seq, sent_at=m.sent_at, snippet=text) for m, text in found]
    )
