"""Notices: what somebody was told, in neutral sentences, and where they act on it."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from api.deps import Care, own
from api.notice_words import place_of, subject_of, text_of
from api.schemas import Input, Limit, Page
from domain.access import Action, Actor
from domain.errors import FieldError, Invalid
from records import notice_lists
from records.database import Row

router = APIRouter(prefix="/v1/notices", tags=["notices"])

Mine = Annotated[Actor, Depends(own(Action.READ_NOTICES))]


class NoticeOut(BaseModel):
    """One thing told once. `href` is a page of the app; `read_at` is null while nobody has read it."""

    notice_id: UUID
    template: str
    room_id: UUID | None
    subject_id: UUID | None
    created_at: datetime
    read_at: datetime | None
    text: str
    href: str


class ReadInput(Input):
    """Either these, or all up to one with everything told before it."""

    notice_ids: list[UUID] | None = Field(default=None, max_length=200)
    up_to: UUID | None = None


@router.get("")
async def list_notices(
    tx: Care, actor: Mine, unread: bool = False, limit: Limit = 50, cursor: UUID | None = None
) -> Page[NoticeOut]:
    """One's own, the newest first. `cursor` is a `next_cursor`; what comes in meanwhile moves no page."""
    rows = await notice_lists.listed(tx, unread=unread, limit=limit + 1, after=cursor)
    shown = rows[:limit]
    following = str(shown[-1]["id"]) if len(rows) > limit else None
    return Page(items=[_notice_out(row, actor) for row in shown], next_cursor=following)


@router.post("/read", status_code=204)
async def read_notices(body: ReadInput, tx: Care, _: Mine) -> None:
    """One has read them; again: nothing changes.

    Ids that are not one's own are passed over; an `up_to` that is not is not found.
    """
    if (body.notice_ids is None) == (body.up_to is None):
        raise Invalid(FieldError("notice_ids", "these_or_up_to"))
    if body.up_to is not None:
        await notice_lists.mark_read_up_to(tx, body.up_to)
    else:
        await notice_lists.mark_read(tx, body.notice_ids or [])


def _notice_out(row: Row, actor: Actor) -> NoticeOut:
    return NoticeOut(
        notice_id=row["id"],
        template=row["template"],
        room_id=row["room_id"],
        subject_id=subject_of(row["template"], row["subject_id"]),
        created_at=row["created_at"],
        read_at=row["read_at"],
        text=text_of(row["template"]),
        href=place_of(actor, row["template"], row["place_room_id"], row["subject_id"]),
    )
