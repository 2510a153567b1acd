"""A client changes therapist: asked for without a reason, seen while it is under way, taken back by staying."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Request, Response

from api.deps import Care
from domain.access import Action, WritableClientId
from domain.errors import NotFound
from records import relations, rematches, switches
from records.database import Row, Transaction
from web.pages.forms import text_of
from web.pages.frame import InFrame, go
from web.pages.headers import header_of, other_of, place_of
from web.pages.refusals import PageRoute
from web.views.rooms import ChangeView

router = APIRouter(route_class=PageRoute)


@router.get("/rooms/{room_id}/change")
async def show_change(room_id: UUID, frame: InFrame, tx: Care) -> Response:
    """What happens when the client asks; once they have, what may be shared, and how to stay."""
    header, _ = await _own(tx, room_id)
    found = await switches.under_way(tx, header["client_id"])
    view = ChangeView(
        room_id=str(room_id),
        other=other_of(frame, header),
        offered=await rematches.rematch_offered(tx, header["client_id"], room_id),
        since=found.asked_at if found else None,
        share_history=found is not None and found.share_history,
        reason=(found.reason or "") if found else "",
    )
    return frame.page("room/change.html", view, place_of(frame, room_id))


@router.post("/rooms/{room_id}/change")
async def ask(room_id: UUID, request: Request, tx: Care) -> Response:
    """The client asks: the search begins. The room stays as it is until somebody has said yes."""
    _, me = await _own(tx, room_id)
    form = await request.form()
    reason = text_of(form, "reason", most=2_000)
    await switches.ask(tx, me, reason or None, share_history=text_of(form, "share_history") == "yes")
    return go("/journey/people", "change_asked")


@router.post("/rooms/{room_id}/change/stay")
async def stay(room_id: UUID, tx: Care) -> Response:
    """The client stays; nobody else is asked any more."""
    _, me = await _own(tx, room_id)
    await switches.stay(tx, me)
    return go(f"/rooms/{room_id}", "saved")


async def _own(tx: Transaction, room_id: UUID) -> tuple[Row, WritableClientId]:
    """The header of the client's own open room, and the permit to change. Raises NotFound for everybody else."""
    await relations.visible(tx, room_id)
    header = await header_of(tx, room_id)
    me = await relations.writable_chart(tx, header["client_id"], Action.SWITCH_THERAPIST)
    if header["state"] != "open":
        raise NotFound
    return header, me
