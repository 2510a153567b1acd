"""The load of the coming week by therapist and hour, and the rooms with nobody there."""

import base64
import binascii
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from api.deps import Care, allowed
from api.schemas import Limit
from domain.access import Action
from domain.errors import FieldError, Invalid
from records import loads
from records.loads import AHEAD, HOUR, MOST_GAPS, Load, LoadFilter

router = APIRouter(prefix="/v1", tags=["supervision"])


class GapOut(BaseModel):
    """A room with nobody there. `kind`: `no_capacity` (held, no open hours in sight), or `away` without cover."""

    kind: str
    room_id: UUID
    client_code: str
    therapist_id: UUID
    therapist: str
    clock_id: UUID | None
    due_at: datetime | None
    starts_at: datetime | None
    ends_at: datetime | None


class SpanOut(BaseModel):
    """Half-open: from (included) to (excluded)."""

    start: datetime = Field(serialization_alias="from")
    end: datetime = Field(serialization_alias="to")


class AbsenceOut(SpanOut):
    """Leave, cut to the week."""

    rooms_without_cover: int


class DueOut(BaseModel):
    """So many promises come due in the hour that begins then."""

    at: datetime
    due: int


class LoadOut(BaseModel):
    """One therapist. `promised`: due before the end of the week, the overdue with them."""

    therapist_id: UUID
    therapist: str
    zone: str
    team: str | None
    capacity: int
    active_rooms: int
    promised: int
    overdue: int
    held: int
    hours: list[DueOut]
    open: list[SpanOut]
    leave: list[AbsenceOut]


class LoadsOut(BaseModel):
    """The week, by therapist, those with most promises first."""

    start: datetime = Field(serialization_alias="from")
    end: datetime = Field(serialization_alias="to")
    gaps: list[GapOut]
    more_gaps: bool
    items: list[LoadOut]
    next_cursor: str | None = None


@router.get("/supervision/load", dependencies=[Depends(allowed(Action.READ_BOARD))])
async def load(
    tx: Care,
    team: Annotated[str | None, Query(max_length=100)] = None,
    therapist: UUID | None = None,
    limit: Limit = 20,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
) -> LoadsOut:
    """Gaps first, then what is due hour by hour over seven days against who works then."""
    chosen = LoadFilter(team, therapist)
    start = tx.now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    found = await loads.loads(tx, chosen, start, limit + 1, place_of(cursor))
    gaps = await loads.gaps(tx, chosen)
    return LoadsOut(
        start=start,
        end=start + AHEAD,
        gaps=[GapOut(**{name: gap[name] for name in GapOut.model_fields}) for gap in gaps[:MOST_GAPS]],
        more_gaps=len(gaps) > MOST_GAPS,
        items=[_out(each, start) for each in found[:limit]],
        next_cursor=cursor_after(found[limit - 1]) if len(found) > limit else None,
    )


def _out(load: Load, start: datetime) -> LoadOut:
    return LoadOut(
        therapist_id=load.therapist_id,
        therapist=load.name,
        zone=load.zone,
        team=load.team,
        capacity=load.capacity,
        active_rooms=load.active_rooms,
        promised=load.promised,
        overdue=load.overdue,
        held=load.held,
        hours=[DueOut(at=start + hour * HOUR, due=n) for hour, n in sorted(load.due.items())],
        open=[SpanOut(start=begins, end=ends) for begins, ends in load.open],
        leave=[
            AbsenceOut(start=each.start, end=each.end, rooms_without_cover=each.rooms_without_cover)
            for each in load.absences
        ],
    )


def cursor_after(load: Load) -> str:
    """The place just after a therapist."""
    return base64.urlsafe_b64encode(f"{load.promised} {load.therapist_id}".encode()).decode().rstrip("=")


def place_of(cursor: str | None) -> tuple[int, UUID] | None:
    """The reverse. Raises Invalid."""
    if not cursor:
        return None
    try:
        plain = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
        promised, therapist_id = plain.split(" ")
        if not promised.isascii() or not promised.isdigit() or len(promised) > 9:
            raise ValueError
        return int(promised), UUID(therapist_id)
    except (ValueError, binascii.Error) as error:
        raise Invalid(FieldError("cursor", "not_of_this_list")) from error
