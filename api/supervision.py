"""Supervision: figures, reassignment."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel

from api.deps import Care, InServices, allowed
from api.instants import Instant
from api.schemas import Input, ShortText
from domain.access import Action
from records import board, relations
from records.assignments import reassign

router = APIRouter(prefix="/v1", tags=["supervision"])


class SummaryLine(BaseModel):
    """Attainment = on time / n, where n is answered plus overdue; what is not due yet is left out."""

    name: str
    n: int
    on_time: int
    late: int
    overdue: int
    not_yet_due: int
    waived: int
    attainment: float | None
    p50_seconds: float | None
    p90_seconds: float | None


class SummaryOut(BaseModel):
    """Figures of a period."""

    items: list[SummaryLine]
    as_of: datetime
    next_cursor: str | None = None


class ReassignIn(Input):
    """Who takes the room over, and why."""

    therapist_id: UUID
    reason: ShortText


@router.get("/supervision/summary", dependencies=[Depends(allowed(Action.READ_SUPERVISION_REPORTS))])
async def summary(
    tx: Care,
    start: Annotated[Instant, Query(alias="from")],
    end: Annotated[Instant, Query(alias="to")],
    group_by: Literal["therapist", "policy", "all"] = "all",
) -> SummaryOut:
    """Attainment, median and 90th percentile, backlog, n."""
    rows = await board.summary(tx, start, end, group_by)
    lines = [SummaryLine(**row, attainment=row["on_time"] / row["n"] if row["n"] else None) for row in rows]
    return SummaryOut(items=lines, as_of=tx.now)


@router.post("/rooms/{room_id}/reassign", status_code=204)
async def reassign_room(room_id: UUID, body: ReassignIn, tx: Care, services: InServices) -> Response:
    """The room goes to another therapist; client told at once; its clock moves with it."""
    room = await relations.visible(tx, room_id, Action.REASSIGN)
    before = await reassign(tx, room, body.therapist_id)
    for account_id in (*before, body.therapist_id):
        services.hub.end_streams_of(account_id)
    return Response(status_code=204)
