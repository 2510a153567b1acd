"""Cover for a therapist: what they are asked, what they cover, what was written for them."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Depends, Response

from api.deps import Care, SignedIn, own
from domain.access import Action
from domain.states import STATES
from records import covers
from records.cover_views import covers_of
from records.database import Row
from web.pages.frame import InFrame, go
from web.pages.refusals import PageRoute
from web.pages.said import SAID
from web.views.working_time import CoverAsk, Covered, CoversView, HandOver

router = APIRouter(route_class=PageRoute)


@router.get("/covers", dependencies=[Depends(own(Action.READ_OFFERS))])
async def show_covers(frame: InFrame, tx: Care, actor: SignedIn) -> Response:
    """What is pressing first."""
    found = await covers_of(tx, actor)
    names = {row["leave_id"]: row["therapist"] for row in found.held}
    view = CoversView(
        asks=tuple(_ask(row) for row in found.offers),
        covered=tuple(_covered(row) for row in found.held),
        notes=tuple(HandOver(names[leave_id], text) for leave_id, text in found.notes.items() if text),
    )
    return frame.page("staff/covers.html", view, "/covers")


@router.post("/covers/{cover_offer_id}/take", dependencies=[Depends(own(Action.READ_OFFERS))])
async def take(cover_offer_id: UUID, tx: Care) -> Response:
    """Yes: the first one covers."""
    taken = await covers.take(tx, cover_offer_id)
    if taken.refused is not None:
        said = f"cover_{taken.refused}"
        return go("/covers", said if said in SAID else "cover_refused")
    return go("/covers", "cover_taken")


@router.post("/covers/{cover_offer_id}/decline", dependencies=[Depends(own(Action.READ_OFFERS))])
async def decline(cover_offer_id: UUID, tx: Care) -> Response:
    """Not this one."""
    await covers.decline(tx, cover_offer_id)
    return go("/covers", "cover_declined")


def _ask(row: Row) -> CoverAsk:
    state = STATES.get(row["client_state"] or "")
    return CoverAsk(
        offer_id=str(row["id"]),
        client_code=row["client_code"],
        state=state.name if state else "",
        therapist=row["therapist"],
        start=row["starts_at"],
        end=row["ends_at"],
        answer_by=row["expires_at"],
        overdue_since=row["overdue_since"] if row["clock_id"] else None,
    )


def _covered(row: Row) -> Covered:
    return Covered(
        room_id=str(row["room_id"]),
        client_code=row["client_code"],
        therapist=row["therapist"],
        start=row["starts_at"],
        end=row["ends_at"],
        begun=row["begun"],
    )
