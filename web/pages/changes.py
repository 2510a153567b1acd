"""A client asks for somebody else: whoever places clients hears of it."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response

from api.deps import Care
from domain.access import Action
from domain.errors import NotFound
from records import relations, rematches
from records.database import Row, Transaction
from web.pages.frame import InFrame, PageRoute, go
from web.pages.headers import header_of, other_of, place_of
from web.views.rooms import ChangeView

router = APIRouter(route_class=PageRoute)


@router.get("/rooms/{room_id}/change")
async def show_change(room_id: UUID, frame: InFrame, tx: Care) -> Response:
    """What happens when the client asks."""
    header = await _own(tx, room_id)
    offered = await rematches.rematch_offered(tx, header["client_id"], room_id)
    view = ChangeView(str(room_id), other_of(frame, header), offered)
    return frame.page("room/change.html", view, place_of(frame, room_id))


@router.post("/rooms/{room_id}/change")
async def ask(room_id: UUID, tx: Care) -> Response:
    """The client asks. The room stays as it is until a person has answered."""
    header = await _own(tx, room_id)
    await rematches.ask_rematch(tx, header["client_id"], room_id)
    return go(f"/rooms/{room_id}", "change_asked")


async def _own(tx: Transaction, room_id: UUID) -> Row:
    """The header of the client's own open room. Raises NotFound for everybody else."""
    await relations.visible(tx, room_id)
    header = await header_of(tx, room_id)
    await relations.writable_chart(tx, header["client_id"], Action.SWITCH_THERAPIST)
    if header["state"] != "open":
        raise NotFound
    return header
