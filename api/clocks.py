"""Clocks: the board's rows, and who looks after one."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel

from api.deps import Care, allowed
from api.instants import Instant
from domain.access import Action
from domain.promises import rough
from records import clocks, relations
from records.board import BoardFilter, board
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


@router.post(
    "/clocks/{clock_id}/acknowledge", status_code=204, dependencies=[Depends(allowed(Action.READ_BOARD))]
)
async def acknowledge(clock_id: UUID, tx: Care) -> Response:
    """A supervisor looks after it. Saying it twice changes nothing."""
    clock = await clocks.find(tx, clock_id)
    await relations.visible(tx, clock["room_id"], Action.ACKNOWLEDGE_CLOCK)
    await clocks.acknowledge(tx, clock_id)
    return Response(status_code=204)
