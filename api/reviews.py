"""Breach review: what a supervisor found when they looked at a broken promise or a sampled answer."""

import base64
import binascii
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from api.deps import Care, allowed
from api.schemas import Input, Limit, Text
from domain.access import Action
from domain.breaches import BreachReason
from domain.errors import FieldError, Invalid
from records import clocks, relations, reviews
from records.database import Row
from records.reviews import ReviewFilter

router = APIRouter(prefix="/v1", tags=["reviews"])


class ReviewIn(Input):
    """The cause, and words for colleagues."""

    reason: BreachReason
    note: Text | None = None


class ReviewOut(BaseModel):
    """The number of this review of the clock; the latest holds."""

    n: int


class BreachOut(BaseModel):
    """A broken promise, or an answer picked for a look (`sampled`: short, last_tenth), with its latest review."""

    clock_id: UUID
    room_id: UUID
    client_code: str
    therapist_id: UUID
    therapist: str
    team: str | None
    kind: str
    policy: str
    since: datetime
    opened_at: datetime
    due_at: datetime | None
    breached_at: datetime | None
    state: str
    closed_at: datetime | None
    answered_by: str | None
    sampled: str | None
    n: int | None
    reason: BreachReason | None
    note: str | None
    reviewed_by: str | None
    reviewed_at: datetime | None


class Tally(BaseModel):
    """So many of them."""

    name: str
    n: int


class BreachesOut(BaseModel):
    """Items by age, the oldest first; how many of the last 90 days by reason and by therapist."""

    items: list[BreachOut]
    next_cursor: str | None = None
    reasons: list[Tally]
    therapists: list[Tally]


@router.get("/breaches", dependencies=[Depends(allowed(Action.READ_BOARD))])
async def list_breaches(
    tx: Care,
    reviewed: bool | None = None,
    therapist: UUID | None = None,
    reason: BreachReason | None = None,
    limit: Limit = 100,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
) -> BreachesOut:
    """What is to be reviewed, what was, or both."""
    chosen = ReviewFilter(reviewed, therapist, reason)
    rows = await reviews.queue(tx, chosen, limit + 1, place_of(cursor))
    counted = await reviews.tallies(tx)
    return BreachesOut(
        items=[BreachOut(**row) for row in rows[:limit]],
        next_cursor=cursor_after(rows[limit - 1]) if len(rows) > limit else None,
        reasons=[Tally(**row) for row in counted["reasons"]],
        therapists=[Tally(**row) for row in counted["therapists"]],
    )


@router.post("/clocks/{clock_id}/review", status_code=201, dependencies=[Depends(allowed(Action.READ_BOARD))])
async def review(clock_id: UUID, body: ReviewIn, tx: Care) -> ReviewOut:
    """Write down what was found. The breach itself stays as it is."""
    clock = await clocks.find(tx, clock_id)
    await relations.visible(tx, clock["room_id"], Action.ACKNOWLEDGE_CLOCK)
    return ReviewOut(n=await reviews.review(tx, clock_id, body.reason, body.note))


def cursor_after(row: Row) -> str:
    """The place just after an item."""
    plain = f"{row['since'].isoformat()} {row['clock_id']}"
    return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")


def place_of(cursor: str | None) -> tuple[datetime, UUID] | None:
    """The reverse. Raises Invalid."""
    if not cursor:
        return None
    try:
        plain = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
        since, clock_id = plain.split(" ")
        at = datetime.fromisoformat(since)
        if at.tzinfo is None:
            raise ValueError
        return at, UUID(clock_id)
    except (ValueError, binascii.Error) as error:
        raise Invalid(FieldError("cursor", "not_of_this_list")) from error
