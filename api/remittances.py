"""The billing office: what payers paid, posted from their 835."""

from datetime import date, datetime
from hashlib import sha256
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from activities.claim_posting import post_report
from api.deps import Billing, OnceOnly, allowed
from api.schemas import MoneyOut
from domain.access import Action
from domain.errors import FieldError, Invalid
from records import clearinghouse, remittances
from records.clearinghouse import Arrived
from records.database import Transaction

router = APIRouter(prefix="/v1", tags=["remittances"])

X12 = "application/edi-x12"
LARGEST_UPLOAD = 10_000_000  # bytes


class PaymentOut(BaseModel):
    """One payment of an 835. `unmatched`: claims in it that are not ours."""

    trace: str
    payer_trace: str
    paid_on: date
    amount: MoneyOut
    claims: int
    unmatched: int
    posted_at: datetime


class RemittanceOut(BaseModel):
    """An 835: `posted`, or `quarantined` with the reason; then nothing of it was posted."""

    remittance_id: UUID
    state: str
    reason: str | None
    received_at: datetime
    sha256: str
    payments: list[PaymentOut]


@router.post(
    "/remittances",
    status_code=201,
    response_model=RemittanceOut,
    openapi_extra={"requestBody": {"content": {X12: {}}, "required": True}},
    dependencies=[Depends(allowed(Action.POST_REMITTANCE))],
)
async def post_remittance(request: Request, tx: Billing, once: OnceOnly) -> JSONResponse:
    """Post an 835. What does not balance is quarantined whole, with its reason; the same file twice is one."""
    content = await _body(request)

    async def work() -> RemittanceOut:
        source = f"upload-{sha256(content).hexdigest()}"
        report_id = await clearinghouse.keep(tx, Arrived(source, "835", content))
        await post_report(tx, report_id)
        return await _remittance(tx, report_id)

    return await once(tx, content, work)


@router.get("/remittances/{remittance_id}", dependencies=[Depends(allowed(Action.READ_REMITTANCES))])
async def read_remittance(remittance_id: UUID, tx: Billing) -> RemittanceOut:
    """An 835 and what became of it."""
    return await _remittance(tx, remittance_id)


async def _body(request: Request) -> bytes:
    """The bytes that were sent. Raises Invalid when there are none, or too many."""
    content = b""
    async for chunk in request.stream():
        content += chunk
        if len(content) > LARGEST_UPLOAD:
            raise Invalid(FieldError("body", "too_large"))
    if not content.strip():
        raise Invalid(FieldError("body", "required"))
    return content


async def _remittance(tx: Transaction, report_id: UUID) -> RemittanceOut:
    report = await clearinghouse.find(tx, report_id)
    return RemittanceOut(
        remittance_id=report_id,
        state=report["state"],
        reason=report["reason"],
        received_at=report["received_at"],
        sha256=bytes(report["sha256"]).hex(),
        payments=[
            PaymentOut(
                trace=row["trace"],
                payer_trace=row["payer_trace"],
                paid_on=row["paid_on"],
                amount=MoneyOut.exactly(row["amount"]),
                claims=row["claims"],
                unmatched=row["unmatched"],
                posted_at=row["posted_at"],
            )
            for row in await remittances.of_report(tx, report_id)
        ],
    )
