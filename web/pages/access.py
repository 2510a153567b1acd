"""Who opened a room, and a supervisor's stated purpose."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from api.deps import Care
from domain.access import Action
from domain.errors import Invalid
from domain.purposes import CHOSEN, LEAST_REASON, WORDS, words_of
from records import relations, room_access
from records.access_log import Line, access_log
from web.pages.access_words import FOUND, ROLES, did
from web.pages.forms import text_of, typed
from web.pages.frame import Frame, InFrame, go
from web.pages.headers import place_of, reader_of
from web.pages.refusals import PageRoute
from web.views.access import AccessView, Opened, PurposeView
from web.views.shell import Choice, Form

router = APIRouter(route_class=PageRoute)

_PAGE = 50
PURPOSES = tuple(Choice(purpose.value, WORDS[purpose]) for purpose in CHOSEN)
_REFUSED = {
    "purpose": "Choose what fits best.",
    "reason": f"Please say why, in {LEAST_REASON} characters or more.",
}


def ask_for_purpose(frame: Frame, room_id: UUID, form: Form | None = None) -> Response:
    """The form that asks a supervisor why; the room stays shut."""
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form else HTTPStatus.FORBIDDEN
    view = PurposeView(str(room_id), PURPOSES, form or Form())
    return frame.page("room/purpose.html", view, place_of(frame, room_id), status)


@router.post("/rooms/{room_id}/purpose")
async def open_with_purpose(room_id: UUID, request: Request, frame: InFrame, tx: Care) -> Response:
    """A supervisor says why; the room opens for an hour and the client can read it."""
    form = await request.form()
    room = await relations.visible(tx, room_id, Action.OPEN_WITH_PURPOSE)
    try:
        purpose = text_of(form, "purpose", least=1, most=200)
        reason = text_of(form, "reason", least=LEAST_REASON, most=2_000)
    except Invalid as refusal:
        errors = {
            each.field: _REFUSED.get(each.field, "Please look at this once more.") for each in refusal.errors
        }
        return ask_for_purpose(frame, room_id, Form(typed(form), errors=errors))
    await room_access.open_with_purpose(tx, room, purpose, reason)
    return go(f"/rooms/{room_id}")


@router.get("/rooms/{room_id}/access")
async def show_access(
    room_id: UUID,
    frame: InFrame,
    tx: Care,
    before: Annotated[int | None, Query(ge=1, le=2**62)] = None,
) -> Response:
    """Who opened the room."""
    room = await relations.visible(tx, room_id, Action.READ_ACCESS_LOG)
    found = await access_log(tx, room, limit=_PAGE + 1, before=before)
    shown = found[:_PAGE]
    here = f"/rooms/{room_id}/access"
    older = f"{here}?before={shown[-1].cursor}" if len(found) > _PAGE else ""
    view = AccessView(str(room_id), tuple(_opened(line) for line in shown), older)
    return frame.page(
        "room/access.html", view, here if reader_of(frame) == "client" else place_of(frame, room_id)
    )


def _opened(line: Line) -> Opened:
    return Opened(
        at=line.at,
        who=line.who,
        role=ROLES.get(line.role, line.role),
        what=did(line.action),
        times=line.times,
        purpose=words_of(line.purpose) if line.purpose else "",
        reason=str(line.reason or ""),
        break_glass=line.break_glass,
        found=FOUND.get(line.review or "", ""),
    )
