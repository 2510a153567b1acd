"""Which ways one hears, outside the app, that a message waits."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from api.deps import Care, own
from api.schemas import Input
from domain.access import Action, Actor
from records import notice_settings, push_subscriptions
from records.notice_settings import Ways

router = APIRouter(prefix="/v1/me/notice-settings", tags=["notices"])

Mine = Annotated[Actor, Depends(own(Action.CHOOSE_NOTICES))]


class SettingsIn(Input):
    """`mail`: a letter when a message is still unread after some minutes; `push`: subscribed devices are woken."""

    mail: bool
    push: bool


class SettingsOut(BaseModel):
    """What was chosen, and whether the device that asks is subscribed."""

    mail: bool
    push: bool
    this_device: bool


@router.get("")
async def read_settings(tx: Care, actor: Mine) -> SettingsOut:
    """Both ways unless one said otherwise."""
    return await _settings(tx, actor)


@router.put("")
async def choose(body: SettingsIn, tx: Care, actor: Mine) -> SettingsOut:
    """Hear in these ways from now on. Pages and reminders of work are no choice and always go out."""
    await notice_settings.choose(tx, actor, Ways(body.mail, body.push))
    return await _settings(tx, actor)


async def _settings(tx: Care, actor: Actor) -> SettingsOut:
    chosen = await notice_settings.ways(tx, actor)
    here = await push_subscriptions.subscribed(tx, actor)
    return SettingsOut(mail=chosen.mail, push=chosen.push, this_device=here)
