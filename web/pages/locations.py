"""Where the client is now: asked again after 30 days when they sign in, and whenever they say so themselves."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from api.deps import Care, own
from domain.access import Action, Actor
from domain.states import STATES
from records import intake, places, relations
from web.pages.forms import text_of, typed
from web.pages.frame import InFrame, go, own_path
from web.pages.refusals import PageRoute
from web.views.intake import WhereView
from web.views.shell import Form

router = APIRouter(route_class=PageRoute)

Here = Annotated[Actor, Depends(own(Action.SET_LOCATION))]


@router.get("/where")
async def ask(
    frame: InFrame,
    tx: Care,
    actor: Here,
    next_path: Annotated[str, Query(alias="next", max_length=500)] = "",
) -> Response:
    """Are you still there?"""
    said, since = await places.now(tx, actor.account_id)
    view = WhereView(said or "", since, own_path(next_path, ""), Form({"state": said or ""}))
    return frame.page("where.html", view)


@router.post("/where")
async def say(request: Request, frame: InFrame, tx: Care, actor: Here) -> Response:
    """Here I am now. The room is checked for a licence there."""
    form = await request.form()
    state, place = text_of(form, "state"), text_of(form, "location")
    next_path = own_path(text_of(form, "next", most=500), "/")
    if state not in STATES:
        said, since = await places.now(tx, actor.account_id)
        wrong = Form(typed(form), errors={"state": "Please choose one."})
        return frame.page("where.html", WhereView(said or "", since, next_path, wrong), status=422)
    client = await relations.writable_chart(tx, actor.account_id, Action.SET_LOCATION)
    if place:
        await intake.save(tx, client, {"state": state, "location": place})
    else:
        await places.say(tx, client, state)
    return go(next_path, "located")
