"""The room: read, written and looked after without any script; `kind-room` (static/js/room) makes it live."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Query, Response

from api.deps import Care
from domain.access import ReadableRoomId, Relation
from domain.errors import Forbidden
from domain.states import state
from records import history, marks, relations, rooms
from records.database import Row, Transaction
from web.pages.access import ask_for_purpose
from web.pages.client_news import with_news
from web.pages.frame import Frame, InFrame
from web.pages.headers import header_of, me_of, other_of, place_of, reader_of
from web.pages.messages import may, shown
from web.pages.notes import record_of
from web.pages.promises import promise_of
from web.pages.refusals import PageRoute
from web.pages.searches import find_view
from web.pages.windows import Asked, read_window, receipt_of
from web.views.messages import Message
from web.views.rooms import Lead, Promise, RoomView

router = APIRouter(route_class=PageRoute)


@router.get("/rooms/{room_id}")
async def show_room(
    room_id: UUID,
    frame: InFrame,
    tx: Care,
    asked: Annotated[Asked, Query()],
) -> Response:
    """The conversation, or for a supervisor without a purpose the form that asks for one."""
    try:
        room = await relations.readable(tx, room_id)
    except Forbidden as refusal:
        if refusal.code != "purpose_required":
            raise
        return ask_for_purpose(frame, room_id)
    header = await header_of(tx, room_id)
    window = await read_window(tx, room, asked, frame.shell.reader)
    rights = may(room)
    taken_back = header["consent_withdrawn_at"] is not None
    shut = _shut(frame, header, room, may_write=rights.write)
    receipt = receipt_of(window.messages, frame, header)
    view = RoomView(
        room_id=str(room_id),
        reader=reader_of(frame),
        other=other_of(frame, header),
        me=me_of(frame, header),
        promise=await _promise(frame, header, tx),
        messages=tuple(shown(each, frame, header, receipt.get(each.seq, "")) for each in window.messages),
        last_seq=header["last_seq"],
        read_seq=header["read_seq"],
        earlier=window.earlier,
        later=bool(window.messages) and window.messages[-1].seq < header["last_seq"],
        draft="" if shut else await marks.draft(tx, room),
        shut=shut,
        lead=_lead(frame, taken_back=taken_back) if shut else None,
        in_place=_in_place(room, header),
        may=replace(rights, write=rights.write and not shut, correct=rights.correct and not shut),
        answering=await _answering(tx, room, asked.reply, frame, header),
        send_key=str(uuid4()),
        record=await record_of(tx, room_id) if reader_of(frame) == "therapist" else None,
        find=find_view(frame, room, header),
        therapist_id=str(header["therapist_id"]),
    )
    return frame.page("room/room.html", view, place_of(frame, room_id))


@router.get("/rooms/{room_id}/promise")
async def show_promise(room_id: UUID, frame: InFrame, tx: Care) -> Response:
    """The banner alone, for a page that heard of a change."""
    room = await relations.visible(tx, room_id)
    return frame.page("room/promise.html", await banner_of(frame, await rooms.header(tx, room), tx))


async def banner_of(frame: Frame, header: Row, tx: Transaction) -> RoomView:
    """The room as its banner needs it, without a word of its content."""
    return RoomView(
        room_id=str(header["id"]),
        reader=reader_of(frame),
        other=other_of(frame, header),
        me=me_of(frame, header),
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


def _shut(frame: Frame, header: Row, room: ReadableRoomId, *, may_write: bool) -> str:
    """Why nothing can be written here, in words; empty when it can."""
    if header["state"] != "open":
        return "This room is closed. You can read it at any time."
    if header["unlicensed_in"] and room.relation is Relation.ASSIGNED:
        place = state(header["unlicensed_in"]).name
        return f"Your licence does not reach {place}, where this client is now. {_others(header)}"
    if header["waits_for_consent"] and reader_of(frame) == "therapist":
        place = state(header["unconsented_in"]).name
        return (
            f"This client is in {place} now and has not agreed to care by messages there yet. They have been asked. "
            "You can write as soon as they have signed; they can write to you, and a supervisor can answer meanwhile."
        )
    if header["consent_withdrawn_at"] is not None and reader_of(frame) == "client":
        return "You took back your agreement to care by messages. You can read this room, and sign it anew to write."
    return "" if may_write else "You can read this room, and not write in it."


def _others(header: Row) -> str:
    return (
        "A licensed colleague answers meanwhile."
        if header["covered"]
        else "We are finding a licensed colleague."
    )


def _lead(frame: Frame, *, taken_back: bool) -> Lead:
    """Where to go from a room in which one cannot write."""
    match reader_of(frame):
        case "client" if taken_back:
            return Lead("/agreements", "To your agreements")
        case "client":
            return Lead("/journey", "What comes next")
        case "therapist":
            return Lead("/inbox", "To your inbox")
        case _:
            return Lead("/board", "To the board")


def _in_place(room: ReadableRoomId, header: Row) -> str:
    """Whose room it is, for somebody who writes in it for another."""
    if header["consent_withdrawn_at"] is not None:
        return "They took back their agreement to care by messages. You can write, so that nothing they asked is left."
    name = header["therapist_name"]
    match room.relation:
        case Relation.COVERING:
            return f"You cover for {name}. The client sees that a colleague answers."
        case Relation.WITH_PURPOSE:
            return (
                f"This is the room of {name}. You opened it for a stated reason, which the client can read."
            )
        case Relation.BREAK_GLASS:
            return f"This is the room of {name}. You opened it in an emergency; they and the client have been told."
        case Relation.ON_CALL:
            return f"This is the room of {name}. You are here because risk is open."
        case _:
            return ""


async def _answering(
    tx: Transaction, room: ReadableRoomId, message_id: UUID | None, frame: Frame, header: Row
) -> Message | None:
    """The message that is answered, for a composer that was asked for by a plain link."""
    if message_id is None:
        return None
    return shown(await history.one(tx, room, message_id), frame, header)
