"""Messages on pages: as they stand in the conversation; sent, starred and corrected without a script."""

from __future__ import annotations

from uuid import UUID, uuid4

from fastapi import APIRouter, Request, Response

from api.deps import Care, InServices, SignedIn
from domain.access import Action, ReadableRoomId, RelatedRoom, Role, can, writable_room
from domain.errors import NotFound
from records import corrections, history, marks, messages, relations, rooms
from records.database import Row
from web.pages.forms import text_of
from web.pages.frame import Frame, InFrame, go
from web.pages.headers import header_of, place_of
from web.pages.media import medium_of
from web.pages.refusals import PageRoute
from web.views.media import NAMES
from web.views.messages import UNOPENED, May, Message, MessageView, Quote, Revision

router = APIRouter(route_class=PageRoute)


@router.post("/rooms/{room_id}/messages")
async def post_message(room_id: UUID, request: Request, services: InServices, actor: SignedIn) -> Response:
    """Send without a script. The form's own key makes a second press harmless."""
    form = await request.form()
    text = text_of(form, "text", least=1, most=10_000)
    door = await rooms.door(services.care, actor, room_id)
    room = writable_room(actor, door.related)
    new = messages.NewMessage(
        text_of(form, "idempotency_key", most=100) or str(uuid4()),
        text,
        reply_to=_id_of(text_of(form, "reply_to", most=36)),
        holding=bool(form.get("holding")),
    )
    await messages.post(services.care, room, door.key, new)
    async with services.care.transaction(actor) as tx:
        await marks.save_draft(tx, room, "")
    return go(f"/rooms/{room_id}")


@router.get("/rooms/{room_id}/messages/{message_id}")
async def show_message(room_id: UUID, message_id: UUID, frame: InFrame, tx: Care) -> Response:
    """One message with its earlier texts."""
    room = await relations.readable(tx, room_id)
    message = await history.one(tx, room, message_id)
    earlier = await corrections.revisions(tx, room, message_id) if message.revisions else []
    view = MessageView(
        str(room_id),
        shown(message, frame, await header_of(tx, room_id)),
        tuple(Revision(UNOPENED if each.text is None else each.text, each.replaced_at) for each in earlier),
        may(room),
    )
    return frame.page("room/message.html", view, place_of(frame, room_id))


@router.post("/rooms/{room_id}/messages/{message_id}")
async def correct_message(room_id: UUID, message_id: UUID, request: Request, tx: Care) -> Response:
    """Put other words in its place; the earlier ones are kept."""
    form = await request.form()
    text = text_of(form, "text", least=1, most=10_000)
    seq = await corrections.correct(
        tx, await relations.writable(tx, room_id, Action.CORRECT_MESSAGE), message_id, text
    )
    return go(f"/rooms/{room_id}?around={seq}#m{seq}")


@router.post("/rooms/{room_id}/messages/{message_id}/star")
async def star_message(room_id: UUID, message_id: UUID, request: Request, tx: Care) -> Response:
    """Put a star on it, or take it off."""
    form = await request.form()
    room = await relations.readable(tx, room_id, Action.STAR)
    seq = await marks.star(tx, room, message_id, on=bool(form.get("on")))
    return go(f"/rooms/{room_id}?around={seq}#m{seq}")


def _id_of(text: str) -> UUID | None:
    """Raises NotFound for what is no id."""
    try:
        return UUID(text) if text else None
    except ValueError:
        raise NotFound from None


def may(room: ReadableRoomId) -> May:
    """What the reader may do with messages there."""
    related = RelatedRoom(room.id, room.relation)
    return May(
        write=can(room.actor, Action.POST_MESSAGE, related).allowed,
        star=can(room.actor, Action.STAR, related).allowed,
        correct=can(room.actor, Action.CORRECT_MESSAGE, related).allowed,
    )


def shown(message: history.Message, frame: Frame, header: Row, receipt: str = "") -> Message:
    """The message as its reader sees it."""
    mine = message.sender_id == frame.signed_in().account_id
    return Message(
        message_id=str(message.id),
        seq=message.seq,
        sent_at=message.sent_at,
        sender=sender_of(message.sender_id, message.sender_role, frame, header),
        mine=mine,
        text=UNOPENED if message.text is None else message.text,
        holding=message.holding,
        receipt=receipt,
        revisions=message.revisions,
        starred=message.starred,
        kind=message.kind,
        quote=_quote(message.quote, frame, header),
        media=medium_of(message.media, frame, mine=mine),
        damaged=message.text is None,
    )


def _quote(quote: history.Quote | None, frame: Frame, header: Row) -> Quote | None:
    if quote is None:
        return None
    sender = sender_of(quote.sender_id, quote.sender_role, frame, header)
    words = UNOPENED if quote.text is None else quote.text or NAMES.get(quote.kind, "")
    return Quote(str(quote.id), quote.seq, sender, words)


def sender_of(sender_id: UUID, role: str, frame: Frame, header: Row) -> str:
    """Who wrote it, as the reader names them."""
    if sender_id == frame.signed_in().account_id:
        return "You"
    if role == Role.CLIENT:
        return str(header["client_code"])
    if sender_id == header["therapist_id"]:
        return str(header["therapist_name"])
    return "A colleague of the clinic"
