"""Leave, as supervisors see it and as a therapist has taken it: who is away when, and what nobody covers."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from api.deps import Care, SignedIn, allowed, own
from api.instants import Instant
from api.schemas import Input, InWindow
from domain.access import CLINIC, OWN_ACCOUNT, Action, Actor, Role, require
from domain.errors import NotFound
from records import covers, leave_views, leaves
from records.database import Row, Transaction

router = APIRouter(prefix="/v1", tags=["leaves"])


class LeaveLine(BaseModel):
    """A leave: `rooms` of the therapist, `gaps` in how many of them nobody covers some of it, `asked` in how many
    somebody has been asked."""

    leave_id: UUID
    therapist_id: UUID
    therapist: str
    from_: datetime = Field(serialization_alias="from")
    to: datetime
    state: Literal["ahead", "away", "over", "cancelled"]
    rooms: int
    gaps: int
    asked: int
    announced_at: datetime | None


class LeavesOut(BaseModel):
    """Who leaves first at the top."""

    items: list[LeaveLine]
    next_cursor: str | None = None


class CoverSpan(BaseModel):
    """Somebody covers from an instant to another."""

    therapist_id: UUID
    name: str
    from_: datetime = Field(validation_alias="from", serialization_alias="from")
    to: datetime


class OfferLine(BaseModel):
    """Somebody was asked; `until` they have time to answer."""

    therapist_id: UUID
    name: str
    state: Literal["open", "taken", "declined", "expired"]
    until: datetime


class CandidateLine(BaseModel):
    """Somebody who was considered: placed from 1, or rejected with codes. `shared_minutes`: a week of working time
    in common with whoever is away."""

    therapist_id: UUID
    name: str
    position: int | None
    shared_minutes: int
    rejected: list[str]
    places: int


class LeaveRoom(BaseModel):
    """A room of the leave, without any of its content."""

    room_id: UUID
    client_code: str
    covered: bool
    covers: list[CoverSpan]
    offers: list[OfferLine]
    candidates: list[CandidateLine]


class LeaveOut(LeaveLine):
    """One leave with its rooms, those with a gap first."""

    items: list[LeaveRoom]
    next_cursor: str | None = None


class SpanIn(Input):
    """Other days, half-open."""

    from_: Instant = Field(alias="from")
    to: Instant


class ArrangeIn(Input):
    """Who covers which room for what is left of the leave."""

    room_id: UUID
    therapist_id: UUID


class ArrangedOut(BaseModel):
    """The cover in force."""

    cover_id: UUID


Supervisor = Depends(allowed(Action.MANAGE_COVER))


@router.get("/leaves", dependencies=[Supervisor])
async def list_leaves(tx: Care, window: InWindow) -> LeavesOut:
    """Everybody who is away or will be."""
    return LeavesOut(**window.of([_line(row) for row in await leave_views.ahead(tx)]))


@router.get("/me/leave")
async def list_own_leave(
    tx: Care, actor: Annotated[Actor, Depends(own(Action.TAKE_LEAVE))], window: InWindow
) -> LeavesOut:
    """One's own leave, the latest first."""
    found = await leave_views.of_therapist(tx, actor.account_id)
    return LeavesOut(**window.of([_line(row) for row in found]))


@router.get("/leaves/{leave_id}", dependencies=[Supervisor])
async def read_leave(leave_id: UUID, tx: Care, window: InWindow) -> LeaveOut:
    """Room by room: who covers, who was asked, who could and who could not."""
    found = await leave_views.view(tx, leave_id)
    rooms = [LeaveRoom.model_validate(row) for row in found.rooms]
    return LeaveOut(**dict(_line(found.leave)), **window.of(rooms))


@router.post("/leaves/{leave_id}/covers", status_code=201, dependencies=[Supervisor])
async def arrange_cover(leave_id: UUID, body: ArrangeIn, tx: Care) -> ArrangedOut:
    """Cover for one room, in force at once. The hard filters stand: 409 says which. A licence has no override."""
    return ArrangedOut(cover_id=await covers.arrange(tx, leave_id, body.room_id, body.therapist_id))


@router.patch("/leaves/{leave_id}", status_code=204)
async def change_leave(leave_id: UUID, body: SpanIn, tx: Care, actor: SignedIn) -> None:
    """Other days, by whoever is away or a supervisor. Clocks move, covers are cut to the new days."""
    await theirs_or_supervised(tx, actor, leave_id)
    await leaves.change_leave(tx, leave_id, body.from_, body.to)


@router.delete("/leaves/{leave_id}", status_code=204)
async def cancel_leave(leave_id: UUID, tx: Care, actor: SignedIn) -> None:
    """Call it off, by whoever is away or a supervisor; one that has begun ends now."""
    await theirs_or_supervised(tx, actor, leave_id)
    await leaves.cancel_leave(tx, leave_id)


async def theirs_or_supervised(tx: Transaction, actor: Actor, leave_id: UUID) -> Row:
    """A leave of the actor's own, or any for a supervisor. Raises NotFound, Forbidden."""
    supervises = actor.role is Role.SUPERVISOR
    require(actor, *((Action.MANAGE_COVER, CLINIC) if supervises else (Action.TAKE_LEAVE, OWN_ACCOUNT)))
    leave = await leaves.found(tx, leave_id)
    if not supervises and leave["therapist_id"] != actor.account_id:
        raise NotFound
    return leave


def _line(row: Row) -> LeaveLine:
    return LeaveLine(
        leave_id=row["id"],
        therapist_id=row["therapist_id"],
        therapist=row["therapist"],
        from_=row["starts_at"],
        to=row["ends_at"],
        state=row["state"],
        rooms=row["rooms"],
        gaps=row["gaps"],
        asked=row["asked"],
        announced_at=row["announced_at"],
    )
