"""Offers to therapists: seen, taken, declined."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from api.deps import Care, own
from api.problems import problem_of
from api.schemas import InWindow
from domain.access import Action, Actor
from domain.errors import Conflict
from domain.match_states import OfferState
from records import offers
from records.database import Row
from records.match_views import OfferView, offers_to

router = APIRouter(prefix="/v1", tags=["matches"])


class OfferOut(BaseModel):
    """A client who chose this therapist. `reasons` are why they fit; `payer` is empty for those who pay themselves."""

    offer_id: UUID
    client_id: UUID
    client_code: str
    state: str | None
    status: OfferState
    offered_at: datetime
    expires_at: datetime
    reasons: list[str]
    payer: str | None


class OffersOut(BaseModel):
    """Open offers, the one that ends first at the top; `places`: how many more clients there is room for."""

    items: list[OfferOut]
    places: int
    next_cursor: str | None = None


class AcceptedOut(BaseModel):
    """The room that opened."""

    room_id: UUID


class MissOut(BaseModel):
    """An offer that came to nothing: declined, expired or withdrawn."""

    therapist_id: UUID
    name: str
    outcome: OfferState
    at: datetime


@router.get("/offers")
async def list_offers(
    tx: Care, actor: Annotated[Actor, Depends(own(Action.READ_OFFERS))], window: InWindow
) -> OffersOut:
    """Clients who chose this therapist and wait for an answer."""
    found, places = await offers_to(tx, actor.account_id)
    return OffersOut(**window.of([_offer_out(each) for each in found]), places=places)


@router.post("/offers/{offer_id}/accept", response_model=AcceptedOut)
async def accept_offer(
    offer_id: UUID, tx: Care, _: Annotated[Actor, Depends(own(Action.READ_OFFERS))]
) -> AcceptedOut | JSONResponse:
    """Take the client: their room opens. Again: the same room. 409 when the time is over or no place is left."""
    accepted = await offers.accept(tx, offer_id)
    if accepted.room_id is None:
        # The search has gone on with this answer, so the transaction must not be undone by an error.
        return problem_of(Conflict(accepted.refused))
    return AcceptedOut(room_id=accepted.room_id)


@router.post("/offers/{offer_id}/decline", status_code=204)
async def decline_offer(
    offer_id: UUID, tx: Care, _: Annotated[Actor, Depends(own(Action.READ_OFFERS))]
) -> None:
    """Not this time: the next therapist on the client's list is asked."""
    await offers.decline(tx, offer_id)


def _offer_out(each: OfferView) -> OfferOut:
    row = each.row
    return OfferOut(
        offer_id=row["id"],
        client_id=row["client_id"],
        client_code=row["client_code"],
        state=row["client_state"],
        status=row["state"],
        offered_at=row["offered_at"],
        expires_at=row["expires_at"],
        reasons=list(each.reasons),
        payer=row["payer"],
    )


def miss_out(row: Row) -> MissOut:
    """A past offer on the wire."""
    return MissOut(
        therapist_id=row["therapist_id"],
        name=row["display_name"],
        outcome=row["state"],
        at=row["decided_at"],
    )
