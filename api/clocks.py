"""Clocks: the board's rows, and who looks after them."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, Field

from api.deps import Care, allowed
from api.instants import Instant
from api.schemas import Input
from domain.access import Action
from domain.errors import NotFound
from domain.promises import rough
from records import clocks, relations
from records.board import BoardPage, board
from records.board_cursors import Order
from records.board_filters import BoardFilter, State
from records.database import Row

router = APIRouter(prefix="/v1", tags=["clocks"])

Kind = Literal["welcome", "first_response", "next_response", "consult"]
MOST_AT_ONCE = 200


class ClockOut(BaseModel):
    """One row of the board. The client is shown by code, never by name."""

    clock_id: UUID
    room_id: UUID
    client_code: str
    therapist_id: UUID
    therapist: str
    therapist_zone: str
    team: str | None
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
    closed_at: datetime | None
    coverage_gap: bool
    client_messages: int
    acknowledged_by: str | None
    acknowledged_at: datetime | None


class ClocksOut(BaseModel):
    """One page of the board."""

    items: list[ClockOut]
    next_cursor: str | None = None


class AcknowledgeIn(Input):
    """Clocks that somebody looks after from now on."""

    clock_ids: Annotated[list[UUID], Field(min_length=1, max_length=MOST_AT_ONCE)]


class AcknowledgedOut(BaseModel):
    """What became of each: `refused` is a code, or null where it is acknowledged."""

    items: list["AcknowledgedRow"]


class AcknowledgedRow(BaseModel):
    """One clock."""

    clock_id: UUID
    refused: str | None = None


def clock_out(row: Row, now: datetime) -> ClockOut:
    """The row on the wire. Overdue is derived, never stored."""
    return ClockOut(**row, overdue_by=rough(now - row["due_at"]) if row["overdue"] else None)


def board_filter(
    state: State = State.RUNNING,
    therapist: UUID | None = None,
    team: Annotated[str | None, Query(max_length=100)] = None,
    policy: Annotated[str | None, Query(max_length=100)] = None,
    kind: Kind | None = None,
    due_before: Instant | None = None,
    coverage_gap: bool | None = None,
    acknowledged: bool | None = None,
    client_code: Annotated[str, Query(max_length=40)] = "",
    sort: Annotated[str, Query(pattern=r"^-?(due_at|opened_at|therapist|rung|client_code)$")] = "due_at",
) -> BoardFilter:
    """Which clocks, in which order: `sort=due_at`, or `sort=-due_at` for descending."""
    return BoardFilter(
        state=state,
        therapist=therapist,
        team=team,
        policy=policy,
        kind=kind,
        due_before=due_before,
        gap=coverage_gap,
        acknowledged=acknowledged,
        code=client_code,
        order=Order.of(sort),
    )


@router.get("/clocks", dependencies=[Depends(allowed(Action.READ_BOARD))])
async def list_clocks(
    tx: Care,
    chosen: Annotated[BoardFilter, Depends(board_filter)],
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
    cursor: Annotated[str | None, Query(max_length=400)] = None,
) -> ClocksOut:
    """The board, by index in PostgreSQL. `cursor` goes on after the last row of a page, whatever changed before it."""
    page: BoardPage = await board(tx, chosen, limit, cursor)
    return ClocksOut(items=[clock_out(row, tx.now) for row in page.rows], next_cursor=page.next_cursor)


@router.post(
    "/clocks/{clock_id}/acknowledge", status_code=204, dependencies=[Depends(allowed(Action.READ_BOARD))]
)
async def acknowledge(clock_id: UUID, tx: Care) -> Response:
    """A supervisor looks after it. Saying it twice changes nothing."""
    clock = await clocks.find(tx, clock_id)
    await relations.visible(tx, clock["room_id"], Action.ACKNOWLEDGE_CLOCK)
    await clocks.acknowledge(tx, clock_id)
    return Response(status_code=204)


@router.post("/clocks/bulk-acknowledge", dependencies=[Depends(allowed(Action.READ_BOARD))])
async def acknowledge_many(body: AcknowledgeIn, tx: Care) -> AcknowledgedOut:
    """The same for many, row by row; in order of id, so that two people who do it at once never wait in a ring."""
    done: dict[UUID, str | None] = {}
    for clock_id in sorted(set(body.clock_ids)):
        try:
            await clocks.acknowledge(tx, clock_id)
            done[clock_id] = None
        except NotFound as missing:
            done[clock_id] = missing.code
    return AcknowledgedOut(
        items=[AcknowledgedRow(clock_id=each, refused=done[each]) for each in dict.fromkeys(body.clock_ids)]
    )
