"""Leaving: the end of care, and being forgotten."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel

from api.deps import Care, InServices, allowed, own
from api.schemas import Cursor, Input, Limit, Page, Text, next_cursor
from domain.access import Action, Actor
from domain.erasures import ErasureState
from records import closings, erasures
from records.database import Row
from records.step_up import step_up

router = APIRouter(prefix="/v1", tags=["leaving"])

Leaver = Annotated[Actor, Depends(own(Action.ERASE_RECORD))]


class ErasureIn(Input):
    """The password, once more."""

    password: Text


class ErasureOut(BaseModel):
    """Where one's erasure stands. `state` null: not asked for, and what asking would mean.

    `until`: the last day on which the law keeps the record, null where no care was given. `erases_at`: when it goes.
    `kept_back`: due, and a legal duty or an open call for help keeps it for now.
    """

    state: ErasureState | None
    asked_at: datetime | None
    until: date | None
    erases_at: datetime
    kept_back: bool


class SealedRoomOut(BaseModel):
    """A room that record keepers may open with a recorded purpose. `until`: as long as the law keeps it."""

    room_id: UUID
    client_code: str
    opened_at: datetime
    closed_at: datetime | None
    sealed_at: datetime
    until: date | None


class WaitingErasureOut(BaseModel):
    """An erasure as administrators see it. `held`: by a legal hold; `risk_open`: a flag is open."""

    client_id: UUID
    client_code: str
    state: ErasureState
    asked_at: datetime
    until: date | None
    held: bool
    risk_open: bool
    held_since: datetime | None
    shredded_at: datetime | None
    keys_destroyed: int | None
    blobs_destroyed: int | None


@router.post("/journey/close", status_code=204)
async def close_journey(tx: Care, actor: Annotated[Actor, Depends(own(Action.LEAVE))]) -> Response:
    """End one's care, at any time. The room stays, to be read. 409 `journey_closed` when it has ended."""
    await closings.end_care(tx, actor.account_id)
    return Response(status_code=204)


@router.get("/me/erasure")
async def read_erasure(tx: Care, actor: Leaver) -> ErasureOut:
    """Where one's erasure stands, or what asking for it would mean today."""
    return _out(await erasures.outlook(tx, actor.account_id))


@router.post("/me/erasure", status_code=202)
async def ask_erasure(body: ErasureIn, services: InServices, actor: Leaver) -> ErasureOut:
    """Ask to be forgotten. Care ends, and everything is sealed to all but record keepers at once.

    Where no care was given it is destroyed at once. Else it waits until the law keeps it no longer: asked again
    meanwhile, 409 `retained` with `until`, the instant from which it may be destroyed; 409 `erasing` while it is.
    """
    await step_up(services.care, services.passwords, actor, "ask_erasure", body.password, None)
    async with services.care.transaction(actor) as tx:
        return _out(await erasures.ask(tx, actor.account_id))


@router.delete("/me/erasure", status_code=204)
async def withdraw_erasure(tx: Care, actor: Leaver) -> Response:
    """Keep the record after all, while it waits. 404 when nothing was asked for, 409 `erasing` when it is under way."""
    await erasures.withdraw(tx, actor.account_id)
    return Response(status_code=204)


@router.get("/erasures")
async def list_erasures(
    tx: Care,
    _: Annotated[Actor, Depends(allowed(Action.MANAGE_RETENTION))],
    over: bool = False,
    limit: Limit = 50,
    cursor: Cursor = 0,
) -> Page[WaitingErasureOut]:
    """Those that wait, by date; or those that are done, with what was destroyed."""
    found = await erasures.listing(tx, over=over, limit=limit + 1, skip=cursor)
    return Page(
        items=[_waiting_out(row) for row in found[:limit]], next_cursor=next_cursor(found, limit, cursor)
    )


@router.get("/sealed-rooms")
async def list_sealed_rooms(
    tx: Care,
    _: Annotated[Actor, Depends(allowed(Action.READ_SEALED_ROOMS))],
    limit: Limit = 50,
    cursor: Cursor = 0,
) -> Page[SealedRoomOut]:
    """For record keepers, the latest first."""
    found = await erasures.sealed_rooms(tx, limit=limit + 1, skip=cursor)
    items = [
        SealedRoomOut(
            room_id=row["id"],
            client_code=row["code"],
            opened_at=row["opened_at"],
            closed_at=row["closed_at"],
            sealed_at=row["sealed_at"],
            until=row["not_before"],
        )
        for row in found[:limit]
    ]
    return Page(items=items, next_cursor=next_cursor(found, limit, cursor))


def _out(found: erasures.Erasure) -> ErasureOut:
    return ErasureOut(
        state=found.state,
        asked_at=found.asked_at,
        until=found.until,
        erases_at=found.erases_at,
        kept_back=found.held,
    )


def _waiting_out(row: Row) -> WaitingErasureOut:
    return WaitingErasureOut(
        client_id=row["client_id"],
        client_code=row["code"],
        state=row["state"],
        asked_at=row["asked_at"],
        until=row["not_before"],
        held=row["held"],
        risk_open=row["risk_open"],
        held_since=row["held_since"],
        shredded_at=row["shredded_at"],
        keys_destroyed=row["keys_destroyed"],
        blobs_destroyed=row["blobs_destroyed"],
    )
