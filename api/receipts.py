"""Itemised receipts of what a client paid themselves, for a flexible spending or health savings account."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel

from api.deps import Care, SignedIn
from api.schemas import MoneyOut
from domain.access import Action
from domain.errors import FieldError, Invalid
from domain.practice import Practice
from records import receipts, relations
from records.receipts import Receipt, ReceiptItem

router = APIRouter(prefix="/v1", tags=["coverages"])


class ReceiptItemOut(BaseModel):
    """One service: what, when, by whom, for how much. `card`: to be paid by a spending account's card."""

    service_line_id: UUID
    service: str
    service_from: date
    service_to: date
    clinical_minutes: int
    amount: MoneyOut
    card: bool
    clinician: str
    credential: str
    npi: str | None
    licence: str | None


class PracticeOut(BaseModel):
    """Who bills."""

    name: str
    npi: str
    tax_id: str
    address: str


class ReceiptOut(BaseModel):
    """Every service the client paid in a period, the oldest first, with their sum."""

    patient: str
    practice: PracticeOut | None
    total: MoneyOut
    since: date
    until: date
    items: list[ReceiptItemOut]
    next_cursor: str | None = None


@router.get("/receipts")
async def read_receipt(
    tx: Care,
    actor: SignedIn,
    since: Annotated[date | None, Query(alias="from")] = None,
    until: Annotated[date | None, Query(alias="to")] = None,
) -> ReceiptOut:
    """Services that began from `from` to `to`: this year unless given."""
    first, last = period(tx.now.date(), since, until)
    me = await relations.readable_chart(tx, actor.account_id, Action.READ_COVERAGE)
    found = await receipts.receipt(tx, me, first, last)
    await tx.audit("read_receipt", subject_id=me.id)
    return _out(found, first, last)


def period(today: date, since: date | None, until: date | None) -> tuple[date, date]:
    """The days that were asked for; this year's where none were. Raises Invalid."""
    first, last = since or date(today.year, 1, 1), until or today
    if last < first:
        raise Invalid(FieldError("from", "after_to"))
    return first, last


def _out(found: Receipt, since: date, until: date) -> ReceiptOut:
    return ReceiptOut(
        patient=found.patient,
        practice=_practice_out(found.practice) if found.practice else None,
        total=MoneyOut.exactly(found.amount),
        since=since,
        until=until,
        items=[_item_out(item) for item in found.items],
    )


def _practice_out(practice: Practice) -> PracticeOut:
    return PracticeOut(
        name=practice.name, npi=practice.npi, tax_id=practice.tax_id, address=address_of(practice)
    )


def address_of(practice: Practice) -> str:
    """In one line."""
    return f"{practice.street}, {practice.city}, {practice.state} {practice.postal_code[:5]}"


def _item_out(item: ReceiptItem) -> ReceiptItemOut:
    names = [name for name in ReceiptItemOut.model_fields if name not in ("service_line_id", "amount")]
    return ReceiptItemOut(
        service_line_id=item.line_id,
        amount=MoneyOut.exactly(item.amount),
        **{name: getattr(item, name) for name in names},
    )
