"""How one hears, outside the app, that a message waits: by mail, on which device."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from api.deps import Care, InServices, own
from domain.access import Action, Actor, Role
from domain.errors import NotFound
from records import notice_settings, push_subscriptions
from records.notice_settings import Ways
from web.pages.frame import InFrame, go
from web.pages.refusals import PageRoute
from web.views.notice_settings import NoticeSettingsView

router = APIRouter(route_class=PageRoute)

HERE = "/account/notices"


async def who_has_a_room(actor: Annotated[Actor, Depends(own(Action.CHOOSE_NOTICES))]) -> Actor:
    """Messages wait for clients and therapists only. Raises NotFound for everybody else."""
    if actor.role not in {Role.CLIENT, Role.THERAPIST}:
        raise NotFound
    return actor


Mine = Annotated[Actor, Depends(who_has_a_room)]


@router.get(HERE)
async def show_settings(frame: InFrame, tx: Care, actor: Mine, services: InServices) -> Response:
    """What was chosen, and this device."""
    chosen = await notice_settings.ways(tx, actor)
    view = NoticeSettingsView(
        mail=chosen.mail if actor.role is Role.CLIENT else None,
        push=chosen.push,
        here=await push_subscriptions.subscribed(tx, actor),
        push_key=services.push_key or "",
    )
    return frame.page("account/notices.html", view, "/account")


@router.post(HERE)
async def choose(request: Request, tx: Care, actor: Mine) -> Response:
    """Hear in these ways from now on."""
    form = await request.form()
    before = await notice_settings.ways(tx, actor)
    mail = "mail" in form if actor.role is Role.CLIENT else before.mail
    await notice_settings.choose(tx, actor, Ways(mail, "push" in form))
    return go(HERE, "saved")


@router.post(f"{HERE}/stop")
async def stop_here(tx: Care, actor: Mine) -> Response:
    """Wake this device no more."""
    await push_subscriptions.unsubscribe(tx, actor)
    return go(HERE, "saved")
