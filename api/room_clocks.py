"""A room's clock: what its people may do about it, and why a time is due."""

import re
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, BeforeValidator, Field

from api.deps import Care, OnceOnly
from api.explanations import ExplanationOut, PlainOut, explanation_out, plain_out
from api.instants import Instant
from api.promises import PromiseOut, promise_of
from api.schemas import Input
from domain.access import Action, Role
from domain.errors import NotFound
from domain.response_items import NoReplyReason
from domain.room_clocks import HoldReason
from records import clocks, pauses, relations, room_clocks, rooms
from records.explanations import story_of

router = APIRouter(prefix="/v1", tags=["clocks"])


_ISO = re.compile(r"P(?=[\dT])(\d{1,4}D)?(T(?=\d)(\d{1,6}H)?(\d{1,6}M)?(\d{1,6}S)?)?", re.ASCII)


def _iso_duration(value: object) -> object:
    """Pydantic would take numbers, "1 day" and negative ones as well."""
    if not isinstance(value, str) or not _ISO.fullmatch(value):
        raise ValueError("not an ISO 8601 duration")
    return value


Duration = Annotated[timedelta, BeforeValidator(_iso_duration), Field(json_schema_extra={"example": "PT4H"})]
"""An ISO 8601 duration such as PT4H; P1D is PT24H."""


class ExtendIn(Input):
    """How much more time the client gives: open time, which is the therapist's working time.

    PT4H are four hours that they work, today or on the next working day. From 5 minutes to 5 days (120 such hours);
    at most three times for one answer.
    """

    by: Duration


class ExtendedOut(BaseModel):
    """When the answer is due now, and was before; how often more time can still be given."""

    extension_id: UUID
    due_before: datetime | None
    due_at: datetime | None
    extensions_left: int
    promise: PromiseOut


class WaiveIn(Input):
    """Why no reply is needed."""

    reason: NoReplyReason


class HoldIn(Input):
    """Why the clinic holds the room, and until when somebody looks again: at most 14 days."""

    reason: HoldReason
    review_by: Instant


class HeldOut(BaseModel):
    """The room is held, by whoever asked for it."""

    hold_id: UUID
    reason: HoldReason
    review_by: datetime


@router.get("/clocks/{clock_id}/explanation")
async def explain_clock(clock_id: UUID, tx: Care) -> ExplanationOut:
    """Why this clock, running or closed, is due when it is, and all that happened to it. For staff."""
    clock = await clocks.find(tx, clock_id)
    await relations.visible(tx, clock["room_id"], Action.READ_CLOCK)
    return explanation_out(await story_of(tx, clock))


@router.get("/rooms/{room_id}/clock/explanation")
async def explain_promise(room_id: UUID, tx: Care) -> PlainOut:
    """Why the answer in this room is due when it is, in plain words. 404 while none is owed."""
    room = await relations.visible(tx, room_id)
    clock = await room_clocks.running(tx, room)
    if clock is None:
        raise NotFound
    header, by_client = await rooms.header(tx, room), room.actor.role is Role.CLIENT
    zone = header["client_zone"] if by_client else header["therapist_zone"]
    return plain_out(await story_of(tx, clock), header, zone, tx.now, by_client=by_client)


@router.post("/rooms/{room_id}/clock/extend", status_code=201)
async def extend(room_id: UUID, body: ExtendIn, tx: Care, once: OnceOnly) -> JSONResponse:
    """The client gives more time, also when the answer is late: that it was stays on record."""
    room = await relations.visible(tx, room_id, Action.EXTEND_CLOCK)

    async def more_time() -> ExtendedOut:
        done = await room_clocks.extend(tx, room, body.by)
        return ExtendedOut(
            extension_id=done.id,
            due_before=done.due_before,
            due_at=done.due_at,
            extensions_left=done.left,
            promise=promise_of(await rooms.header(tx, room), tx.now),
        )

    return await once(tx, body, more_time)


@router.post("/rooms/{room_id}/clock/waive", status_code=204)
async def waive(room_id: UUID, body: WaiveIn, tx: Care) -> Response:
    """The therapist says that no reply is needed, and why. Audited; refused where risk was flagged."""
    room = await relations.visible(tx, room_id, Action.WAIVE_CLOCK)
    await room_clocks.waive(tx, room, body.reason)
    return Response(status_code=204)


@router.post("/rooms/{room_id}/clock/close-question", status_code=204)
async def close_question(room_id: UUID, tx: Care) -> Response:
    """The client needs no answer any more."""
    room = await relations.visible(tx, room_id, Action.CLOSE_QUESTION)
    await room_clocks.close_question(tx, room)
    return Response(status_code=204)


@router.post("/rooms/{room_id}/hold", status_code=201)
async def hold(room_id: UUID, body: HoldIn, tx: Care, once: OnceOnly) -> JSONResponse:
    """The clinic holds the room's reply times; on a held room it is the review. The client is told."""
    room = await relations.visible(tx, room_id, Action.HOLD_ROOM)

    async def held() -> HeldOut:
        hold_id = await pauses.hold(tx, room, body.reason, body.review_by)
        return HeldOut(hold_id=hold_id, reason=body.reason, review_by=body.review_by)

    return await once(tx, body, held)


@router.delete("/rooms/{room_id}/hold", status_code=204)
async def end_hold(room_id: UUID, tx: Care) -> Response:
    """Reply times count again. The client is told."""
    room = await relations.visible(tx, room_id, Action.HOLD_ROOM)
    await pauses.end_hold(tx, room)
    return Response(status_code=204)
