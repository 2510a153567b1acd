"""Views of the board under names of one's own."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, StringConstraints

from api.deps import Care, allowed
from api.schemas import Input, InWindow, Page, ShortText
from domain.access import Action
from records import board_views

router = APIRouter(prefix="/v1", tags=["board"], dependencies=[Depends(allowed(Action.READ_BOARD))])


class ViewIn(Input):
    """Filters and order as they stand in the board's address, under a name."""

    name: ShortText
    query: Annotated[str, StringConstraints(max_length=600, pattern=r"^[A-Za-z0-9_.:=&%+~-]*$")]


class NameIn(Input):
    """Another name."""

    name: ShortText


class ViewOut(BaseModel):
    """A saved view."""

    id: UUID
    name: str
    query: str


class SavedOut(BaseModel):
    """Under which id it is kept."""

    id: UUID


@router.get("/board-views")
async def list_views(tx: Care, window: InWindow) -> Page[ViewOut]:
    """One's own views, in the order they were saved."""
    return Page[ViewOut](**window.of([ViewOut(**row) for row in await board_views.views(tx)]))


@router.post("/board-views", status_code=201)
async def save(body: ViewIn, tx: Care) -> SavedOut:
    """Keep a view; one of the same name gets the new filters."""
    return SavedOut(id=await board_views.save(tx, body.name, body.query))


@router.patch("/board-views/{view_id}", status_code=204)
async def rename(view_id: UUID, body: NameIn, tx: Care) -> Response:
    """Give it another name."""
    await board_views.rename(tx, view_id, body.name)
    return Response(status_code=204)


@router.delete("/board-views/{view_id}", status_code=204)
async def delete(view_id: UUID, tx: Care) -> Response:
    """Forget it."""
    await board_views.delete(tx, view_id)
    return Response(status_code=204)
