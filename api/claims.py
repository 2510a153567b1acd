"""The billing office: services, batches, claims, remittances. All under the billing login."""

from datetime import date, datetime
from hashlib import sha256
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from activities.claim_posting import post_report
from api.deps import Billing, OnceOnly, allowed
from api.schemas import Input, MoneyOut, ShortText
from domain.access import Action
from domain.claim_states import ClaimState
from domain.errors import FieldError, Invalid
from domain.service_lines import HOLD_WORDS, Hold
from records import claim_batches, claims, clearinghouse, payers, remittances, service_lines
from records.clearinghouse import Arrived
from records.database import Row, Transaction

router = APIRouter(prefix="/v1", tags=["claims"])

X12 = "application/edi-x12"
LARGEST_UPLOAD = 10_000_000  # bytes
Limit = Annotated[int, Query(ge=1, le=200)]
Cursor = Annotated[int, Query(ge=0, le=10_000_000)]


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


class BatchIn(Input):
    """What to bill: everything that is ready, or one payer's (its id or code)."""

    payer: ShortText | None = None
    since_last_export: bool = True
    dry_run: bool = False


class PreparedOut(BaseModel):
    """One batch for each payer. `stopped`: claims whose data fails an edit; `held`: services with a reason."""

    batch_id: UUID | None
    batches: list[UUID]
    claims: int
    total: MoneyOut
    stopped: int
    held: int
    released: int
    dry_run: bool


class AckOut(BaseModel):
    """An answer of the clearing house or payer."""

    report_id: UUID
    kind: str
    state: str
    reason: str | None
    received_at: datetime


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


class BatchOut(BaseModel):
    """A batch. `findings`: why our own gate refused the file."""

    batch_id: UUID
    control_number: int
    payer: str
    payer_name: str
    state: str
    created_at: datetime
    sent_at: datetime | None
    settled_at: datetime | None
    claims: int
    total: MoneyOut
    sha256: str | None
    receipt: str | None
    findings: list[str]


class BatchesOut(BaseModel):
    """Newest first."""

    items: list[BatchOut]
    next_cursor: str | None = None


class BatchDetailOut(BatchOut):
    """A batch with the answers it got and its claims."""

    reports: list[AckOut]
    items: list[ClaimOut]


class ManifestClaimOut(BaseModel):
    """One claim of the file."""

    claim_id: UUID
    number: str
    service_line_id: UUID
    service_date: date
    charge: MoneyOut


class ManifestOut(BaseModel):
    """What is in the file, with its SHA-256: the same batch always gives the same bytes."""

    batch_id: UUID
    file_name: str
    control_number: int
    reference: str
    payer: str
    created_at: datetime
    bytes: int
    sha256: str
    total: MoneyOut
    claims: list[ManifestClaimOut]


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


@router.get("/services", dependencies=[Depends(allowed(Action.READ_SERVICES))])
async def list_services(
    tx: Billing,
    state: Literal["unbilled", "held", "batched", "closed"] | None = None,
    payer: Annotated[str | None, Query(max_length=100)] = None,
    limit: Limit = 100,
    cursor: Cursor = 0,
) -> ServicesOut:
    """Service lines with their blocking reasons."""
    payer_id = (await payers.find_offered(tx, payer))["id"] if payer else None
    rows = await service_lines.listing(tx, state=state, payer_id=payer_id, limit=limit + 1, offset=cursor)
    return ServicesOut(
        items=[service_out(row) for row in rows[:limit]], next_cursor=_next(rows, limit, cursor)
    )


@router.post(
    "/claim-batches",
    status_code=201,
    response_model=PreparedOut,
    dependencies=[Depends(allowed(Action.BATCH_CLAIMS))],
)
async def make_batches(body: BatchIn, tx: Billing, once: OnceOnly) -> JSONResponse:
    """Bill what is ready. A dry run tells what would go, and changes nothing."""

    async def work() -> PreparedOut:
        found = await claim_batches.prepare(
            tx, body.payer, since_last_export=body.since_last_export, dry_run=body.dry_run
        )
        return PreparedOut(
            batch_id=found.batch_ids[0] if found.batch_ids else None,
            batches=list(found.batch_ids),
            claims=found.claims,
            total=_money(found.total),
            stopped=found.stopped,
            held=found.held,
            released=found.released,
            dry_run=body.dry_run,
        )

    return await once(tx, body, work, 200 if body.dry_run else 201)


@router.get("/claim-batches", dependencies=[Depends(allowed(Action.BATCH_CLAIMS))])
async def list_batches(tx: Billing, limit: Limit = 50, cursor: Cursor = 0) -> BatchesOut:
    """Batches, newest first."""
    rows = await claim_batches.listing(tx, limit=limit + 1, offset=cursor)
    return BatchesOut(items=[batch_out(row) for row in rows[:limit]], next_cursor=_next(rows, limit, cursor))


@router.get("/claim-batches/{batch_id}", dependencies=[Depends(allowed(Action.BATCH_CLAIMS))])
async def read_batch(batch_id: UUID, tx: Billing) -> BatchDetailOut:
    """One batch with its claims and the answers it got."""
    batch = await claim_batches.find(tx, batch_id)
    rows = await claims.listing(tx, state=None, batch_id=batch_id, limit=500, offset=0)
    reports = [
        AckOut(
            report_id=row["id"], **{name: row[name] for name in ("kind", "state", "reason", "received_at")}
        )
        for row in await clearinghouse.of_batch(tx, batch_id)
    ]
    return BatchDetailOut(
        **batch_out(batch).model_dump(), reports=reports, items=[claim_out(row) for row in rows]
    )


@router.get(
    "/claim-batches/{batch_id}/837",
    response_class=Response,
    responses={200: {"content": {X12: {}}}},
    dependencies=[Depends(allowed(Action.BATCH_CLAIMS))],
)
async def read_file(batch_id: UUID, tx: Billing) -> Response:
    """The X12 file as it was built. 409 until it is."""
    batch = await claim_batches.find(tx, batch_id)
    content = await claim_batches.content(tx, batch_id)
    await tx.audit("read_claim_file", subject_id=batch_id)
    headers = {"Content-Disposition": f'attachment; filename="{_file_name(batch)}"'}
    return Response(content, media_type=X12, headers=headers)


@router.get("/claim-batches/{batch_id}/manifest", dependencies=[Depends(allowed(Action.BATCH_CLAIMS))])
async def read_manifest(batch_id: UUID, tx: Billing) -> ManifestOut:
    """What is in the file, with its SHA-256."""
    batch = await claim_batches.find(tx, batch_id)
    content = await claim_batches.content(tx, batch_id)
    return ManifestOut(
        batch_id=batch_id,
        file_name=_file_name(batch),
        control_number=batch["control_number"],
        reference=claim_batches.reference(batch),
        payer=batch["payer_code"],
        created_at=batch["created_at"],
        bytes=len(content),
        sha256=sha256(content).hexdigest(),
        total=_money(batch["total"]),
        claims=[
            ManifestClaimOut(
                claim_id=row["id"],
                number=row["number"],
                service_line_id=row["service_line_id"],
                service_date=row["service_date"],
                charge=_money(row["charge"]),
            )
            for row in await claim_batches.claims_of(tx, batch_id)
        ],
    )


@router.get("/claims", dependencies=[Depends(allowed(Action.READ_CLAIMS))])
async def list_claims(
    tx: Billing, state: ClaimState | None = None, limit: Limit = 100, cursor: Cursor = 0
) -> ClaimsOut:
    """Claims by state."""
    rows = await claims.listing(
        tx, state=state.value if state else None, batch_id=None, limit=limit + 1, offset=cursor
    )
    return ClaimsOut(items=[claim_out(row) for row in rows[:limit]], next_cursor=_next(rows, limit, cursor))


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
                amount=_money(row["amount"]),
                claims=row["claims"],
                unmatched=row["unmatched"],
                posted_at=row["posted_at"],
            )
            for row in await remittances.of_report(tx, report_id)
        ],
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
        reasons=[HOLD_WORDS[Hold(hold)] for hold in row["holds"]],
    )


def batch_out(row: Row) -> BatchOut:
    """The batch on the wire."""
    names = (
        "control_number",
        "payer_name",
        "state",
        "created_at",
        "sent_at",
        "settled_at",
        "claims",
        "receipt",
    )
    return BatchOut(
        batch_id=row["id"],
        payer=row["payer_code"],
        total=_money(row["total"]),
        sha256=bytes(row["sha256"]).hex() if row["sha256"] is not None else None,
        findings=row["findings"].get("findings", []),
        **{name: row[name] for name in names},
    )


def claim_out(row: Row) -> ClaimOut:
    """The claim on the wire."""
    names = ("number", "client_code", "payer_name", "batch_id", "service_date", "state", "changed_at")
    return ClaimOut(
        claim_id=row["id"],
        payer=row["payer_code"],
        code=row["procedure_code"],
        charge=_money(row["charge"]),
        allowed=MoneyOut.of(row["allowed"]),
        paid=MoneyOut.of(row["paid"]),
        patient_share=MoneyOut.of(row["patient_share"]),
        payer_claim_number=row["payer_claim_number"],
        **{name: row[name] for name in names},
    )


def _money(value: Any) -> MoneyOut:
    return MoneyOut(amount=f"{value:.2f}")


def _file_name(batch: Row) -> str:
    return f"{claim_batches.reference(batch)}.837"


def _next(rows: list[Row], limit: int, cursor: int) -> str | None:
    return str(cursor + limit) if len(rows) > limit else None
