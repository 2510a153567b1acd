"""The room: read, written and looked after without any script; `kind-room` (static/js/room) makes the same page live."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Query, Request, Response

from api.deps import Care, InServices, SignedIn
from domain.access import Action, Role, writable_room
from domain.errors import Forbidden, KindroomError, NotFound
from domain.promises import Pronoun
from records import history, marks, messages, relations, room_access, rooms
from records.access_log import access_log
from records.database import Row, Transaction
from web.pages.client_news import with_news
from web.pages.forms import text_of
from web.pages.frame import Frame, InFrame, PageRoute, go
from web.pages.notes import record_of
from web.pages.people import initials
from web.pages.promises import promise_of
from web.views.rooms import AccessView, Message, Opened, Person, Promise, PurposeView, RoomView

router = APIRouter(route_class=PageRoute)

PAGE = 50

PURPOSES = {
    "read_messages": "Read messages",
    "search_room": "Searched",
    "open_with_purpose": "Opened for a stated purpose",
    "export_room": "Exported",
    "read_notes": "Read notes",
    "reassign": "Gave the room to another therapist",
}
ROLES = {"therapist": "Therapist", "supervisor": "Supervisor", "administrator": "Administrator"}


@router.get("/rooms/{room_id}")
async def show_room(
    room_id: UUID,
    frame: InFrame,
    tx: Care,
    before: Annotated[int | None, Query(ge=1)] = None,
) -> Response:
    """The conversation, or for a supervisor without a purpose the form that asks for one."""
    try:
        room = await relations.readable(tx, room_id)
    except Forbidden as refusal:
        if refusal.code != "purpose_required":
            raise
        return frame.page("room/purpose.html", PurposeView(str(room_id)), place_of(frame, room_id), 403)
    header = await header_of(tx, room_id)
    found = await history.read(tx, room, before=before, limit=PAGE + 1)
    earlier, found = len(found) > PAGE, found[-PAGE:]
    shut = await _shut(tx, room_id, header)
    draft = "" if shut else str(await marks.draft(tx, room))
    view = RoomView(
        room_id=str(room_id),
        reader=reader_of(frame),
        other=other_of(frame, header),
        me=_me(frame, header),
        promise=await _promise(frame, header, tx),
        messages=tuple(_message(each, frame, header) for each in found),
        last_seq=header["last_seq"] if before is None else (found[-1].seq if found else 0),
        read_seq=header["read_seq"],
        earlier=earlier,
        draft=draft,
        shut=shut,
        send_key=str(uuid4()),
        older=before is not None,
        record=await record_of(tx, room_id) if reader_of(frame) == "therapist" else None,
    )
    return frame.page("room/room.html", view, place_of(frame, room_id))


@router.get("/rooms/{room_id}/promise")
async def show_promise(room_id: UUID, frame: InFrame, tx: Care) -> Response:
    """The banner alone, for a page that heard of a change."""
    room = await relations.visible(tx, room_id)
    return frame.page("room/promise.html", await banner_of(frame, await rooms.header(tx, room), tx))


@router.post("/rooms/{room_id}/messages")
async def post_message(room_id: UUID, request: Request, services: InServices, actor: SignedIn) -> Response:
    """Send without a script. The form's own key makes a second press harmless."""
    form = await request.form()
    text = text_of(form, "text", most=10_000)
    door = await rooms.door(services.care, actor, room_id)
    room = writable_room(actor, door.related)
    new = messages.NewMessage(
        text_of(form, "idempotency_key", most=100) or str(uuid4()), text, holding=bool(form.get("holding"))
    )
    await messages.post(services.care, room, door.key, new)
    async with services.care.transaction(actor) as tx:
        await marks.save_draft(tx, room, "")
    return go(f"/rooms/{room_id}")


@router.post("/rooms/{room_id}/purpose")
async def open_with_purpose(room_id: UUID, request: Request, tx: Care) -> Response:
    """A supervisor says why; the room opens for an hour and the client can read it."""
    form = await request.form()
    room = await relations.visible(tx, room_id, Action.OPEN_WITH_PURPOSE)
    purpose = text_of(form, "purpose", least=1, most=200)
    reason = text_of(form, "reason", least=20, most=2_000)
    await room_access.open_with_purpose(tx, room, purpose, reason)
    return go(f"/rooms/{room_id}")


@router.get("/rooms/{room_id}/access")
async def show_access(room_id: UUID, frame: InFrame, tx: Care) -> Response:
    """Who opened the room."""
    room = await relations.visible(tx, room_id, Action.READ_ACCESS_LOG)
    other = other_of(frame, await header_of(tx, room_id))
    lines = tuple(
        Opened(
            at=line["at"],
            who=line["who"],
            role=ROLES.get(line["role"], str(line["role"])),
            why=str(line["purpose"] or PURPOSES.get(line["action"], line["action"])),
            break_glass=line["purpose"] is not None,
        )
        for line in await access_log(tx, room)
    )
    here = f"/rooms/{room_id}/access" if reader_of(frame) == "client" else place_of(frame, room_id)
    return frame.page("room/access.html", AccessView(str(room_id), other, lines), here)


async def banner_of(frame: Frame, header: Row, tx: Transaction) -> RoomView:
    """The room as its banner needs it, without a word of its content."""
    return RoomView(
        room_id=str(header["id"]),
        reader=reader_of(frame),
        other=other_of(frame, header),
        me=_me(frame, header),
        promise=await _promise(frame, header, tx),
        messages=(),
        last_seq=0,
        read_seq=0,
    )


async def _promise(frame: Frame, header: Row, tx: Transaction) -> Promise:
    promise = promise_of(header, tx)
    if reader_of(frame) != "client":
        return promise
    return await with_news(promise, header, frame.shell.reader, tx)


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


def _therapist(header: Row) -> Person:
    name = header["therapist_name"]
    return Person(name, initials(name), header["therapist_zone"], Pronoun(header["pronoun"]))


def _client(header: Row) -> Person:
    return Person(header["client_code"], initials(header["client_code"]), header["client_zone"])


def _me(frame: Frame, header: Row) -> Person:
    return _client(header) if reader_of(frame) == "client" else _therapist(header)


def place_of(frame: Frame, room_id: UUID) -> str:
    """Where in the menu a room stands."""
    return {"client": f"/rooms/{room_id}", "therapist": "/inbox"}.get(reader_of(frame), "/board")


def _message(message: history.Message, frame: Frame, header: Row) -> Message:
    mine = message.sender_id == frame.signed_in().account_id
    last_own = mine and message.seq == header["last_seq"]
    return Message(
        message_id=str(message.id),
        seq=message.seq,
        sent_at=message.sent_at,
        sender="You" if mine else _sender(message, header),
        mine=mine,
        text=str(message.text),
        holding=message.holding,
        receipt=("read" if message.seq <= header["read_by_others"] else "sent") if last_own else "",
        edited=message.corrected_at is not None,
    )


def _sender(message: history.Message, header: Row) -> str:
    if message.sender_role == Role.CLIENT:
        return str(header["client_code"])
    if message.sender_id == header["therapist_id"]:
        return str(header["therapist_name"])
    return "A colleague of the clinic"


async def _shut(tx: Transaction, room_id: UUID, header: Row) -> str:
    """Why nothing can be written here, in words; empty when it can."""
    if header["state"] == "closed":
        return "This room is closed. You can read it at any time."
    try:
        await relations.writable(tx, room_id)
    except KindroomError:
        return "You can read this room, and not write in it."
    return ""
