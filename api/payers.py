"""Payers and prices: offered at intake, shown to anyone without an account, kept by administrators."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field, StringConstraints

from api.deps import Care, InServices, OnceOnly, SignedIn, Visitor, allowed
from api.schemas import Input, InWindow, MoneyOut, ShortText
from domain.access import Action
from domain.contracts import ContractRow, Modality
from domain.covered_services import CoveredService, public_services
from domain.money import parse_money
from records import payers
from records.database import Row

router = APIRouter(prefix="/v1", tags=["payers"])
_keeps_payers = Depends(allowed(Action.MANAGE_PAYERS))

Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,39}$")]
X12Text = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]{2,20}$")]
Dollars = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,7}(\.[0-9]{1,2})?$")]


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


class ServiceOut(BaseModel):
    """Whether a service is covered: covered, not, needs_authorisation, unknown or redirect; why, and as of when."""

    service: str
    answer: str
    rule: str
    as_of: date


class PublicPayerOut(BaseModel):
    """What anyone may know before giving a name: usual cost of a session, our own price beside it."""

    payer_id: UUID
    code: str
    name: str
    usual_cost: MoneyOut | None
    self_pay: MoneyOut | None
    as_of: date


class PublicPayersOut(BaseModel):
    """By name."""

    items: list[PublicPayerOut]
    next_cursor: str | None = None


class PublicPayerPageOut(PublicPayerOut):
    """One payer's page. What a plan really says is asked once there is a card."""

    services: list[ServiceOut]


class ContractIn(Input):
    """A priced service. Minutes and dates inclusive; dollars as decimal strings."""

    modality: Modality
    code: X12Text
    charge: Dollars
    allowed: Dollars
    place_of_service: Annotated[str, StringConstraints(pattern=r"^[0-9]{2}$")]
    effective_from: date
    effective_to: date | None = None
    plan: ShortText | None = None
    minutes_from: Annotated[int, Field(ge=0, le=10_080)] = 0
    minutes_to: Annotated[int | None, Field(ge=0, le=10_080)] = None
    modifier: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{2}$")] | None = None
    requires_established: bool = True


class PayerIn(Input):
    """A new payer. `usual_cost` is what a client usually pays for a session."""

    code: Code
    name: ShortText
    payer_number: X12Text
    claim_filing: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{2}$")] = "CI"
    filing_limit_days: Annotated[int, Field(ge=1, le=730)] = 90
    group_required: bool = False
    hint: ShortText | None = None
    usual_cost: Dollars | None = None
    contracts: Annotated[list[ContractIn], Field(default_factory=list, max_length=100)]


class SponsorIn(Input):
    """A sponsor, with the code that its members type."""

    name: ShortText
    kind: Annotated[str, StringConstraints(pattern=r"^(employer|school|member_organisation)$")]
    code: Annotated[ShortText, StringConstraints(min_length=6, max_length=60)]
    sessions_each: Annotated[int, Field(ge=1, le=1_000)]
    active_from: date
    active_to: date | None = None


class PriceIn(Input):
    """What a session costs without insurance, from a day on."""

    service: Code = payers.MESSAGING
    price: Dollars
    effective_from: date


class MadeOut(BaseModel):
    """The id of what was added."""

    id: UUID


@router.get("/payers")
async def list_payers(tx: Care, _: SignedIn, window: InWindow) -> PayersOut:
    """Payers that can be chosen at intake."""
    return PayersOut(**window.of([_payer_out(row) for row in await payers.listing(tx)]))


@router.post("/payers", status_code=201, response_model=PayerOut, dependencies=[_keeps_payers])
async def add_payer(body: PayerIn, tx: Care, once: OnceOnly) -> JSONResponse:
    """Add a payer with its contracts: it is offered at intake at once."""

    async def work() -> PayerOut:
        settings: dict[str, Any] = {"group_required": body.group_required, "hint": body.hint}
        public = {"usual_cost": body.usual_cost}
        new = payers.NewPayer(
            body.code,
            body.name,
            body.payer_number,
            body.claim_filing,
            body.filing_limit_days,
            settings,
            public,
        )
        payer_id = await payers.add_payer(tx, new)
        for contract in body.contracts:
            await payers.add_contract(tx, payer_id, _contract(body.code, contract))
        return _payer_out(await payers.find(tx, payer_id))

    return await once(tx, body, work)


@router.post(
    "/payers/{payer_id}/contracts", status_code=201, response_model=MadeOut, dependencies=[_keeps_payers]
)
async def add_contract(payer_id: UUID, body: ContractIn, tx: Care, once: OnceOnly) -> JSONResponse:
    """Add a priced service to a payer."""

    async def work() -> MadeOut:
        payer = await payers.find(tx, payer_id)
        return MadeOut(id=await payers.add_contract(tx, payer_id, _contract(payer["code"], body)))

    return await once(tx, body, work)


@router.post("/sponsors", status_code=201, response_model=MadeOut, dependencies=[_keeps_payers])
async def add_sponsor(body: SponsorIn, tx: Care, once: OnceOnly, services: InServices) -> JSONResponse:
    """Add a sponsor."""

    async def work() -> MadeOut:
        new = payers.NewSponsor(**body.model_dump())
        return MadeOut(id=await payers.add_sponsor(tx, services.index, new))

    return await once(tx, body, work)


@router.put("/self-pay-prices", status_code=204, dependencies=[_keeps_payers])
async def set_self_pay_price(body: PriceIn, tx: Care) -> None:
    """Set a price without insurance."""
    await payers.set_self_pay_price(tx, body.service, parse_money(body.price, "price"), body.effective_from)


@router.get("/public/payers")
async def list_public_payers(tx: Visitor, window: InWindow) -> PublicPayersOut:
    """Payers we work with, without an account."""
    price = await payers.self_pay_price(tx, tx.now.date())
    rows = await payers.listing(tx)
    return PublicPayersOut(**window.of([_public_out(row, price, tx.now.date()) for row in rows]))


@router.get("/public/payers/{payer}")
async def read_public_payer(payer: ShortText, tx: Visitor) -> PublicPayerPageOut:
    """What a payer usually covers here and what it usually costs, with our own price beside it. By id or code."""
    row, today = await payers.find_offered(tx, payer), tx.now.date()
    contract = await payers.contract_rows(tx, row["id"])
    head = _public_out(row, await payers.self_pay_price(tx, today), today)
    return PublicPayerPageOut(
        **head.model_dump(),
        services=[service_out(each) for each in public_services(contract, payer=row["code"], as_of=today)],
    )


def service_out(found: CoveredService) -> ServiceOut:
    """One service's answer on the wire."""
    return ServiceOut(service=found.service, answer=found.answer, rule=found.rule, as_of=found.as_of)


def _payer_out(row: Row) -> PayerOut:
    settings = row["settings"]
    return PayerOut(
        payer_id=row["id"],
        code=row["code"],
        name=row["name"],
        group_required=bool(settings.get("group_required")),
        hint=settings.get("hint"),
    )


def _public_out(row: Row, self_pay: Decimal | None, today: date) -> PublicPayerOut:
    usual = row["public"].get("usual_cost")
    return PublicPayerOut(
        payer_id=row["id"],
        code=row["code"],
        name=row["name"],
        usual_cost=MoneyOut.of(parse_money(usual) if usual else None),
        self_pay=MoneyOut.of(self_pay),
        as_of=today,
    )


def _contract(payer_code: str, body: ContractIn) -> ContractRow:
    return ContractRow(
        payer=payer_code,
        modality=body.modality,
        procedure_code=body.code,
        charge=parse_money(body.charge, "charge"),
        allowed=parse_money(body.allowed, "allowed"),
        place_of_service=body.place_of_service,
        effective_from=body.effective_from,
        effective_to=body.effective_to,
        plan=body.plan,
        minutes_from=body.minutes_from,
        minutes_to=body.minutes_to,
        modifiers=(body.modifier,) if body.modifier else (),
        requires_established=body.requires_established,
    )
