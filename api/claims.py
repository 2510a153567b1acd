"""The billing office: claims and how each of them went."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from api.deps import Billing, allowed
from api.schemas import Cursor, Limit, MoneyOut, next_cursor
from domain.access import Action
from domain.claim_states import ClaimState
from records import claims
from records.database import Row

router = APIRouter(prefix="/v1", tags=["claims"])


class ClaimOut(BaseModel):
    """A claim and where it stands."""

    claim_id: UUID
    number: str
    client_code: str
    payer: str
    payer_name: str
    batch_id: UUID | None
    service_date: date
    code: str | None
    state: str
    charge: MoneyOut
    allowed: MoneyOut | None
    paid: MoneyOut | None
    patient_share: MoneyOut | None
    payer_claim_number: str | None
    changed_at: datetime


class ClaimsOut(BaseModel):
    """The last changed first."""

    items: list[ClaimOut]
    next_cursor: str | None = None


class ClaimEventOut(BaseModel):
    """What moved a claim, by which source, with its codes."""

    event: str
    state: str
    source: str
    at: datetime
    codes: dict[str, Any]


class ClaimHistoryOut(ClaimOut):
    """A claim with what moved it, oldest first."""

    history: list[ClaimEventOut]


@router.get("/claims", dependencies=[Depends(allowed(Action.READ_CLAIMS))])
async def list_claims(
    tx: Billing, state: ClaimState | None = None, limit: Limit = 100, cursor: Cursor = 0
) -> ClaimsOut:
    """Claims by state."""
    rows = await claims.listing(
        tx, state=state.value if state else None, batch_id=None, limit=limit + 1, offset=cursor
    )
    return ClaimsOut(
        items=[claim_out(row) for row in rows[:limit]], next_cursor=next_cursor(rows, limit, cursor)
    )


@router.get("/claims/{claim_id}", dependencies=[Depends(allowed(Action.READ_CLAIMS))])
async def read_claim(claim_id: UUID, tx: Billing) -> ClaimHistoryOut:
    """One claim with what moved it."""
    row = await claims.find(tx, claim_id)
    names = ("event", "state", "source", "at", "codes")
    moved = [
        ClaimEventOut(**{name: each[name] for name in names}) for each in await claims.history(tx, claim_id)
    ]
    await tx.audit("read_claim", subject_id=claim_id)
    return ClaimHistoryOut(**claim_out(row).model_dump(), history=moved)


def claim_out(row: Row) -> ClaimOut:
    """The claim on the wire."""
    names = ("number", "client_code", "payer_name", "batch_id", "service_date", "state", "changed_at")
    return ClaimOut(
        claim_id=row["id"],
        payer=row["payer_code"],
        code=row["procedure_code"],
        charge=MoneyOut.exactly(row["charge"]),
        allowed=MoneyOut.of(row["allowed"]),
        paid=MoneyOut.of(row["paid"]),
        patient_share=MoneyOut.of(row["patient_share"]),
        payer_claim_number=row["payer_claim_number"],
        **{name: row[name] for name in names},
    )
