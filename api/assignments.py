"""Rooms that go to another therapist: one, or many with the due times before and after; and back again."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from api.clocks import MOST_AT_ONCE
from api.deps import Care, InServices, SignedIn, allowed
from api.schemas import Input
from api.services import Services
from domain.access import Action, Actor
from domain.assignments import UNDO_WITHIN, AssignmentReason
from records import relations, undo
from records.assignments import reassign
from records.moves import BATCH, Move, Wanted, carry_out, plan_moves
from records.undo import PutBack

router = APIRouter(prefix="/v1", tags=["assignments"])

Reason = Literal["leave", "illness", "overload", "licence", "client_asked", "risk", "other"]


class ReassignIn(Input):
    """Who takes the room over, and why."""

    therapist_id: UUID
    reason: Reason


class ReassignedOut(BaseModel):
    """The deed, which can be taken back until then."""

    action_id: UUID
    undo_until: datetime


class BulkReassignIn(Input):
    """Whose rooms go where, and why. `auto`: each to whoever may take it and would answer first."""

    clock_ids: Annotated[list[UUID], Field(min_length=1, max_length=MOST_AT_ONCE)]
    therapist_id: UUID | Literal["auto"]
    reason: Reason
    dry_run: bool = False


class MoveOut(BaseModel):
    """One row. `refused` is a code, and then nothing changed in it; `due_*` is null while nothing is due."""

    clock_id: UUID | None
    room_id: UUID | None
    client_code: str | None
    therapist_before: UUID | None
    therapist_after: UUID | None
    due_before: datetime | None
    due_after: datetime | None
    refused: str | None


class MovesOut(BaseModel):
    """Every row that was asked for. `action_id` is null where nothing was moved."""

    items: list[MoveOut]
    action_id: UUID | None = None
    undo_until: datetime | None = None


@router.post("/rooms/{room_id}/reassign")
async def reassign_room(room_id: UUID, body: ReassignIn, tx: Care) -> ReassignedOut:
    """The room goes to another therapist; client told at once; its clock moves with it."""
    room = await relations.visible(tx, room_id, Action.REASSIGN)
    action_id = await undo.begin(tx)
    await reassign(tx, room, body.therapist_id, AssignmentReason(body.reason), action_id)
    return ReassignedOut(action_id=action_id, undo_until=tx.now + UNDO_WITHIN)


@router.post("/clocks/bulk-reassign", dependencies=[Depends(allowed(Action.REASSIGN))])
async def bulk_reassign(body: BulkReassignIn, actor: SignedIn, services: InServices) -> MovesOut:
    """Many rooms at once. Row by row allowed or refused by the rules of a single move; a dry run changes nothing."""
    therapist_id = None if body.therapist_id == "auto" else body.therapist_id
    wanted = [Wanted(clock_id, therapist_id) for clock_id in body.clock_ids]
    if body.dry_run:
        async with services.care.transaction(actor) as tx:
            return MovesOut(items=moves_out(await plan_moves(tx, wanted)))
    return await move_all(services, actor, wanted, AssignmentReason(body.reason))


async def move_all(
    services: Services, actor: Actor, wanted: Sequence[Wanted], reason: AssignmentReason
) -> MovesOut:
    """Plan all rows once, then move them batch by batch, each batch a transaction of its own."""
    async with services.care.transaction(actor) as tx:
        planned = await plan_moves(tx, wanted)
        if all(move.refused for move in planned):
            return MovesOut(items=moves_out(planned))
        action_id, undo_until = await undo.begin(tx), tx.now + UNDO_WITHIN
    done: list[Move] = []
    for first in range(0, len(planned), BATCH):
        async with services.care.transaction(actor) as tx:
            done += await carry_out(tx, planned[first : first + BATCH], reason, action_id)
    if all(move.refused for move in done):
        return MovesOut(items=moves_out(done))
    return MovesOut(items=moves_out(done), action_id=action_id, undo_until=undo_until)


@router.post("/undo/{action_id}", dependencies=[Depends(allowed(Action.REASSIGN))])
async def take_back(action_id: UUID, actor: SignedIn, services: InServices) -> MovesOut:
    """Put the rooms of one's own deed back, within ten minutes; those that moved on since are reported, not touched."""
    return MovesOut(items=put_back_out(await undo_all(services, actor, action_id)))


async def undo_all(services: Services, actor: Actor, action_id: UUID) -> list[PutBack]:
    """Batch by batch; with the last one the deed counts as taken back.

    Raises NotFound (not yours, or not there), Conflict (`already_undone`, `too_late`).
    """
    async with services.care.transaction(actor) as tx:
        await undo.open_deed(tx, action_id)
        rooms = await undo.rooms_of(tx, action_id)
    done: list[PutBack] = []
    for first in range(0, max(len(rooms), 1), BATCH):
        async with services.care.transaction(actor) as tx:
            done += await undo.put_back(tx, action_id, rooms[first : first + BATCH])
            if first + BATCH >= len(rooms):
                await undo.close(tx, action_id)
    return done


def moves_out(moves: Sequence[Move]) -> list[MoveOut]:
    """The rows on the wire."""
    return [MoveOut.model_validate(move, from_attributes=True) for move in moves]


def put_back_out(rows: Sequence[PutBack]) -> list[MoveOut]:
    """The rows on the wire."""
    return [MoveOut.model_validate(row, from_attributes=True) for row in rows]
