"""Messages of a room: posted once, read by seq or by instant, corrected by their writers."""

from datetime import UTC, datetime
from typing import Annotated, Literal, Self
from uuid import UUID, uuid4

from fastapi import APIRouter, Header, Query, Request, Response
from pydantic import BaseModel, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from api.deps import AtTheDoor, Care, InServices, services_of
from api.instants import Instant
from api.media_links import MediaLinks
from api.media_views import MediumOut, medium_out
from api.promises import PromiseOut, promise_out
from api.schemas import Input, InWindow, Text
from domain.access import Action, Actor, writable_room
from domain.errors import FieldError, Invalid
from records import corrections, history, messages, relations
from records.history import Message, Quote
from records.messages import NewMessage

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


class QuoteOut(BaseModel):
    """The message that is answered: its beginning (null: it cannot be opened), and where it is."""

    message_id: UUID
    seq: int
    mine: bool
    sender_role: str
    kind: str
    text: str | None


class MessageOut(BaseModel):
    """One message. `text` null: it cannot be opened. `revisions`: the number of its earlier texts."""

    message_id: UUID
    seq: int
    sender_id: UUID
    sender_role: str
    mine: bool
    kind: str
    text: str | None
    sent_at: datetime
    reply_to: UUID | None
    holding: bool
    corrected_at: datetime | None
    starred: bool
    revisions: int
    quote: QuoteOut | None
    media: MediumOut | None


class MessagesOut(BaseModel):
    """Messages ascending by seq."""

    items: list[MessageOut]
    next_cursor: str | None = None


class CorrectionIn(Input):
    """The text as it should have been."""

    text: Annotated[Text, StringConstraints(min_length=1)]


class RevisionOut(BaseModel):
    """An earlier text of a message; null: it cannot be opened."""

    text: str | None
    replaced_at: datetime


class RevisionsOut(BaseModel):
    """The earlier texts, the first one first."""

    items: list[RevisionOut]
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
    posted = await messages.post(
        services_of(request).care, room, door.key, new, answer_owed=door.answer_owed, opening=door.opening
    )
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
    services: InServices,
    after: Annotated[int | None, Query(ge=0)] = None,
    before: Annotated[int | None, Query(ge=0)] = None,
    around: Annotated[int | None, Query(ge=1)] = None,
    at: Instant | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> MessagesOut:
    """Those after a seq, before or around one, those from an instant on, or the last ones; always ascending.

    Around a seq: up to twenty before it, and up to `limit` from it on.
    """
    asked = {"after": after, "before": before, "around": around, "at": at}
    given = [name for name, value in asked.items() if value is not None]
    if len(given) > 1:
        raise Invalid(FieldError(given[1], f"not_with_{given[0]}"))
    room = await relations.readable(tx, room_id)
    if at is not None:
        after = await history.seq_before(tx, room, at)
    if around is not None:
        found = await history.around(tx, room, around, limit)
    else:
        found = await history.read(tx, room, after=after, before=before, limit=limit)
    return MessagesOut(items=[message_out(message, room.actor, services.links) for message in found])


def message_out(message: Message, actor: Actor, links: MediaLinks) -> MessageOut:
    """The message on the wire, with this reader's links to its recording."""
    reader = actor.account_id
    return MessageOut(
        message_id=message.id,
        seq=message.seq,
        sender_id=message.sender_id,
        sender_role=message.sender_role,
        mine=message.sender_id == reader,
        kind=message.kind,
        text=message.text,
        sent_at=message.sent_at,
        reply_to=message.reply_to,
        holding=message.holding,
        corrected_at=message.corrected_at,
        starred=message.starred,
        revisions=message.revisions,
        quote=_quote_out(message.quote, reader),
        media=medium_out(message.media, actor, links, datetime.now(UTC)) if message.media else None,
    )


def _quote_out(quote: Quote | None, reader: UUID) -> QuoteOut | None:
    if quote is None:
        return None
    return QuoteOut(
        message_id=quote.id,
        seq=quote.seq,
        mine=quote.sender_id == reader,
        sender_role=quote.sender_role,
        kind=quote.kind,
        text=quote.text,
    )


@router.patch("/messages/{message_id}", status_code=204)
async def correct_message(room_id: UUID, message_id: UUID, body: CorrectionIn, tx: Care) -> Response:
    """Correct one's own message; the earlier text is kept."""
    room = await relations.writable(tx, room_id, Action.CORRECT_MESSAGE)
    await corrections.correct(tx, room, message_id, body.text)
    return Response(status_code=204)


@router.get("/messages/{message_id}/revisions")
async def read_revisions(room_id: UUID, message_id: UUID, tx: Care, window: InWindow) -> RevisionsOut:
    """The texts that a corrected message had before."""
    found = await corrections.revisions(tx, await relations.readable(tx, room_id), message_id)
    return RevisionsOut(
        **window.of([RevisionOut(text=each.text, replaced_at=each.replaced_at) for each in found])
    )
