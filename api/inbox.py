"""A therapist's inbox: who waits, soonest due first; then the rooms at rest."""

from datetime import UTC, datetime

from fastapi import APIRouter
from pydantic import BaseModel

from api.deps import Care, SignedIn
from api.rooms import RoomOut, room_out
from api.schemas import InWindow
from domain.access import OWN_ACCOUNT, Action, require
from records import rooms

router = APIRouter(prefix="/v1", tags=["inbox"])

_FAR = datetime.max.replace(tzinfo=UTC)


class InboxOut(BaseModel):
    """Rooms of the therapist and those they cover now."""

    items: list[RoomOut]
    next_cursor: str | None = None


@router.get("/inbox")
async def read_inbox(tx: Care, actor: SignedIn, window: InWindow) -> InboxOut:
    """Rooms in the order in which answers are due; rooms that owe nothing come last."""
    require(actor, Action.READ_INBOX, OWN_ACCOUNT)
    found = [room_out(row, tx.now) for row in await rooms.headers(tx)]
    found.sort(key=lambda room: (room.promise.state == "none", room.promise.due_at or _FAR))
    return InboxOut(**window.of(found))
