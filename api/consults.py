"""Consults: a therapist asks for a second opinion about a room, supervisors owe an answer."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, StringConstraints

from api.deps import Care, OnceOnly, allowed
from api.schemas import Cursor, Input, InWindow, Limit, Text, next_cursor
from domain.access import Action
from records import consults, relations
from records.database import Row

router = APIRouter(prefix="/v1", tags=["consults"])

Words = Annotated[Text, StringConstraints(min_length=1, max_length=4_000)]


class QuestionIn(Input):
    """What is asked."""

    question: Words


class AnswerIn(Input):
    """What is answered."""

    answer: Words


class AskedOut(BaseModel):
    """A consult that waits, and when its answer is due."""

    consult_id: UUID
    due_at: datetime | None
    policy: str


class ConsultOut(BaseModel):
    """A consult: `state` running, met or late. `due_at` null: nobody's hours are in sight.

    `question` null, or `answer` null once it is answered: it cannot be opened.
    """

    consult_id: UUID
    room_id: UUID
    client_code: str
    therapist: str
    asked_at: datetime
    question: str | None
    policy: str
    due_at: datetime | None
    state: str
    answered_by: str | None
    answered_at: datetime | None
    answer: str | None


class ConsultsOut(BaseModel):
    """Consults."""

    items: list[ConsultOut]
    next_cursor: str | None = None


@router.post("/rooms/{room_id}/consults", status_code=201)
async def ask(room_id: UUID, body: QuestionIn, tx: Care, once: OnceOnly) -> Response:
    """Ask the supervisors for a second opinion. One at a time in a room."""
    room = await relations.writable(tx, room_id, Action.ASK_CONSULT)

    async def work() -> AskedOut:
        row = await consults.ask(tx, room, body.question)
        return AskedOut(consult_id=row["id"], due_at=row["due_at"], policy=row["policy_name"])

    return await once(tx, body, work)


@router.get("/rooms/{room_id}/consults")
async def read_of_room(room_id: UUID, tx: Care, window: InWindow) -> ConsultsOut:
    """The room's consults, newest first, for the therapists who answer in it."""
    room = await relations.readable(tx, room_id, Action.READ_CONSULTS)
    return ConsultsOut(**window.of([_out(row) for row in await consults.of_room(tx, room)]))


@router.get("/consults", dependencies=[Depends(allowed(Action.ANSWER_CONSULTS))])
async def read_queue(tx: Care, running: bool = True, limit: Limit = 50, cursor: Cursor = 0) -> ConsultsOut:
    """What waits for an answer, the first due first; or what was answered."""
    rows = await consults.queue(tx, running=running, limit=limit + 1, cursor=cursor)
    return ConsultsOut(
        items=[_out(row) for row in rows[:limit]], next_cursor=next_cursor(rows, limit, cursor)
    )


@router.post(
    "/consults/{consult_id}/answer", status_code=204, dependencies=[Depends(allowed(Action.ANSWER_CONSULTS))]
)
async def answer(consult_id: UUID, body: AnswerIn, tx: Care) -> Response:
    """Answer, once. Who asked is told."""
    await consults.answer(tx, consult_id, body.answer)
    return Response(status_code=204)


def _out(row: Row) -> ConsultOut:
    return ConsultOut(
        consult_id=row["id"],
        room_id=row["room_id"],
        client_code=row["client_code"],
        therapist=row["therapist"],
        asked_at=row["asked_at"],
        question=row["question"],
        policy=row["policy_name"],
        due_at=row["due_at"],
        state=row["state"],
        answered_by=row["answered_by_name"],
        answered_at=row["answered_at"],
        answer=row["answer"],
    )
