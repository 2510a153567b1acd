"""Waking this device when something waits: the key it subscribes with, and where to wake it."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from api.deps import Care, InServices, own
from api.schemas import Input
from domain.access import Action, Actor
from domain.errors import Conflict, FieldError, Invalid
from integrations.push.port import LONGEST, allowed
from records import push_subscriptions

router = APIRouter(prefix="/v1/me", tags=["notices"])

Mine = Annotated[Actor, Depends(own(Action.CHOOSE_NOTICES))]


class PushKeyOut(BaseModel):
    """The `applicationServerKey` of a subscription; null where nothing is pushed."""

    key: str | None


class SubscriptionIn(Input):
    """The `endpoint` that the browser was given. Its keys stay with it: a push carries nothing to encrypt.

    `renew`: no new wish, only a new sign-in in a browser that was this person's to wake before.
    """

    endpoint: str = Field(max_length=LONGEST)
    renew: bool = False


@router.get("/push-key")
async def read_push_key(services: InServices, _: Mine) -> PushKeyOut:
    """What a browser subscribes with."""
    return PushKeyOut(key=services.push_key)


@router.post("/push-subscriptions", status_code=204)
async def subscribe(body: SubscriptionIn, services: InServices, tx: Care, actor: Mine) -> None:
    """Wake this device from now on, in place of where it was woken before.

    409 `push_not_offered` where nothing is pushed; 422 for an address that is not at a known push service.
    """
    if services.push_key is None:
        raise Conflict("push_not_offered")
    if not allowed(body.endpoint, services.push_hosts):
        raise Invalid(FieldError("endpoint", "unknown_push_service"))
    await push_subscriptions.subscribe(tx, actor, body.endpoint, renew=body.renew)


@router.delete("/push-subscriptions", status_code=204)
async def unsubscribe(tx: Care, actor: Mine) -> None:
    """Wake this device no more; again: nothing changes."""
    await push_subscriptions.unsubscribe(tx, actor)
