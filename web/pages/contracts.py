"""Contracts and plans of a payer for administrators, and our own prices."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import ValidationError

from api.contracts import ContractIn, LastDayIn, PlanIn, keep_contract, plan_row
from api.deps import Care, allowed
from api.payers import PriceIn
from domain.access import Action
from domain.clinicians import ClinicianKind
from domain.contracts import Modality
from domain.errors import Conflict, Invalid
from domain.money import parse_money
from domain.zones import date_everywhere
from records import contracts, insurance_plans, payers
from records.database import Row, Transaction
from web.pages.frame import Frame, InFrame, go
from web.pages.office_forms import read, refused
from web.pages.office_words import said_of
from web.pages.refusals import PageRoute
from web.views.payers import ContractLine, ContractsView, PlanLine, PlansView, PriceLine, PricesView
from web.views.shell import Choice, Form

router = APIRouter(route_class=PageRoute, dependencies=[Depends(allowed(Action.MANAGE_PAYERS))])

PAYERS, PRICES = "/admin/payers", "/admin/prices"
MODALITIES = (
    Choice(Modality.ASYNC, "Messages"),
    Choice(Modality.VIDEO, "Video"),
    Choice(Modality.AUDIO, "Phone"),
)
CLINICIANS = (
    Choice(ClinicianKind.NON_PRESCRIBER, "Those who do not prescribe (LCSW, LMFT, LPC, psychologist)"),
    Choice(ClinicianKind.PRESCRIBER, "Those who prescribe (psychiatrist, PMHNP)"),
)
SERVICES = (Choice(payers.MESSAGING, "Messages, for each session"),)
_MODALITY = {choice.value: choice.label for choice in MODALITIES}
CLINICIAN = {
    None: "Everybody",
    ClinicianKind.NON_PRESCRIBER: "Who does not prescribe",
    ClinicianKind.PRESCRIBER: "Who prescribes",
}


@router.get("/admin/payers/{payer_id}/contracts")
async def list_contracts(payer_id: UUID, frame: InFrame, tx: Care) -> Response:
    """What prices each service, from which day to which; and what was said before."""
    return await _contracts(
        frame, tx, payer_id, Form({"place_of_service": "11", "requires_established": "yes"})
    )


@router.post("/admin/payers/{payer_id}/contracts")
async def add_contract(payer_id: UUID, request: Request, frame: InFrame, tx: Care) -> Response:
    """Add a row. The row of the same service before it ends the day before it begins."""
    payer = await payers.find(tx, payer_id)
    form = await request.form()
    try:
        await keep_contract(tx, payer, read(form, ContractIn, flags=("requires_established",)))
    except (ValidationError, Invalid, Conflict) as refusal:
        return await _contracts(frame, tx, payer_id, refused(form, refusal), 422)
    return go(f"{PAYERS}/{payer_id}/contracts", "saved")


@router.post("/admin/payers/{payer_id}/contracts/{contract_id}/end")
async def end_contract(
    payer_id: UUID, contract_id: UUID, request: Request, frame: InFrame, tx: Care
) -> Response:
    """A row prices nothing after a day."""
    await payers.find(tx, payer_id)
    form = await request.form()
    try:
        await contracts.end_contract(tx, contract_id, read(form, LastDayIn).last_day)
    except (ValidationError, Conflict) as refusal:
        return await _contracts(frame, tx, payer_id, refused(form, refusal), 422, ending=str(contract_id))
    return go(f"{PAYERS}/{payer_id}/contracts", "saved")


async def _contracts(
    frame: Frame, tx: Transaction, payer_id: UUID, form: Form, status: int = 200, ending: str = ""
) -> Response:
    payer = await payers.find(tx, payer_id)
    lines = [_line(row, tx) for row in await contracts.history(tx, payer_id)]
    plans = await insurance_plans.plans(tx, payer_id)
    view = ContractsView(
        payer_id=str(payer_id),
        name=payer["name"],
        standing=tuple(line for line in lines if line.said.state in ("In force", "To come")),
        earlier=tuple(line for line in lines if line.said.state not in ("In force", "To come")),
        plans=tuple(Choice(plan.code, plan.name) for plan in plans),
        modalities=MODALITIES,
        clinicians=CLINICIANS,
        form=form,
        ending=ending,
    )
    return frame.page("admin/contracts.html", view, PAYERS, status)


def _line(row: Row, tx: Transaction) -> ContractLine:
    said = said_of(row, date_everywhere(tx.now))
    most = row["minutes_to"]
    return ContractLine(
        contract_id=str(row["id"]),
        service=_MODALITY[row["modality"]],
        plan=row["plan"] or "Every plan",
        clinician=CLINICIAN[row["clinician_kind"]],
        code=f"{row['code']} {row['modifier'] or ''}".strip(),
        minutes=f"{row['minutes_from']} and more" if most is None else f"{row['minutes_from']} to {most}",
        charge=row["charge"],
        allowed=row["allowed"],
        since=row["effective_from"],
        until=row["effective_to"],
        said=said,
        can_end=said.state in ("In force", "To come"),
    )


@router.get("/admin/payers/{payer_id}/plans")
async def list_plans(payer_id: UUID, frame: InFrame, tx: Care) -> Response:
    """Plans of a payer, and by what a card is told to be of one."""
    return await _plans(frame, tx, payer_id, Form({"effective_from": date_everywhere(tx.now).isoformat()}))


@router.post("/admin/payers/{payer_id}/plans")
async def set_plan(payer_id: UUID, request: Request, frame: InFrame, tx: Care) -> Response:
    """Add a plan, or say anew what holds of the one with this code."""
    form = await request.form()
    try:
        body = read(form, PlanIn, lists=("group_numbers", "member_prefixes"))
        await insurance_plans.set_plan(tx, payer_id, plan_row(body))
    except (ValidationError, Invalid) as refusal:
        return await _plans(frame, tx, payer_id, refused(form, refusal), 422)
    return go(f"{PAYERS}/{payer_id}/plans", "saved")


async def _plans(frame: Frame, tx: Transaction, payer_id: UUID, form: Form, status: int = 200) -> Response:
    payer = await payers.find(tx, payer_id)
    lines = tuple(
        PlanLine(
            code=row["code"],
            name=row["name"],
            marks="; ".join(
                [f"group {number}" for number in row["group_numbers"]]
                + [f"member numbers from {prefix}" for prefix in row["member_prefixes"]]
            ),
            year_from=row["plan_year_from"] or "01-01",
            since=row["effective_from"],
            until=row["effective_to"],
            said=said_of(row, date_everywhere(tx.now)),
        )
        for row in await insurance_plans.history(tx, payer_id)
    )
    view = PlansView(str(payer_id), payer["name"], lines, form)
    return frame.page("admin/plans.html", view, PAYERS, status)


@router.get("/admin/prices")
async def list_prices(frame: InFrame, tx: Care) -> Response:
    """What a session costs without insurance, was and will."""
    return await _prices(frame, tx, Form({"service": payers.MESSAGING}))


@router.post("/admin/prices")
async def set_price(request: Request, frame: InFrame, tx: Care) -> Response:
    """Set a price from a day on, today or later."""
    form = await request.form()
    try:
        body = read(form, PriceIn)
        price = parse_money(body.price, "price")
        await payers.set_self_pay_price(tx, body.service, price, body.effective_from)
    except (ValidationError, Invalid) as refusal:
        return await _prices(frame, tx, refused(form, refusal), 422)
    return go(PRICES, "saved")


async def _prices(frame: Frame, tx: Transaction, form: Form, status: int = 200) -> Response:
    names = {choice.value: choice.label for choice in SERVICES}
    seen: set[str] = set()
    lines: list[PriceLine] = []
    for row in await payers.self_pay_prices(tx):
        now = row["superseded_at"] is None and row["effective_from"] <= date_everywhere(tx.now)
        first = now and row["service"] not in seen
        if first:
            seen.add(row["service"])
        lines.append(
            PriceLine(
                str(names.get(row["service"], row["service"])),
                row["price"],
                row["effective_from"],
                said_of(row, date_everywhere(tx.now), now=first),
            )
        )
    return frame.page("admin/prices.html", PricesView(tuple(lines), SERVICES, form), PRICES, status)
