"""Goals and check-ins of a room."""

from __future__ import annotations

from datetime import date, datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request, Response

from api.deps import Care
from domain.access import Action, ReadableRoomId, Role
from domain.errors import FieldError, Invalid
from domain.goals import Achievement, GoalTerms, Lifecycle, Side
from domain.opening import unopened
from records import check_ins, goals, plans, relations
from records.database import Transaction
from web.pages.forms import text_of, typed
from web.pages.frame import Frame, InFrame, go
from web.pages.headers import header_of, other_of, reader_of
from web.pages.measures import results_of, to_answer
from web.pages.refusals import PageRoute
from web.views.plans import CheckIn, Goal, GoalsView
from web.views.rooms import Person, PlanView
from web.views.shell import Form

router = APIRouter(route_class=PageRoute)

SHOWN = 12
PROMPT = "How has it been since the last time?"
STANDING = {
    Lifecycle.PROPOSED: "Proposed",
    Lifecycle.PLANNED: "Planned",
    Lifecycle.ACCEPTED: "Agreed",
    Lifecycle.ACTIVE: "At work on it",
    Lifecycle.ON_HOLD: "On hold",
    Lifecycle.COMPLETED: "Done",
    Lifecycle.CANCELLED: "Let go",
    Lifecycle.REJECTED: "Not taken up",
    Lifecycle.ENTERED_IN_ERROR: "Taken back",
}
PROGRESS = {
    Achievement.IN_PROGRESS: ("At work on it", ""),
    Achievement.IMPROVING: ("Getting better", "good"),
    Achievement.WORSENING: ("Getting harder", "soon"),
    Achievement.NO_CHANGE: ("No change yet", ""),
    Achievement.ACHIEVED: ("Reached", "good"),
    Achievement.SUSTAINING: ("Reached and kept", "good"),
    Achievement.NOT_ACHIEVED: ("Not reached", "soon"),
    Achievement.NO_PROGRESS: ("No progress", "soon"),
    Achievement.NOT_ATTAINABLE: ("Out of reach", "soon"),
}
STATES = {"asked": "open", "answered": "answered", "missed": "missed"}
_WORDS = {
    "required": "Say in a few words what it is.",
    "missing": "Say in a few words what it is.",
    "in_the_past": "Choose a day to come.",
    "not_a_date": "Choose a day.",
}


@router.get("/rooms/{room_id}/goals")
async def show_goals(room_id: UUID, frame: InFrame, tx: Care) -> Response:
    """The goals tab."""
    return await _page(room_id, frame, tx, Form())


@router.post("/rooms/{room_id}/goals")
async def propose(room_id: UUID, request: Request, frame: InFrame, tx: Care) -> Response:
    """Propose a goal; whoever writes it has agreed to it."""
    form = await request.form()
    room = await relations.writable(tx, room_id, Action.SET_GOAL)
    try:
        due = text_of(form, "due_on")
        terms = GoalTerms(
            statement=text_of(form, "statement", least=1, most=400),
            target=text_of(form, "target", most=400),
            due_on=_date(due) if due else None,
        )
        await goals.add(tx, room, terms)
    except Invalid as refusal:
        errors = {
            each.field: _WORDS.get(each.code, "Please look at this once more.") for each in refusal.errors
        }
        return await _page(room_id, frame, tx, Form(typed(form), errors=errors), 422)
    return go(f"/rooms/{room_id}/goals", "saved")


@router.post("/rooms/{room_id}/goals/{goal_id}/accept")
async def accept(room_id: UUID, goal_id: UUID, tx: Care) -> Response:
    """Agree to a goal as it is worded now."""
    room = await relations.writable(tx, room_id, Action.SET_GOAL)
    await goals.change(tx, room, goal_id, goals.GoalChange(accepted=True))
    return go(f"/rooms/{room_id}/goals", "saved")


@router.post("/rooms/{room_id}/check-ins")
async def ask(room_id: UUID, tx: Care) -> Response:
    """Ask out of turn."""
    await check_ins.ask_now(tx, await relations.writable(tx, room_id, Action.ASK_CHECK_IN))
    return go(f"/rooms/{room_id}/goals", "asked")


@router.post("/rooms/{room_id}/check-ins/{check_in_id}")
async def answer(room_id: UUID, check_in_id: UUID, request: Request, tx: Care) -> Response:
    """The client's answer."""
    form = await request.form()
    room = await relations.writable(tx, room_id, Action.ANSWER_CHECK_IN)
    value = text_of(form, "value", least=1, most=2)
    if value not in {str(n) for n in range(11)}:
        raise Invalid(FieldError("value", "out_of_range"))
    await check_ins.answer(tx, room, check_in_id, int(value), text_of(form, "words", most=4_000))
    return go(f"/rooms/{room_id}/goals", "sent")


async def _page(room_id: UUID, frame: Frame, tx: Transaction, form: Form, status: int = 200) -> Response:
    room = await relations.readable(tx, room_id, Action.READ_GOALS)
    client = reader_of(frame) == "client"
    header = await header_of(tx, room_id)
    other = other_of(frame, header)
    plan = await plans.plan_row(tx, room_id)
    measured = await results_of(tx, header["client_id"], in_words=not client)
    view = PlanView(
        str(room_id),
        other,
        GoalsView(
            goals=await _goals(tx, room, other, frame),
            check_ins=await _check_ins(tx, room_id),
            trends=measured.trends,
            results=measured.others,
            can_answer=client,
            to_answer=await to_answer(tx, header["client_id"]) if client else (),
            next_at=plan["next_check_in_at"],
        ),
        form,
    )
    here = f"/rooms/{room_id}/goals" if client else "/inbox"
    return frame.page("room/goals.html", view, here, status)


async def _goals(tx: Transaction, room: ReadableRoomId, other: Person, frame: Frame) -> tuple[Goal, ...]:
    side = Side.CLIENT if room.actor.role is Role.CLIENT else Side.CLINICIAN
    zone = ZoneInfo(frame.shell.zone)
    return tuple(_goal(each, side, other, zone) for each in await goals.listing(tx, room))


def _goal(goal: goals.Goal, side: Side, other: Person, zone: ZoneInfo) -> Goal:
    state = goal.state
    words, tone = STANDING[state.lifecycle], ""
    if state.achievement is not None:
        words, tone = PROGRESS[state.achievement]
    elif state.lifecycle is Lifecycle.PROPOSED:
        words = "Proposed by you" if side in state.accepted_by else f"Proposed by {other.name}"
    terms = goal.terms or GoalTerms(unopened("goal"))
    due = terms.due_on
    return Goal(
        goal_id=str(goal.id),
        statement=terms.statement,
        target=terms.target,
        status=words,
        tone=tone,
        due_at=datetime.combine(due, time(12), zone) if due else None,
        can_accept=goal.terms is not None
        and side not in state.accepted_by
        and state.lifecycle in (Lifecycle.PROPOSED, Lifecycle.PLANNED),
    )


async def _check_ins(tx: Transaction, room_id: UUID) -> tuple[CheckIn, ...]:
    room = await relations.readable(tx, room_id, Action.READ_CHECK_INS)
    return tuple(
        CheckIn(
            check_in_id=str(each.id),
            prompt=PROMPT,
            asked_at=each.asked_at,
            state=STATES.get(each.state, "skipped"),
            due_at=each.closes_at,
            answer=each.value,
            words=unopened("answer") if each.words is None else each.words,
            measures=", ".join(each.measures),
        )
        for each in await check_ins.listing(tx, room, limit=SHOWN)
    )


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Invalid(FieldError("due_on", "not_a_date")) from error
