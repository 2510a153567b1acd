"""Payers for administrators, to read; they are kept through the API."""

from __future__ import annotations

from decimal import Decimal

from fastapi import APIRouter, Depends, Response

from api.deps import Care, allowed
from domain.access import Action
from records import payers
from records.database import Row, Transaction
from web.pages.frame import InFrame, PageRoute
from web.views.payers import Payer, PayersView

router = APIRouter(route_class=PageRoute)


@router.get("/payers", dependencies=[Depends(allowed(Action.MANAGE_PAYERS))])
async def show_payers(frame: InFrame, tx: Care) -> Response:
    """Who can be chosen at intake, and what prices them."""
    rows = await payers.listing(tx)
    return frame.page(
        "admin/payers.html", PayersView(tuple([await _payer(tx, row) for row in rows])), "/payers"
    )


async def _payer(tx: Transaction, row: Row) -> Payer:
    today = tx.now.date()
    usual = row["public"].get("usual_cost")
    priced = [
        each
        for each in await payers.contract_rows(tx, row["id"])
        if each.effective_from <= today and (each.effective_to is None or today <= each.effective_to)
    ]
    return Payer(
        name=row["name"],
        code=row["code"],
        number=row["payer_number"],
        filing_days=row["filing_limit_days"],
        rows=len(priced),
        usual_cost=Decimal(usual) if usual else None,
    )
