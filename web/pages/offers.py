"""Offers: clients who chose this therapist, each with the time left to answer."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Depends, Response

from api.deps import Care, SignedIn, own
from domain.access import Action
from domain.states import STATES
from records import offers
from records.match_views import OfferView, offers_to
from web.pages.frame import InFrame, go
from web.pages.refusals import PageRoute
from web.views.inbox import Offer, OffersView

router = APIRouter(route_class=PageRoute)


@router.get("/offers", dependencies=[Depends(own(Action.READ_OFFERS))])
async def show_offers(frame: InFrame, tx: Care, actor: SignedIn) -> Response:
    """The one that ends first at the top."""
    found, places = await offers_to(tx, actor.account_id)
    return frame.page(
        "staff/offers.html", OffersView(tuple(_offer(each) for each in found), places), "/offers"
    )


@router.post("/offers/{offer_id}/accept", dependencies=[Depends(own(Action.READ_OFFERS))])
async def accept(offer_id: UUID, tx: Care) -> Response:
    """Take the client: the room opens. A place or licence that is gone since then takes the offer back."""
    found = await offers.accept(tx, offer_id)
    if found.room_id is None:
        return go("/offers", f"offer_{found.refused}")
    return go(f"/rooms/{found.room_id}", "accepted")


@router.post("/offers/{offer_id}/decline", dependencies=[Depends(own(Action.READ_OFFERS))])
async def decline(offer_id: UUID, tx: Care) -> Response:
    """Not this time."""
    await offers.decline(tx, offer_id)
    return go("/offers", "declined")


def _offer(found: OfferView) -> Offer:
    row = found.row
    state = STATES.get(row["client_state"] or "")
    return Offer(
        offer_id=str(row["id"]),
        client_code=row["client_code"],
        state=state.name if state else "",
        reasons=found.reasons,
        expires_at=row["expires_at"],
        payer=row["payer"] or "Pays without insurance",
    )
