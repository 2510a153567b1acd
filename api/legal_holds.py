"""Legal holds, for administrators."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, StringConstraints

from api.deps import Care, OnceOnly, allowed
from api.schemas import Cursor, Input, Limit, Page, Text, next_cursor
from domain.access import Action
from records import legal_holds

router = APIRouter(prefix="/v1", tags=["retention"], dependencies=[Depends(allowed(Action.MANAGE_RETENTION))])


class HoldIn(Input):
    """Why everything of this client must be kept: the case, the court, who asked."""

    reason: Annotated[Text, StringConstraints(min_length=5, max_length=2_000)]


class HoldCreated(BaseModel):
    """The hold that is in force now."""

    hold_id: UUID


class HoldOut(BaseModel):
    """A hold. In force until `lifted_at`; `reason` is empty once the client is erased."""

    hold_id: UUID
    client_id: UUID
    client_code: str
    reason: str
    placed_by: str
    placed_at: datetime
    lifted_by: str | None
    lifted_at: datetime | None


@router.get("/legal-holds")
async def list_holds(tx: Care, lifted: bool = False, limit: Limit = 50, cursor: Cursor = 0) -> Page[HoldOut]:
    """Those in force, or those that were, the latest first."""
    found = await legal_holds.listing(tx, in_force=not lifted, limit=limit + 1, skip=cursor)
    items = [
        HoldOut(
            hold_id=each.id,
            client_id=each.client_id,
            client_code=each.client_code,
            reason=each.reason,
            placed_by=each.placed_by,
            placed_at=each.placed_at,
            lifted_by=each.lifted_by,
            lifted_at=each.lifted_at,
        )
        for each in found[:limit]
    ]
    return Page(items=items, next_cursor=next_cursor(found, limit, cursor))


@router.post("/clients/{client_id}/legal-holds", status_code=201, response_model=HoldCreated)
async def place_hold(client_id: UUID, body: HoldIn, tx: Care, once: OnceOnly) -> JSONResponse:
    """Nothing of this client is destroyed until it is lifted. 409 `erasing`: destruction has begun."""

    async def place() -> HoldCreated:
        return HoldCreated(hold_id=await legal_holds.place(tx, client_id, body.reason))

    return await once(tx, body, place)


@router.delete("/clients/{client_id}/legal-holds/{hold_id}", status_code=204)
async def lift_hold(client_id: UUID, hold_id: UUID, tx: Care) -> Response:
    """It is over. An erasure that waited for it goes on."""
    await legal_holds.lift(tx, client_id, hold_id)
    return Response(status_code=204)
