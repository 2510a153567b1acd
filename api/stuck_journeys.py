"""Clients who wait too long on the way into care: who must act and why; to take one on, and to remind."""

import base64
import binascii
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from api.deps import Care, allowed
from api.schemas import Limit
from domain.access import Action
from domain.errors import FieldError, Invalid
from domain.journey_words import WHY
from domain.stages import Party, Stage, Wait
from records import relations, stuck_journeys
from records.stuck_journeys import Place, Standing, Stuck, StuckFilter, Taken

router = APIRouter(prefix="/v1/stuck-journeys", tags=["supervision"])

READS = Depends(allowed(Action.READ_STUCK_JOURNEYS))


class ToldOut(BaseModel):
    """A rung that was climbed: who was to be told, and by name those of us who were."""

    n: int
    whom: Party
    at: datetime
    names: list[str]


class NextRungOut(BaseModel):
    """Who is told next, and when."""

    n: int
    whom: Party
    at: datetime


class StuckOut(BaseModel):
    """One client who waits: `owner` must act by `due_at`. `next_rung` null: everybody was told."""

    client_id: UUID
    client_code: str
    stage: Stage
    wait: Wait
    why: str
    owner: Party
    owner_name: str | None
    since: datetime
    due_at: datetime | None
    late: bool
    paused: bool
    told: list[ToldOut]
    next_rung: NextRungOut | None
    taken_by: str | None
    taken_at: datetime | None
    mine: bool
    may_remind: bool


class StuckListOut(BaseModel):
    """What is due first at the top; `owners`: how many wait for whom, by the same filter."""

    items: list[StuckOut]
    next_cursor: str | None = None
    owners: dict[Party, int]


class RemindedOut(BaseModel):
    """Who was told once more."""

    reminded: Party


@router.get("", dependencies=[READS])
async def list_stuck_journeys(
    tx: Care,
    state: Standing = Standing.STUCK,
    owner: Party | None = None,
    stage: Stage | None = None,
    taken: Taken | None = None,
    limit: Limit = 100,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
) -> StuckListOut:
    """Those past due or handed to one of us (`stuck`), the others on the way (`moving`), or `all`."""
    chosen = StuckFilter(state, owner, stage, taken)
    found = await stuck_journeys.queue(tx, chosen, limit + 1, place_of(cursor))
    return StuckListOut(
        items=[stuck_out(each) for each in found[:limit]],
        next_cursor=cursor_after(found[limit - 1]) if len(found) > limit else None,
        owners=dict(await stuck_journeys.counts(tx, chosen)),
    )


@router.post("/{client_id}/take", status_code=204)
async def take_journey(client_id: UUID, tx: Care) -> None:
    """It has a person's name from now on; colleagues see whose."""
    await stuck_journeys.take(tx, await relations.writable_chart(tx, client_id, Action.HELP_JOURNEY))


@router.post("/{client_id}/hand-back", status_code=204)
async def hand_back_journey(client_id: UUID, tx: Care) -> None:
    """It is nobody's again."""
    await stuck_journeys.hand_back(tx, await relations.writable_chart(tx, client_id, Action.HELP_JOURNEY))


@router.post("/{client_id}/remind")
async def remind(client_id: UUID, tx: Care) -> RemindedOut:
    """Tell whoever must act once more, at most once a day."""
    client = await relations.writable_chart(tx, client_id, Action.HELP_JOURNEY)
    return RemindedOut(reminded=await stuck_journeys.remind(tx, client))


def stuck_out(each: Stuck) -> StuckOut:
    """One client on the wire."""
    rung = each.next_rung
    return StuckOut(
        client_id=each.client_id,
        client_code=each.client_code,
        stage=each.stage,
        wait=each.wait,
        why=WHY[each.wait],
        owner=each.owner,
        owner_name=each.owner_name,
        since=each.since,
        due_at=each.due_at,
        late=each.late,
        paused=each.paused,
        told=[ToldOut(n=told.n, whom=told.whom, at=told.at, names=list(told.names)) for told in each.told],
        next_rung=NextRungOut(n=rung.n, whom=rung.whom, at=rung.at) if rung else None,
        taken_by=each.taken_by,
        taken_at=each.taken_at,
        mine=each.mine,
        may_remind=each.may_remind,
    )


_NEVER = "-"


def cursor_after(row: Stuck) -> str:
    """The place just after a client: an instant and an id, never a name."""
    plain = f"{row.due_at.isoformat() if row.due_at else _NEVER} {row.client_id}"
    return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")


def place_of(cursor: str | None) -> Place | None:
    """The reverse. Raises Invalid."""
    if not cursor:
        return None
    try:
        plain = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
        due, client_id = plain.split(" ")
        at = None if due == _NEVER else datetime.fromisoformat(due)
        if at is not None and at.tzinfo is None:
            raise ValueError
        return at, UUID(client_id)
    except (ValueError, binascii.Error) as error:
        raise Invalid(FieldError("cursor", "not_of_this_list")) from error
