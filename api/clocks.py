"""Clocks: the board's rows, why a time is due, and what people may do about a running clock."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel

from api.deps import Care, allowed
from api.instants import Instant
from api.schemas import Input
from domain.access import Action
from domain.explanations import explain, explanation_to_json
from domain.promises import rough
from domain.response_items import CLIENT_CLOSED, NoReplyReason
from records import clocks, relations
from records.board import BoardFilter, board
from records.calendars import room_schedule
from records.database import Row

router = APIRouter(prefix="/v1", tags=["clocks"])

State = Literal["running", "met", "late", "waived", "cancelled", "overdue", "breached", "held"]


class ClockOut(BaseModel):
    """One row of the board. The client is shown by code, never by name."""

    clock_id: UUID
    room_id: UUID
    client_code: str
    therapist_id: UUID
    therapist: str
    therapist_zone: str
    kind: str
    policy: str
    opened_at: datetime
    due_at: datetime | None
    state: str
    held: str | None
    rung: str | None
    overdue: bool
    overdue_by: str | None
    breached_at: datetime | None
    coverage_gap: bool
    client_messages: int
    acknowledged_by: str | None
    acknowledged_at: datetime | None


class ClocksOut(BaseModel):
    """One page of the board."""

    items: list[ClockOut]
    next_cursor: str | None = None


class WaiveIn(Input):
    """Why no reply is needed."""

    reason: NoReplyReason


def clock_out(row: Row, now: datetime) -> ClockOut:
    """The row on the wire. Overdue is derived, never stored."""
    late = row["overdue"]
    return ClockOut(
        **{**row, "coverage_gap": bool(row["coverage_gap"]), "overdue": bool(late)},
        overdue_by=rough(now - row["due_at"]) if late else None,
    )


@router.get("/clocks", dependencies=[Depends(allowed(Action.READ_BOARD))])
async def list_clocks(
    tx: Care,
    state: State = "running",
    therapist: UUID | None = None,
    due_before: Instant | None = None,
    sort: Literal["due_at", "opened_at", "therapist"] = "due_at",
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
    cursor: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> ClocksOut:
    """The board, by index in PostgreSQL."""
    rows = await board(tx, BoardFilter(state, therapist, due_before, None, sort, limit + 1, cursor))
    more = len(rows) > limit
    return ClocksOut(
        items=[clock_out(row, tx.now) for row in rows[:limit]],
        next_cursor=str(cursor + limit) if more else None,
    )


@router.get("/clocks/{clock_id}/explanation")
async def explain_clock(clock_id: UUID, tx: Care) -> dict[str, Any]:
    """Segments counted and skipped, with calendar version and policy, and the sum in a sentence."""
    clock = await clocks.find(tx, clock_id)
    await relations.visible(tx, clock["room_id"], Action.READ_CLOCK)
    found = await room_schedule(tx, clock["room_id"], clock["therapist_id"], clock["opened_at"])
    policy = clocks.policy_of(clock)
    told = explain(policy, found.schedule, clock["opened_at"], tx.now)
    return {
        "clock_id": str(clock_id),
        "policy": clock["policy_name"],
        "calendar_version": found.version,
        "projected_under": clock["calendar_version"],
        **explanation_to_json(told),
    }


@router.post(
    "/clocks/{clock_id}/acknowledge", status_code=204, dependencies=[Depends(allowed(Action.READ_BOARD))]
)
async def acknowledge(clock_id: UUID, tx: Care) -> Response:
    """A supervisor looks after it. Saying it twice changes nothing."""
    clock = await clocks.find(tx, clock_id)
    await relations.visible(tx, clock["room_id"], Action.ACKNOWLEDGE_CLOCK)
    await clocks.acknowledge(tx, clock_id)
    return Response(status_code=204)


@router.post("/rooms/{room_id}/clock/waive", status_code=204)
async def waive(room_id: UUID, body: WaiveIn, tx: Care) -> Response:
    """The therapist says that no reply is needed, and why. Audited; refused where risk is open."""
    room = await relations.visible(tx, room_id, Action.WAIVE_CLOCK)
    await clocks.end_clock(tx, room.id, "waived", body.reason.value)
    return Response(status_code=204)


@router.post("/rooms/{room_id}/clock/close-question", status_code=204)
async def close_question(room_id: UUID, tx: Care) -> Response:
    """The client needs no answer any more."""
    room = await relations.visible(tx, room_id, Action.CLOSE_QUESTION)
    await clocks.end_clock(tx, room.id, "waived", CLIENT_CLOSED)
    return Response(status_code=204)
