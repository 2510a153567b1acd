"""A therapist's hours, leave and capacity. Every running clock that counts their time moves at once."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field, StrictInt

from api.deps import Care, OnceOnly, SignedIn
from api.instants import Instant
from api.schemas import Input, Text
from domain import strict
from domain.access import OWN_ACCOUNT, Action, require
from domain.calendars import calendar_from_json
from records import leaves, working_hours

router = APIRouter(prefix="/v1/me", tags=["calendars"])


class CapacityIn(Input):
    """How many clients at once."""

    clients: Annotated[StrictInt, Field(ge=0, le=200)]


class LeaveIn(Input):
    """Time off, half-open; who covers; a hand-over note."""

    from_: Instant = Field(alias="from")
    to: Instant
    cover: UUID | None = None
    note: Text = ""


class LeaveOut(BaseModel):
    """The leave as recorded."""

    leave_id: UUID
    from_: datetime = Field(serialization_alias="from")
    to: datetime


@router.get("/hours")
async def read_hours(tx: Care, actor: SignedIn) -> dict[str, Any]:
    """`{tz, weekly, holidays, public_holidays}` as given: own days off, and whose public ones are off as well."""
    require(actor, Action.SET_HOURS, OWN_ACCOUNT)
    return await working_hours.hours(tx, actor.account_id)


@router.put("/hours", status_code=204)
async def set_hours(body: dict[str, Any], tx: Care, actor: SignedIn) -> Response:
    """New weekly hours, days off of one's own, and public holidays by country or state (`["US", "US-NY"]`)."""
    require(actor, Action.SET_HOURS, OWN_ACCOUNT)
    public = strict.items(body.get("public_holidays", ()), "public_holidays", strict.text)
    own = {name: value for name, value in body.items() if name != "public_holidays"}
    await working_hours.set_hours(tx, actor.account_id, calendar_from_json(own), public)
    return Response(status_code=204)


@router.put("/capacity", status_code=204)
async def set_capacity(body: CapacityIn, tx: Care, actor: SignedIn) -> Response:
    """How many clients one takes. Those who are there stay."""
    require(actor, Action.SET_CAPACITY, OWN_ACCOUNT)
    await working_hours.set_capacity(tx, actor.account_id, body.clients)
    return Response(status_code=204)


@router.post("/leave", status_code=201)
async def take_leave(body: LeaveIn, tx: Care, actor: SignedIn, once: OnceOnly) -> Response:
    """Time off. Clocks of the therapist's rooms move; the cover, where named, answers meanwhile."""
    require(actor, Action.TAKE_LEAVE, OWN_ACCOUNT)

    async def work() -> LeaveOut:
        leave_id = await leaves.take_leave(tx, actor.account_id, body.from_, body.to, body.cover, body.note)
        return LeaveOut(leave_id=leave_id, from_=body.from_, to=body.to)

    return await once(tx, body, work)
