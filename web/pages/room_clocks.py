"""A room's clock on pages: why a time is due, and what its people may do about it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby
from uuid import UUID

from fastapi import APIRouter, Request, Response

from api.deps import Care
from api.explanations import MOVED, WORDS, plain_sentences
from domain.access import Action, VisibleRoomId
from domain.errors import FieldError, Invalid, KindroomError
from domain.explanations import Segment
from domain.promises import rough
from domain.response_items import NoReplyReason
from domain.room_clocks import EXTENSIONS_OF_A_CLOCK, HoldReason
from records import clocks, pauses, relations, room_clocks, rooms
from records.assignments import could_take
from records.database import Row, Transaction
from records.explanations import ClockStory, story_of
from web.pages.forms import text_of
from web.pages.frame import Frame, InFrame, PageRoute, go
from web.pages.rooms import banner_of, place_of, reader_of
from web.strips import Event, strip
from web.views.room_clocks import ClockView, Fired, Hold, Holding, More, Move, ReplyTimeView, Stretch, Why
from web.views.shell import Choice

router = APIRouter(route_class=PageRoute)

NO_REPLY = {
    NoReplyReason.NOTHING_ASKED: "Nothing was asked",
    NoReplyReason.ANSWERED_IN_SESSION: "Answered in a live session",
    NoReplyReason.ANSWERED_BY_PHONE: "Answered by phone",
    NoReplyReason.DUPLICATE: "Written twice",
    NoReplyReason.SENT_BY_MISTAKE: "Sent by mistake",
}
HOLDS = {
    HoldReason.CLIENT_ASKED: "The client asked for it",
    HoldReason.CARE_ELSEWHERE: "Cared for elsewhere for a while",
    HoldReason.UNREACHABLE: "The client cannot be reached",
    HoldReason.CONSENT_QUESTION: "A question of consent",
    HoldReason.LICENCE_QUESTION: "A question of licence",
}
REVIEWS = (
    Choice("3", "In 3 days"),
    Choice("7", "In a week"),
    Choice("14", "In two weeks, the longest there is"),
)
KINDS = {
    "welcome": "Welcome",
    "first_response": "First answer",
    "next_response": "Answer",
    "consult": "Consult",
}
ENDS = {
    "met": "Answered in time",
    "late": "Answered late",
    "waived": "No answer needed",
    "cancelled": "Ended without an answer",
}
HELD = {"paused": "On hold", "no_capacity": "Held: nobody has open hours"}
SAMPLED = {"short": "A very short answer", "last_tenth": "Answered in the last tenth of the time"}
RUNGS = {
    "nudge": "Therapist reminded",
    "breach": "Therapist, supervisors and client told",
    "cover": "Cover offered",
}
OTHER_REASONS = {
    "client_closed": "The client needed no answer any more",
    "auto_acknowledgement": "Only thanks, and nothing was asked",
    "room_closed": "The room was closed",
}


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
        why=_why(story, header, frame, tx) if story else None,
        bound=await room_clocks.bound_by_risk(tx, room),
        more=await _more_time(tx, clock) if clock and reader == "client" else (),
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
    await room_clocks.extend(tx, room, timedelta(hours=_whole(text_of(form, "hours", least=1, most=3))))
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
        facts=_facts(story),
        why=_why(story, header, frame, tx),
        sentence=story.told.sentence if story.told else "",
        fired=tuple(Fired(RUNGS[rung["rung"]], rung["due_at"], rung["fired_at"]) for rung in story.rungs),
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


def _why(story: ClockStory, header: Row, frame: Frame, tx: Transaction) -> Why:
    zone, by_client = frame.shell.zone, reader_of(frame) == "client"
    told = story.told
    return Why(
        sentences=tuple(plain_sentences(story, header, zone, tx.now, by_client=by_client)),
        strip=strip(told.segments, _events(story, by_client=by_client), told.tz, _late(story, tx.now))
        if told
        else None,
        stretches=stretches_of(told.segments) if told else (),
        moves=tuple(
            Move(
                move["at"],
                MOVED.get(move["reason"], "Worked out anew"),
                move["due_before"],
                move["due_after"],
            )
            for move in story.moved
        ),
        zone=told.tz if told else header["therapist_zone"],
    )


def _events(story: ClockStory, *, by_client: bool) -> list[Event]:
    """What is marked on the strip: the opening, the reminder, the due time, the end."""
    clock = story.clock
    wrote = "You wrote" if by_client else "Written"
    found = [Event(clock["opened_at"], "Room opened" if clock["kind"] == "welcome" else wrote)]
    reminders = [rung["due_at"] for rung in story.rungs if rung["rung"] == "nudge"]
    if story.told and not reminders and clock["state"] == "running":
        reminders = [alarm.at for alarm in story.told.projection.alarms if alarm.rung == "nudge"]
    found += [Event(at, "Reminder", "soon") for at in reminders]
    if story.due_at is not None:
        found.append(Event(story.due_at, "Due", "late" if story.breach else "act"))
    if clock["closed_at"] is not None:
        words = "Answered" if clock["state"] in ("met", "late") else "Ended"
        found.append(Event(clock["closed_at"], words, "good"))
    return found


def _late(story: ClockStory, now: datetime) -> tuple[datetime, datetime] | None:
    until = story.clock["closed_at"] or now
    return (story.due_at, until) if story.due_at is not None and until > story.due_at else None


def stretches_of(segments: Sequence[Segment]) -> tuple[Stretch, ...]:
    """The table: what did not count is one row between two that did."""
    rows = []
    for counted, group in groupby(segments, key=lambda part: part.counted):
        run = list(group)
        for part in [[each] for each in run] if counted else [run]:
            why = " and ".join(dict.fromkeys(WORDS[each.reason] for each in part))
            lasts = (part[-1].end - part[0].start).total_seconds() / 60
            rows.append(Stretch(part[0].start, part[-1].end, counted, why.capitalize(), lasts))
    return tuple(rows)


def _facts(story: ClockStory) -> tuple[tuple[str, str], ...]:
    """What the clock is, as pairs of words."""
    clock = story.clock
    state = HELD.get(clock["held"] or "", "Waiting") if clock["state"] == "running" else ENDS[clock["state"]]
    policy = clock["policy_name"].replace("_", " ").replace("-", " ").capitalize()
    version = f", version {story.policy_version}" if story.policy_version else ", built in"
    given = {**{str(key): words for key, words in NO_REPLY.items()}, **OTHER_REASONS}
    found = [
        ("Owed", KINDS[clock["kind"]]),
        ("State", state),
        ("Promise", policy + version),
        ("Calendar", f"version {story.calendar_version}"),
    ]
    if clock["reason"]:
        found.append(("Reason", given.get(clock["reason"], clock["reason"].replace("_", " "))))
    if clock["sampled"]:
        found.append(("For review", SAMPLED[clock["sampled"]]))
    if story.extensions:
        more = rough(timedelta(seconds=clock["extension_seconds"]))
        found.append(("More time", f"{more} of working time, given by the client"))
    return tuple(found)


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


def choices_of(words: dict[NoReplyReason, str] | dict[HoldReason, str]) -> tuple[Choice, ...]:
    """Codes with their words, for a form."""
    return tuple(Choice(str(key), label) for key, label in words.items())


def _whole(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise Invalid(FieldError("hours", "not_a_number"))
    return int(text)


def _places(count: int) -> str:
    return "1 free place" if count == 1 else f"{count} free places"
