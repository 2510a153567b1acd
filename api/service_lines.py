"""The billing office: each service that was given, and what stands in the way of a claim for it."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from api.deps import Billing, allowed
from api.schemas import Cursor, Limit, MoneyOut, next_cursor
from domain.access import Action
from domain.service_lines import Hold, hold_words
from records import payers, service_lines
from records.database import Row

router = APIRouter(prefix="/v1", tags=["services"])


class ServiceOut(BaseModel):
    """A service line. `blocked_by` holds every reason as a code, `reasons` the same in words."""

    service_line_id: UUID
    client_code: str
    payer: str | None
    payer_name: str | None
    therapist: str
    service_date: date
    service_to: date
    code: str | None
    charge: MoneyOut | None
    minutes: int
    state: str
    blocked_by: list[str]
    reasons: list[str]


class ServicesOut(BaseModel):
    """Oldest first."""

    items: list[ServiceOut]
    next_cursor: str | None = None


@router.get("/services", dependencies=[Depends(allowed(Action.READ_SERVICES))])
async def list_services(
    tx: Billing,
    state: Literal["unbilled", "held", "batched", "closed", "sponsored", "self_paid"] | None = None,
    payer: Annotated[str | None, Query(max_length=100)] = None,
    limit: Limit = 100,
    cursor: Cursor = 0,
) -> ServicesOut:
    """Service lines with their blocking reasons."""
    payer_id = (await payers.find_offered(tx, payer))["id"] if payer else None
    rows = await service_lines.listing(tx, state=state, payer_id=payer_id, limit=limit + 1, offset=cursor)
    return ServicesOut(
        items=[service_out(row) for row in rows[:limit]], next_cursor=next_cursor(rows, limit, cursor)
    )


def service_out(row: Row) -> ServiceOut:
    """The service line on the wire."""
    return ServiceOut(
        service_line_id=row["id"],
        client_code=row["client_code"],
        payer=row["payer_code"],
        payer_name=row["payer_name"],
        therapist=row["therapist_name"],
        service_date=row["service_date"],
        service_to=row["service_to"],
        code=row["code"],
        charge=MoneyOut.of(row["charge"]),
        minutes=row["minutes"],
        state=row["state"],
        blocked_by=row["holds"],
        reasons=[hold_words(Hold(hold), row["confirmed_on"]) for hold in row["holds"]],
    )
