"""What a client paid themselves, itemised, to print for a flexible spending or health savings account."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from api.deps import Care, own
from api.receipts import address_of
from domain.access import Action, Actor
from records import receipts, relations
from records.receipts import ReceiptItem
from web.pages.frame import InFrame
from web.pages.refusals import PageRoute
from web.views.receipts import ReceiptLine, ReceiptsView

router = APIRouter(route_class=PageRoute)

Payer = Annotated[Actor, Depends(own(Action.READ_COVERAGE))]
_YEARS = 3


@router.get("/receipts")
async def show_receipts(
    frame: InFrame, tx: Care, actor: Payer, year: Annotated[int | None, Query(ge=2000, le=2200)] = None
) -> Response:
    """One year's services that the client paid."""
    today = tx.now.date()
    wanted = year or today.year
    me = await relations.readable_chart(tx, actor.account_id, Action.READ_COVERAGE)
    found = await receipts.receipt(tx, me, date(wanted, 1, 1), date(wanted, 12, 31))
    await tx.audit("read_receipt", subject_id=me.id)
    practice = found.practice
    view = ReceiptsView(
        year=wanted,
        years=tuple(range(today.year, today.year - _YEARS, -1)),
        patient=found.patient,
        practice=f"{practice.name}, NPI {practice.npi}" if practice else "",
        address=address_of(practice) if practice else "",
        tax_id=practice.tax_id if practice else "",
        lines=tuple(_line(item) for item in found.items),
        total=found.amount,
    )
    return frame.page("account/receipts.html", view, "/account")


def _line(item: ReceiptItem) -> ReceiptLine:
    numbers = [f"NPI {item.npi}" if item.npi else "", f"licence {item.licence}" if item.licence else ""]
    return ReceiptLine(
        service=item.service,
        since=item.service_from,
        until=item.service_to,
        by=f"{item.clinician}, {item.credential}",
        numbers=", ".join(each for each in numbers if each),
        amount=item.amount,
    )
