"""Opening a room in an emergency, and the look that somebody else takes at it."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, StringConstraints

from api.deps import Care, InServices, allowed, own
from api.schemas import Cursor, Input, Limit, Page, ShortText, Text, next_cursor
from domain.access import Action, Actor
from domain.purposes import LEAST_REASON
from records import access_reviews
from records.access_reviews import Opening, Review
from records.break_glass import Emergency, break_glass

router = APIRouter(prefix="/v1/break-glass", tags=["supervision"])

Reviewer = Annotated[Actor, Depends(allowed(Action.REVIEW_ACCESS))]


class EmergencyIn(Input):
    """The client's code as boards show it, a reason that the client can read, and who one is, once more."""

    client_code: ShortText
    reason: Annotated[Text, StringConstraints(min_length=LEAST_REASON, max_length=2_000)]
    password: Text
    totp: ShortText | None = None


class BrokenOut(BaseModel):
    """The room that is open until `expires_at`."""

    access_id: UUID
    room_id: UUID
    expires_at: datetime


class DoneOut(BaseModel):
    """What the opener did, and how often."""

    action: str
    times: int


class OpeningOut(BaseModel):
    """An emergency opening, and what was found of it. `own`: somebody else must look at it."""

    access_id: UUID
    room_id: UUID
    client_code: str
    who: str
    role: str
    at: datetime
    due_at: datetime
    overdue: bool
    own: bool
    reason: str | None
    done: list[DoneOut]
    reviewed_at: datetime | None
    reviewed_by: str | None
    review: Review | None


class ReviewIn(Input):
    """What one found."""

    review: Review


@router.post("", status_code=201)
async def break_the_glass(
    body: EmergencyIn, services: InServices, actor: Annotated[Actor, Depends(own(Action.BREAK_GLASS))]
) -> BrokenOut:
    """A clinician without a part in the care opens the room for an hour; everybody concerned is told."""
    emergency = Emergency(body.client_code, body.reason, body.password, body.totp)
    broken = await break_glass(services.care, services.passwords, actor, emergency)
    return BrokenOut(access_id=broken.access_id, room_id=broken.room_id, expires_at=broken.expires_at)


@router.get("")
async def list_openings(
    tx: Care,
    _: Reviewer,
    state: Literal["waiting", "reviewed"] = "waiting",
    limit: Limit = 50,
    cursor: Cursor = 0,
) -> Page[OpeningOut]:
    """Openings that wait for their review, the longest waiting first; or those that had it."""
    found = await access_reviews.openings(tx, reviewed=state == "reviewed", limit=limit + 1, offset=cursor)
    return Page(
        items=[_opening_out(each) for each in found[:limit]], next_cursor=next_cursor(found, limit, cursor)
    )


@router.post("/{access_id}/review", status_code=204)
async def review_opening(access_id: UUID, body: ReviewIn, tx: Care, _: Reviewer) -> Response:
    """Justified or not, by somebody else than the opener."""
    await access_reviews.review(tx, access_id, body.review)
    return Response(status_code=204)


def _opening_out(opening: Opening) -> OpeningOut:
    return OpeningOut(
        access_id=opening.id,
        room_id=opening.room_id,
        client_code=opening.client_code,
        who=opening.who,
        role=opening.role,
        at=opening.at,
        due_at=opening.due_at,
        overdue=opening.overdue,
        own=opening.own,
        reason=opening.reason and str(opening.reason),
        done=[DoneOut(action=action, times=times) for action, times in opening.done],
        reviewed_at=opening.reviewed_at,
        reviewed_by=opening.reviewed_by,
        review=opening.review,
    )
