"""A room's clock on pages: why a time is due, and what its people may do about it."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from fastapi import APIRouter, Request, Response

from api.deps import Care
from domain.access import Action, VisibleRoomId
from domain.errors import Conflict, FieldError, Invalid, KindroomError
from domain.response_items import NoReplyReason
from domain.room_clocks import EXTENSIONS_OF_A_CLOCK, HoldReason
from records import clocks, pauses, relations, room_clocks, rooms
from records.assignments import could_take
from records.database import Row, Transaction
from records.explanations import story_of
from web.pages.clock_words import HOLDS, NO_REPLY, REVIEWS, RUNGS, choices_of
from web.pages.explanations import facts_of, why_of
from web.pages.forms import text_of
from web.pages.frame import InFrame, go
from web.pages.headers import place_of, reader_of
from web.pages.refusals import PageRoute
from web.pages.rooms import banner_of
from web.views.room_clocks import ClockView, Fired, Hold, Holding, More, ReplyTimeView
from web.views.shell import Choice

router = APIRouter(route_class=PageRoute)


@router.get("/rooms/{room_id}/reply-time")
async def show_reply_time(room_id: UUID, frame: InFrame, tx: Care) -> Response:
    """Why then, for whoever stands in the room or watches over it; and what they may do about it."""
    room = await relations.visible(tx, room_id)
    header = await rooms.header(tx, room)
    clock = await room_clocks.running(tx, room)
    story = await story_of(tx, clock) if clock else None
    reader = reader_of(frame)
    hold = await pauses.current_hold(tx, room_id)
    view = ReplyTimeView(
        room=await banner_of(frame, header, tx),
        why=why_of(story, header, frame, tx) if story else None,
        bound=await room_clocks.bound_by_risk(tx, room),
        more=await _more_time(tx, clock) if clock and reader == "client" else (),
        given=len(story.extensions) if story else 0,
        left=EXTENSIONS_OF_A_CLOCK - len(story.extensions) if story else 0,
        may_close=clock is not None and reader == "client" and clock["client_messages"] > 0,
        reasons=choices_of(NO_REPLY) if clock and await _may(tx, room_id, Action.WAIVE_CLOCK) else (),
        hold=Hold(hold["starts_at"]) if hold else None,
        holding=await _holding(tx, room, hold) if reader == "supervisor" else None,
    )
    return frame.page("room/reply_time.html", view, place_of(frame, room_id))


@router.post("/rooms/{room_id}/reply-time/more")
async def give_more_time(room_id: UUID, request: Request, tx: Care) -> Response:
    """The client gives more of the therapist's working time."""
    form = await request.form()
    room = await relations.visible(tx, room_id, Action.EXTEND_CLOCK)
    by = timedelta(hours=_whole(text_of(form, "hours", least=1, most=3)))
    try:
        await room_clocks.extend(tx, room, by, seen=_whole(text_of(form, "seen", least=1, most=1)))
    except Conflict as refused:
        if refused.code != "extended_meanwhile":  # pressed twice: it is done
            raise
    return go(f"/rooms/{room_id}/reply-time", "more_time")


@router.post("/rooms/{room_id}/reply-time/enough")
async def close_question(room_id: UUID, tx: Care) -> Response:
    """The client needs no answer any more."""
    room = await relations.visible(tx, room_id, Action.CLOSE_QUESTION)
    await room_clocks.close_question(tx, room)
    return go(f"/rooms/{room_id}/reply-time", "question_closed")


@router.post("/rooms/{room_id}/reply-time/no-reply")
async def waive(room_id: UUID, request: Request, tx: Care) -> Response:
    """A clinician says that no reply is needed, and why."""
    form = await request.form()
    room = await relations.visible(tx, room_id, Action.WAIVE_CLOCK)
    chosen = text_of(form, "reason", least=1)
    if chosen not in list(NoReplyReason):
        raise Invalid(FieldError("reason", "unknown"))
    await room_clocks.waive(tx, room, NoReplyReason(chosen))
    return go(f"/rooms/{room_id}/reply-time", "no_reply")


@router.post("/rooms/{room_id}/hold")
async def hold_room(room_id: UUID, request: Request, tx: Care) -> Response:
    """A supervisor holds the room's reply times, or reviews a hold."""
    form = await request.form()
    room = await relations.visible(tx, room_id, Action.HOLD_ROOM)
    chosen = text_of(form, "reason", least=1)
    if chosen not in list(HoldReason):
        raise Invalid(FieldError("reason", "unknown"))
    review_by = tx.now + timedelta(days=_whole(text_of(form, "days", least=1, most=2)))
    await pauses.hold(tx, room, HoldReason(chosen), review_by)
    return go(f"/rooms/{room_id}/reply-time", "held")


@router.post("/rooms/{room_id}/hold/end")
async def end_hold(room_id: UUID, tx: Care) -> Response:
    """Reply times count again."""
    room = await relations.visible(tx, room_id, Action.HOLD_ROOM)
    await pauses.end_hold(tx, room)
    return go(f"/rooms/{room_id}/reply-time", "hold_ended")


@router.get("/board/clocks/{clock_id}")
async def show_clock(clock_id: UUID, frame: InFrame, tx: Care) -> Response:
    """A clock, running or closed, with all that is on record about it, and who else could answer."""
    clock = await clocks.find(tx, clock_id)
    room = await relations.visible(tx, clock["room_id"], Action.REASSIGN)
    header, story = await rooms.header(tx, room), await story_of(tx, clock)
    running = clock["state"] == "running"
    view = ClockView(
        clock_id=str(clock_id),
        room_id=str(clock["room_id"]),
        client_code=header["client_code"],
        therapist=header["therapist_name"],
        opened_at=clock["opened_at"],
        due_at=clock["due_at"],
        running=running,
        facts=facts_of(story),
        why=why_of(story, header, frame, tx),
        sentence=story.told.sentence if story.told else "",
        fired=tuple(
            Fired(RUNGS.get(rung["rung"], "Rung reached"), rung["due_at"], rung["fired_at"])
            for rung in story.rungs
        ),
        breached_at=story.breach["breached_at"] if story.breach else None,
        reassign_to=tuple(
            Choice(str(row["id"]), f"{row['name']}, {_places(row['places'])}")
            for row in await could_take(tx, room)
        )
        if running
        else (),
        holding=await _holding(tx, room, await pauses.current_hold(tx, room.id)),
    )
    return frame.page("staff/clock.html", view, "/board")


async def _more_time(tx: Transaction, clock: Row) -> tuple[More, ...]:
    """What the client may choose from."""
    return tuple(
        More(by // timedelta(hours=1), due_at) for by, due_at in await room_clocks.previews(tx, clock)
    )


async def _holding(tx: Transaction, room: VisibleRoomId, hold: Row | None) -> Holding:
    return Holding(
        room_id=str(room.id),
        hold=Hold(hold["starts_at"], HOLDS[HoldReason(hold["reason"])], hold["owner"], hold["review_by"])
        if hold
        else None,
        reasons=choices_of(HOLDS),
        reviews=REVIEWS,
        at_risk=await pauses.at_risk(tx, room.id),
    )


async def _may(tx: Transaction, room_id: UUID, action: Action) -> bool:
    try:
        await relations.visible(tx, room_id, action)
    except KindroomError:
        return False
    return True


def _whole(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise Invalid(FieldError("hours", "not_a_number"))
    return int(text)


def _places(count: int) -> str:
    return "1 free place" if count == 1 else f"{count} free places"
