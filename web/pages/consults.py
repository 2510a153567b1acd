"""Second opinions on pages: asked from a room by its therapist, answered by supervisors beside the board."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from api.deps import Care, allowed
from domain.access import Action
from domain.errors import Conflict, Invalid
from domain.opening import unopened
from records import consults, relations, rooms
from records.database import Row, Transaction
from web.pages.forms import text_of, typed
from web.pages.frame import Frame, InFrame, go
from web.pages.refusals import PageRoute
from web.views.clocks import Filter
from web.views.consults import Consult, QueueView, RoomConsultsView
from web.views.shell import Form

router = APIRouter(route_class=PageRoute)

QUEUE = "/board/consults"
ANSWERS = Depends(allowed(Action.ANSWER_CONSULTS))
PAGE = 50
LONGEST = 4_000
_SOON = timedelta(minutes=30)
_EMPTY = "Please write a few words."


@router.get("/rooms/{room_id}/consults")
async def show_room(room_id: UUID, frame: InFrame, tx: Care) -> Response:
    """What was asked about this room, and the form for the next question."""
    return await _room(frame, tx, room_id, Form())


@router.post("/rooms/{room_id}/consults")
async def ask(room_id: UUID, request: Request, frame: InFrame, tx: Care) -> Response:
    """Ask the supervisors."""
    form = await request.form()
    room = await relations.writable(tx, room_id, Action.ASK_CONSULT)
    try:
        await consults.ask(tx, room, text_of(form, "question", least=1, most=LONGEST))
    except Invalid:
        refused = Form(typed(form), errors={"question": _EMPTY})
        return await _room(frame, tx, room_id, refused, 422)
    return go(f"/rooms/{room_id}/consults", "asked")


@router.get(QUEUE, dependencies=[ANSWERS])
async def show_queue(frame: InFrame, tx: Care, state: str = "waiting", cursor: int = 0) -> Response:
    """What waits for an answer, the first due first; or what was answered."""
    return await _queue(frame, tx, waiting=state != "answered", cursor=max(cursor, 0))


@router.post("/board/consults/{consult_id}/answer", dependencies=[ANSWERS])
async def answer(consult_id: UUID, request: Request, frame: InFrame, tx: Care) -> Response:
    """Answer. Who asked is told."""
    form = await request.form()
    try:
        await consults.answer(tx, consult_id, text_of(form, "answer", least=1, most=LONGEST))
    except Invalid:
        refused = Form(typed(form), errors={"answer": _EMPTY})
        return await _queue(frame, tx, waiting=True, form=refused, refused=str(consult_id), status=422)
    except Conflict:
        problem = Form(problem="Somebody has answered it already. Theirs stands under Answered.")
        return await _queue(frame, tx, waiting=True, form=problem, status=409)
    return go(QUEUE, "sent")


async def _room(frame: Frame, tx: Transaction, room_id: UUID, form: Form, status: int = 200) -> Response:
    room = await relations.readable(tx, room_id, Action.READ_CONSULTS)
    header = await rooms.header(tx, await relations.visible(tx, room_id))
    items = tuple(_consult(tx, row) for row in await consults.of_room(tx, room))
    view = RoomConsultsView(
        str(room_id), header["client_code"], items, any(not each.answer for each in items), form
    )
    return frame.page("room/consults.html", view, "/inbox", status)


async def _queue(
    frame: Frame,
    tx: Transaction,
    *,
    waiting: bool,
    cursor: int = 0,
    form: Form | None = None,
    refused: str = "",
    status: int = 200,
) -> Response:
    rows = await consults.queue(tx, running=waiting, limit=PAGE + 1, cursor=cursor)
    state = "waiting" if waiting else "answered"
    view = QueueView(
        items=tuple(_consult(tx, row) for row in rows[:PAGE]),
        filters=tuple(
            Filter(name, f"{QUEUE}?state={key}", None, key == state)
            for key, name in (("waiting", "Waiting"), ("answered", "Answered"))
        ),
        waiting=waiting,
        form=form or Form(),
        refused=refused,
        next_href=f"{QUEUE}?state={state}&cursor={cursor + PAGE}" if len(rows) > PAGE else "",
    )
    return frame.page("staff/consults.html", view, "/board", status)


def _answer(row: Row) -> str:
    if row["state"] == "running":
        return ""
    return unopened("answer") if row["answer"] is None else str(row["answer"])


def _consult(tx: Transaction, row: Row) -> Consult:
    due = row["due_at"]
    late = row["state"] == "late" or (row["state"] == "running" and due is not None and due < tx.now)
    return Consult(
        consult_id=str(row["id"]),
        client_code=row["client_code"],
        therapist=row["therapist"],
        asked_at=row["asked_at"],
        question=unopened("question") if row["question"] is None else row["question"],
        due_at=due,
        soon_at=due - _SOON if due else None,
        late=late,
        answer=_answer(row),
        answered_by=row["answered_by_name"] or "",
        answered_at=row["answered_at"],
    )
