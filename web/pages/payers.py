"""Payers for administrators: what they are, from which day, said by whom."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import ValidationError

from api.deps import Care, allowed
from api.payers import PayerChangeIn, PayerIn, new_payer
from domain.access import Action
from domain.errors import Conflict, Invalid
from domain.zones import date_everywhere
from records import payers
from records.database import Row, Transaction
from web.money import short_dollars
from web.pages.frame import Frame, InFrame, go
from web.pages.office_forms import read, refused
from web.pages.office_words import said_in_turn
from web.pages.refusals import PageRoute
from web.views.payers import Payer, PayersView, PayerView, Version
from web.views.shell import Form

router = APIRouter(route_class=PageRoute, dependencies=[Depends(allowed(Action.MANAGE_PAYERS))])

HERE = "/admin/payers"
_BOXES = ("group_required", "active")


@router.get("/admin/payers")
async def list_payers(frame: InFrame, tx: Care) -> Response:
    """Every payer, and what prices it today."""
    rows = await payers.all_payers(tx)
    return frame.page("admin/payers.html", PayersView(tuple([await _payer(tx, row) for row in rows])), HERE)


@router.get("/admin/payers/new")
async def new(frame: InFrame) -> Response:
    """A payer that is not there yet."""
    form = Form({"claim_filing": "CI", "filing_limit_days": "90", "service_types_per_request": "1"})
    return frame.page("admin/payer.html", PayerView("", "", "", form), HERE)


@router.post("/admin/payers/new")
async def add(request: Request, frame: InFrame, tx: Care) -> Response:
    """Add a payer: it is offered at intake at once, and priced by its contracts."""
    form = await request.form()
    try:
        body = read(form, PayerIn, flags=("group_required",))
        payer_id = await payers.add_payer(tx, new_payer(body.code, body))
    except (ValidationError, Invalid, Conflict) as refusal:
        return frame.page("admin/payer.html", PayerView("", "", "", refused(form, refusal)), HERE, 422)
    return go(f"{HERE}/{payer_id}/contracts", "saved")


@router.get("/admin/payers/{payer_id}")
async def show(payer_id: UUID, frame: InFrame, tx: Care) -> Response:
    """One payer, its history, and the form for a change."""
    row = await payers.find(tx, payer_id)
    return await _page(frame, tx, row, _form(row, tx))


@router.post("/admin/payers/{payer_id}")
async def change(payer_id: UUID, request: Request, frame: InFrame, tx: Care) -> Response:
    """Say what a payer is from a day on."""
    row = await payers.find(tx, payer_id)
    form = await request.form()
    try:
        body = read(form, PayerChangeIn, flags=_BOXES)
        said = new_payer(row["code"], body, row["settings"])
        await payers.change_payer(tx, payer_id, said, body.effective_from, active=body.active)
    except (ValidationError, Invalid) as refusal:
        return await _page(frame, tx, row, refused(form, refusal), 422)
    return go(f"{HERE}/{payer_id}", "saved")


async def _page(frame: Frame, tx: Transaction, row: Row, form: Form, status: int = 200) -> Response:
    rows = await payers.versions(tx, row["id"])
    versions = tuple(
        Version(each["effective_from"], _words(each), said)
        for each, said in zip(rows, said_in_turn(rows, date_everywhere(tx.now)), strict=True)
    )
    view = PayerView(str(row["id"]), row["name"], row["code"], form, versions)
    return frame.page("admin/payer.html", view, HERE, status)


def _words(row: Row) -> str:
    usual = row["public"].get("usual_cost")
    told = [
        row["name"],
        f"number {row['payer_number']}",
        f"filing {row['claim_filing']}",
        f"claims within {row['filing_limit_days']} days",
        f"usually {short_dollars(Decimal(usual))}" if usual else "no usual cost shown",
    ]
    told += ["group number required"] if row["settings"].get("group_required") else []
    at_once = payers.service_types_per_request(row)
    told += [f"{at_once} service types in one question"] if at_once > 1 else []
    began = row["settings"].get("plan_year_from") or "01-01"
    told += [f"plan year from {began}"] if began != "01-01" else []
    told += [] if row["active"] else ["not offered"]
    return ", ".join(told)


def _form(row: Row, tx: Transaction) -> Form:
    """What holds now, as of today."""
    return Form(
        {
            "name": row["name"],
            "payer_number": row["payer_number"],
            "claim_filing": row["claim_filing"],
            "filing_limit_days": str(row["filing_limit_days"]),
            "hint": row["settings"].get("hint") or "",
            "usual_cost": row["public"].get("usual_cost") or "",
            "service_types_per_request": str(payers.service_types_per_request(row)),
            "plan_year_from": row["settings"].get("plan_year_from") or "01-01",
            "group_required": "yes" if row["settings"].get("group_required") else "",
            "active": "yes" if row["active"] else "",
            "effective_from": date_everywhere(tx.now).isoformat(),
        }
    )


async def _payer(tx: Transaction, row: Row) -> Payer:
    today, usual = date_everywhere(tx.now), row["public"].get("usual_cost")
    priced = [each for each in await payers.contract_rows(tx, row["id"]) if each.in_force(today)]
    return Payer(
        payer_id=str(row["id"]),
        name=row["name"],
        code=row["code"],
        number=row["payer_number"],
        filing_days=row["filing_limit_days"],
        rows=len(priced),
        usual_cost=Decimal(usual) if usual else None,
        active=row["active"],
    )
