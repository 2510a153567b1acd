"""The care plan of a room: goals with their versions, check-ins and their answers."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field, StringConstraints

from api.deps import Care, OnceOnly
from api.schemas import Input, InWindow, Text
from domain.access import Action
from domain.goals import LONGEST_TEXT, Achievement, GoalTerms, Lifecycle
from records import check_ins, goals, plans, relations

router = APIRouter(prefix="/v1/rooms/{room_id}", tags=["plans"])

Words = Annotated[Text, StringConstraints(max_length=LONGEST_TEXT)]


class GoalIn(Input):
    """A new goal. Whoever writes it accepts it; the other side accepts by a PATCH."""

    statement: Annotated[Words, StringConstraints(min_length=1)]
    measure: Words = ""
    baseline: Words = ""
    target: Words = ""
    due_on: date | None = None


class GoalPatch(Input):
    """What changes. New terms are a new version, which the other side has to accept."""

    statement: Annotated[Words, StringConstraints(min_length=1)] | None = None
    measure: Words | None = None
    baseline: Words | None = None
    target: Words | None = None
    due_on: date | None = None
    accepted: bool = False
    lifecycle: Lifecycle | None = None
    achievement: Achievement | None = None
    reason: Words = ""
    review_on: date | None = None


class GoalVersionOut(BaseModel):
    """The goal as it stood after one change; `statement` null: its words cannot be opened."""

    version: int
    statement: str | None
    measure: str
    baseline: str
    target: str
    due_on: date | None
    lifecycle: str
    achievement: str | None
    reason: str
    author_id: UUID
    at: datetime


class GoalOut(BaseModel):
    """A goal as it stands, and its earlier versions, newest first. `statement` null: its words cannot be opened."""

    goal_id: UUID
    version: int
    statement: str | None
    measure: str
    baseline: str
    target: str
    due_on: date | None
    lifecycle: str
    achievement: str | None
    accepted_by: list[str]
    review_on: date | None
    created_at: datetime
    versions: list[GoalVersionOut]


class GoalsOut(BaseModel):
    """Oldest first."""

    items: list[GoalOut]
    next_cursor: str | None = None


class ResponseIn(Input):
    """How it has been, from 0 (as hard as it gets) to 10 (as well as it gets)."""

    value: Annotated[int, Field(ge=0, le=10)]
    words: Words = ""


class CheckInOut(BaseModel):
    """A check-in: `asked`, `answered`, `missed` or `skipped` (it fell into a pause). `measures`: questionnaires that
    went along with it.

    `words` null: the answer cannot be opened.
    """

    check_in_id: UUID
    n: int
    state: str
    asked_by: str
    asked_at: datetime
    closes_at: datetime
    reminded_at: datetime | None
    answered_at: datetime | None
    read_at: datetime | None
    measures: list[str]
    value: int | None
    words: str | None


class CheckInsOut(BaseModel):
    """Newest first; `next_at` is when the plan asks next."""

    items: list[CheckInOut]
    next_cursor: str | None = None
    next_at: datetime | None = None


@router.get("/goals")
async def list_goals(room_id: UUID, tx: Care, window: InWindow) -> GoalsOut:
    """What the two work towards."""
    room = await relations.readable(tx, room_id, Action.READ_GOALS)
    return GoalsOut(**window.of([goal_out(goal) for goal in await goals.listing(tx, room)]))


@router.post("/goals", status_code=201, response_model=GoalOut)
async def add_goal(room_id: UUID, body: GoalIn, tx: Care, once: OnceOnly) -> JSONResponse:
    """Propose a goal."""
    room = await relations.writable(tx, room_id, Action.SET_GOAL)

    async def work() -> GoalOut:
        return goal_out(await goals.add(tx, room, GoalTerms(**body.model_dump())))

    return await once(tx, body, work)


@router.patch("/goals/{goal_id}")
async def change_goal(room_id: UUID, goal_id: UUID, body: GoalPatch, tx: Care) -> GoalOut:
    """Reword, accept, assess or move a goal. Earlier versions are kept."""
    room = await relations.writable(tx, room_id, Action.SET_GOAL)
    given = body.model_dump(exclude_unset=True)
    named = ("statement", "measure", "baseline", "target", "due_on")
    terms = {
        name: given[name] for name in named if name in given and (given[name] is not None or name == "due_on")
    }
    wanted = goals.GoalChange(
        terms=terms or None,
        accepted=body.accepted,
        lifecycle=body.lifecycle,
        achievement=body.achievement,
        reason=body.reason,
        review_on=body.review_on,
    )
    return goal_out(await goals.change(tx, room, goal_id, wanted))


@router.get("/check-ins")
async def list_check_ins(
    room_id: UUID,
    tx: Care,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
) -> CheckInsOut:
    """Check-ins with their answers."""
    room = await relations.readable(tx, room_id, Action.READ_CHECK_INS)
    found = await check_ins.listing(tx, room, before=cursor, limit=limit + 1)
    shown = found[:limit]
    return CheckInsOut(
        items=[check_in_out(each) for each in shown],
        next_cursor=str(shown[-1].n) if len(found) > limit else None,
        next_at=(await plans.plan_row(tx, room_id))["next_check_in_at"],
    )


@router.post("/check-ins", status_code=201, response_model=CheckInOut)
async def ask_now(room_id: UUID, tx: Care, once: OnceOnly) -> JSONResponse:
    """Ask out of turn. 409 while one waits for its answer."""
    room = await relations.writable(tx, room_id, Action.ASK_CHECK_IN)

    async def work() -> CheckInOut:
        return check_in_out(await check_ins.ask_now(tx, room))

    return await once(tx, b"", work)


@router.post("/check-ins/{check_in_id}/responses", status_code=201, response_model=CheckInOut)
async def respond(
    room_id: UUID, check_in_id: UUID, body: ResponseIn, tx: Care, once: OnceOnly
) -> JSONResponse:
    """The client's answer; a late one still counts."""
    room = await relations.writable(tx, room_id, Action.ANSWER_CHECK_IN)

    async def work() -> CheckInOut:
        return check_in_out(await check_ins.answer(tx, room, check_in_id, body.value, body.words))

    return await once(tx, body, work)


def goal_out(goal: goals.Goal) -> GoalOut:
    """The goal on the wire."""
    state = goal.state
    return GoalOut(
        goal_id=goal.id,
        version=state.version,
        **_terms_out(goal.terms),
        lifecycle=state.lifecycle,
        achievement=state.achievement,
        accepted_by=sorted(state.accepted_by),
        review_on=state.review_on,
        created_at=goal.created_at,
        versions=[_version_out(version) for version in goal.versions],
    )


def _terms_out(terms: GoalTerms | None) -> dict[str, Any]:
    return asdict(terms) if terms else {**asdict(GoalTerms("")), "statement": None}


def _version_out(version: goals.GoalVersion) -> GoalVersionOut:
    return GoalVersionOut(
        version=version.version,
        **_terms_out(version.terms),
        lifecycle=version.lifecycle,
        achievement=version.achievement,
        reason=version.reason,
        author_id=version.author_id,
        at=version.at,
    )


def check_in_out(check_in: check_ins.CheckIn) -> CheckInOut:
    """The check-in on the wire."""
    names = CheckInOut.model_fields.keys() - {"check_in_id"}
    return CheckInOut(check_in_id=check_in.id, **{name: getattr(check_in, name) for name in names})
