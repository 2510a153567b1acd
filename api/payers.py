"""Payers and our own prices: offered at intake, kept by administrators, dated and never overwritten."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field, StringConstraints

from api.contracts import Code, ContractIn, Dollars, SaidOut, X12Text, keep_contract, said
from api.deps import Care, OnceOnly, SignedIn, allowed
from api.schemas import Input, InWindow, MoneyOut, ShortText
from domain.access import Action
from domain.insurance_plans import year_start
from domain.money import parse_money
from domain.questions import BROADER
from records import payers
from records.database import Row

router = APIRouter(prefix="/v1", tags=["payers"])
_keeps_payers = Depends(allowed(Action.MANAGE_PAYERS))


class PayerOut(BaseModel):
    """A payer to choose. `hint` says what its card looks like, where that helps."""

    payer_id: UUID
    code: str
    name: str
    group_required: bool
    hint: str | None


class PayersOut(BaseModel):
    """By name."""

    items: list[PayerOut]
    next_cursor: str | None = None


class PayerTermsIn(Input):
    """What is said of a payer. `usual_cost` is what a client usually pays for a session.

    `service_types_per_request`: how many a question about cover may carry. `plan_year_from`: month and day on which
    deductibles begin anew, where a plan has no day of its own; left out, 1 January.
    """

    name: ShortText
    payer_number: X12Text
    claim_filing: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{2}$")] = "CI"
    filing_limit_days: Annotated[int, Field(ge=1, le=730)] = 90
    group_required: bool = False
    hint: ShortText | None = None
    usual_cost: Dollars | None = None
    service_types_per_request: Annotated[int, Field(ge=1, le=len(BROADER))] = 1
    plan_year_from: Annotated[str, StringConstraints(pattern=r"^[0-9]{2}-[0-9]{2}$")] | None = None


class PayerIn(PayerTermsIn):
    """A new payer with its contracts."""

    code: Code
    contracts: Annotated[list[ContractIn], Field(default_factory=list, max_length=100)]


class PayerChangeIn(PayerTermsIn):
    """What is said of a payer from a day on, today or later. `active`: whether it is offered at intake."""

    effective_from: date
    active: bool = True


class PayerVersionOut(SaidOut):
    """What was, is or will be said of a payer. `applied_at`: since when it holds; null while the day is to come."""

    name: str
    payer_number: str
    claim_filing: str
    filing_limit_days: int
    group_required: bool
    hint: str | None
    service_types_per_request: int
    plan_year_from: str
    usual_cost: MoneyOut | None
    active: bool
    applied_at: datetime | None


class PayerVersionsOut(BaseModel):
    """The newest day first."""

    items: list[PayerVersionOut]
    next_cursor: str | None = None


class PriceIn(Input):
    """What a session costs without insurance, from a day on."""

    service: Code = payers.MESSAGING
    price: Dollars
    effective_from: date


class PriceOut(SaidOut):
    """A price as it was said."""

    service: str
    price: MoneyOut


class PricesOut(BaseModel):
    """By service, the newest day first."""

    items: list[PriceOut]
    next_cursor: str | None = None


@router.get("/payers")
async def list_payers(tx: Care, _: SignedIn, window: InWindow) -> PayersOut:
    """Payers that can be chosen at intake."""
    return PayersOut(**window.of([_payer_out(row) for row in await payers.listing(tx)]))


@router.post("/payers", status_code=201, response_model=PayerOut, dependencies=[_keeps_payers])
async def add_payer(body: PayerIn, tx: Care, once: OnceOnly) -> JSONResponse:
    """Add a payer with its contracts: it is offered at intake at once."""

    async def work() -> PayerOut:
        payer_id = await payers.add_payer(tx, new_payer(body.code, body))
        payer = await payers.find(tx, payer_id)
        for contract in body.contracts:
            await keep_contract(tx, payer, contract)
        return _payer_out(payer)

    return await once(tx, body, work)


@router.get("/payers/{payer_id}/versions", dependencies=[_keeps_payers])
async def list_versions(payer_id: UUID, tx: Care, window: InWindow) -> PayerVersionsOut:
    """What was, is and will be said of a payer."""
    await payers.find(tx, payer_id)
    return PayerVersionsOut(**window.of([_version_out(row) for row in await payers.versions(tx, payer_id)]))


@router.post("/payers/{payer_id}/versions", status_code=204, dependencies=[_keeps_payers])
async def change_payer(payer_id: UUID, body: PayerChangeIn, tx: Care) -> None:
    """Say what a payer is from a day on, today or later."""
    payer = await payers.find(tx, payer_id)
    await payers.change_payer(
        tx,
        payer_id,
        new_payer(payer["code"], body, payer["settings"]),
        body.effective_from,
        active=body.active,
    )


@router.get("/self-pay-prices", dependencies=[_keeps_payers])
async def list_self_pay_prices(tx: Care, window: InWindow) -> PricesOut:
    """What was, is and will be asked without insurance."""
    rows = await payers.self_pay_prices(tx)
    return PricesOut(
        **window.of(
            [
                PriceOut(**said(row), service=row["service"], price=MoneyOut.exactly(row["price"]))
                for row in rows
            ]
        )
    )


@router.put("/self-pay-prices", status_code=204, dependencies=[_keeps_payers])
async def set_self_pay_price(body: PriceIn, tx: Care) -> None:
    """Set a price without insurance, from a day on."""
    await payers.set_self_pay_price(tx, body.service, parse_money(body.price, "price"), body.effective_from)


def new_payer(code: str, body: PayerTermsIn, settings: dict[str, Any] | None = None) -> payers.NewPayer:
    """In the words of the records. `settings` of before that are not asked for here stay. Raises Invalid."""
    own: dict[str, Any] = {
        "group_required": body.group_required,
        "hint": body.hint,
        "service_types_per_request": body.service_types_per_request,
        "plan_year_from": "{:02}-{:02}".format(*year_start(body.plan_year_from or "01-01")),
    }
    return payers.NewPayer(
        code,
        body.name,
        body.payer_number,
        body.claim_filing,
        body.filing_limit_days,
        {**(settings or {}), **own},
        {"usual_cost": body.usual_cost},
    )


def _payer_out(row: Row) -> PayerOut:
    settings = row["settings"]
    return PayerOut(
        payer_id=row["id"],
        code=row["code"],
        name=row["name"],
        group_required=bool(settings.get("group_required")),
        hint=settings.get("hint"),
    )


def _version_out(row: Row) -> PayerVersionOut:
    names = ("name", "payer_number", "claim_filing", "filing_limit_days", "active", "applied_at")
    usual = row["public"].get("usual_cost")
    return PayerVersionOut(
        **said(row),
        **{name: row[name] for name in names},
        group_required=bool(row["settings"].get("group_required")),
        service_types_per_request=payers.service_types_per_request(row),
        plan_year_from=row["settings"].get("plan_year_from") or "01-01",
        hint=row["settings"].get("hint"),
        usual_cost=MoneyOut.of(parse_money(usual) if usual else None),
    )
