"""The note that goes over with a client: written by the former therapist, read by the next."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from api.deps import Care, own
from domain.access import Action
from domain.errors import Conflict, Invalid
from records import transfer_notes
from records.database import Transaction
from web.pages.forms import text_of
from web.pages.frame import Frame, InFrame, go
from web.pages.refusals import PageRoute
from web.views.transfers import TransferView

router = APIRouter(route_class=PageRoute, dependencies=[Depends(own(Action.READ_INBOX))])

MOST = 10_000


@router.get("/transfers/{transfer_id}")
async def show(transfer_id: UUID, frame: InFrame, tx: Care) -> Response:
    """The note, or the form to write it."""
    return await _page(frame, tx, transfer_id)


@router.post("/transfers/{transfer_id}")
async def write(transfer_id: UUID, request: Request, frame: InFrame, tx: Care) -> Response:
    """Hand it over."""
    text = text_of(await request.form(), "text", most=MOST)
    try:
        await transfer_notes.write(tx, transfer_id, text)
    except Invalid:
        return await _page(frame, tx, transfer_id, "Please write a few words first.", 422)
    except Conflict:
        return await _page(frame, tx, transfer_id, "This note was handed over already.", 409)
    return go(f"/transfers/{transfer_id}", "sent")


async def _page(
    frame: Frame, tx: Transaction, transfer_id: UUID, problem: str = "", status: int = 200
) -> Response:
    found = await transfer_notes.read(tx, transfer_id)
    view = TransferView(
        transfer_id=str(transfer_id),
        client=found.client_code,
        other=found.other,
        mine=found.mine_to_write,
        room_id="" if found.mine_to_write else str(found.to_room_id),
        since=found.at,
        due_at=found.due_at,
        written_at=found.written_at,
        text=found.text or "",
        problem=problem,
    )
    return frame.page("staff/transfer.html", view, "/inbox", status)
