"""The billing office: batches of claims, their 837P file and its manifest."""

from datetime import date, datetime
from hashlib import sha256
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from api.claims import ClaimOut, claim_out
from api.deps import Billing, OnceOnly, allowed
from api.schemas import Cursor, Input, Limit, MoneyOut, ShortText, next_cursor
from domain.access import Action
from records import batch_files, batch_gathering, claim_batches, claims, clearinghouse
from records.database import Row

router = APIRouter(prefix="/v1", tags=["claim batches"])

X12 = "application/edi-x12"


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


@router.post(
    "/claim-batches",
    status_code=201,
    response_model=PreparedOut,
    dependencies=[Depends(allowed(Action.BATCH_CLAIMS))],
)
async def make_batches(body: BatchIn, tx: Billing, once: OnceOnly) -> JSONResponse:
    """Bill what is ready. A dry run tells what would go, and changes nothing."""

    async def work() -> PreparedOut:
        found = await batch_gathering.prepare(
            tx, body.payer, since_last_export=body.since_last_export, dry_run=body.dry_run
        )
        return PreparedOut(
            batch_id=found.batch_ids[0] if found.batch_ids else None,
            batches=list(found.batch_ids),
            claims=found.claims,
            total=MoneyOut.exactly(found.total),
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
    return BatchesOut(
        items=[batch_out(row) for row in rows[:limit]], next_cursor=next_cursor(rows, limit, cursor)
    )


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
    content = await batch_files.content(tx, batch_id)
    await tx.audit("read_claim_file", subject_id=batch_id)
    headers = {"Content-Disposition": f'attachment; filename="{_file_name(batch)}"'}
    return Response(content, media_type=X12, headers=headers)


@router.get("/claim-batches/{batch_id}/manifest", dependencies=[Depends(allowed(Action.BATCH_CLAIMS))])
async def read_manifest(batch_id: UUID, tx: Billing) -> ManifestOut:
    """What is in the file, with its SHA-256."""
    batch = await claim_batches.find(tx, batch_id)
    content = await batch_files.content(tx, batch_id)
    return ManifestOut(
        batch_id=batch_id,
        file_name=_file_name(batch),
        control_number=batch["control_number"],
        reference=batch_files.reference(batch),
        payer=batch["payer_code"],
        created_at=batch["created_at"],
        bytes=len(content),
        sha256=sha256(content).hexdigest(),
        total=MoneyOut.exactly(batch["total"]),
        claims=[
            ManifestClaimOut(
                claim_id=row["id"],
                number=row["number"],
                service_line_id=row["service_line_id"],
                service_date=row["service_date"],
                charge=MoneyOut.exactly(row["charge"]),
            )
            for row in await claim_batches.claims_of(tx, batch_id)
        ],
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
        total=MoneyOut.exactly(row["total"]),
        sha256=bytes(row["sha256"]).hex() if row["sha256"] is not None else None,
        findings=row["findings"].get("findings", []),
        **{name: row[name] for name in names},
    )


def _file_name(batch: Row) -> str:
    return f"{batch_files.reference(batch)}.837"
