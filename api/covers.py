"""Cover: what a therapist is asked to cover, and what they cover."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from api.deps import Care, own
from api.problems import problem_of
from api.schemas import InWindow
from domain.access import Action, Actor
from domain.errors import Conflict
from records import covers
from records.cover_views import covers_of
from records.database import Row

router = APIRouter(prefix="/v1/covers", tags=["covers"])

Asked = Annotated[Actor, Depends(own(Action.READ_OFFERS))]


class CoverOfferOut(BaseModel):
    """A room to cover, before anybody said yes: a code and a time, nothing that is written in it."""

    offer_id: UUID
    room_id: UUID
    why: Literal["leave", "overdue"]
    client_code: str
    client_state: str | None
    therapist: str
    from_: datetime = Field(serialization_alias="from")
    to: datetime
    offered_at: datetime
    answer_by: datetime


class CoverOut(BaseModel):
    """A room that this therapist covers, now or soon. The hand-over note is shown from the leave's beginning on."""

    cover_id: UUID
    room_id: UUID
    client_code: str
    therapist: str
    from_: datetime = Field(serialization_alias="from")
    to: datetime
    state: Literal["ahead", "now"]
    hand_over_note: str


class CoversOut(BaseModel):
    """`offers` wait for an answer, the most pressing first; `items` are covered."""

    offers: list[CoverOfferOut]
    items: list[CoverOut]
    next_cursor: str | None = None


class TakenOut(BaseModel):
    """The cover that is in force."""

    cover_id: UUID | None


@router.get("")
async def list_covers(tx: Care, actor: Asked, window: InWindow) -> CoversOut:
    """What one is asked to cover, and what one covers."""
    found = await covers_of(tx, actor)
    items = [_cover_out(row, found.notes) for row in found.held]
    return CoversOut(offers=[_offer_out(row) for row in found.offers], **window.of(items))


@router.post("/{cover_offer_id}/take", response_model=TakenOut)
async def take_cover(cover_offer_id: UUID, tx: Care, _: Asked) -> TakenOut | JSONResponse:
    """Say yes; the first one covers. Again: the same cover. 409 when somebody was quicker, or it may not be."""
    taken = await covers.take(tx, cover_offer_id)
    if taken.refused is not None:
        # The offer was taken back with this answer, so the transaction must not be undone by an error.
        return problem_of(Conflict(taken.refused))
    return TakenOut(cover_id=taken.cover_id)


@router.post("/{cover_offer_id}/decline", status_code=204)
async def decline_cover(cover_offer_id: UUID, tx: Care, _: Asked) -> None:
    """Not this one: the next is asked."""
    await covers.decline(tx, cover_offer_id)


def _offer_out(row: Row) -> CoverOfferOut:
    return CoverOfferOut(
        offer_id=row["id"],
        room_id=row["room_id"],
        why="leave" if row["clock_id"] is None else "overdue",
        client_code=row["client_code"],
        client_state=row["client_state"],
        therapist=row["therapist"],
        from_=row["starts_at"],
        to=row["ends_at"],
        offered_at=row["offered_at"],
        answer_by=row["expires_at"],
    )


def _cover_out(row: Row, notes: dict[UUID, str]) -> CoverOut:
    return CoverOut(
        cover_id=row["id"],
        room_id=row["room_id"],
        client_code=row["client_code"],
        therapist=row["therapist"],
        from_=row["starts_at"],
        to=row["ends_at"],
        state="now" if row["begun"] else "ahead",
        hand_over_note=notes.get(row["leave_id"], "") if row["begun"] else "",
    )
