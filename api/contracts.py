"""Contracts and plans of a payer, kept by administrators: dated, succeeded, ended, never overwritten."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field, StringConstraints

from api.deps import Care, OnceOnly, allowed
from api.schemas import Input, InWindow, MoneyOut, ShortText
from domain.access import Action
from domain.clinicians import ClinicianKind
from domain.contracts import ContractRow, Modality
from domain.errors import FieldError, Invalid
from domain.insurance_plans import InsurancePlan
from domain.money import parse_money
from records import contracts, insurance_plans, payers
from records.database import Row, Transaction

router = APIRouter(prefix="/v1", tags=["payers"], dependencies=[Depends(allowed(Action.MANAGE_PAYERS))])

Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,39}$")]
X12Text = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]{2,20}$")]
CardText = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9 -]{1,30}$")]
Dollars = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,7}(\.[0-9]{1,2})?$")]


class ContractIn(Input):
    """A priced service. Minutes and dates inclusive; dollars as decimal strings; `plan`: a plan's code.

    `clinician_kind`: whose services it prices; null: every clinician's.
    """

    modality: Modality
    clinician_kind: ClinicianKind | None = None
    code: X12Text
    charge: Dollars
    allowed: Dollars
    place_of_service: Annotated[str, StringConstraints(pattern=r"^[0-9]{2}$")]
    effective_from: date
    effective_to: date | None = None
    plan: Code | None = None
    minutes_from: Annotated[int, Field(ge=0, le=10_080)] = 0
    minutes_to: Annotated[int | None, Field(ge=0, le=10_080)] = None
    modifier: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{2}$")] | None = None
    requires_established: bool = True


class LastDayIn(Input):
    """The last day, included."""

    last_day: date


class PlanIn(Input):
    """A plan and by what a card is told to be of it. `plan_year_from`: month and day, such as 08-16."""

    code: Code
    name: ShortText
    effective_from: date
    effective_to: date | None = None
    group_numbers: Annotated[list[CardText], Field(default_factory=list, max_length=200)]
    member_prefixes: Annotated[list[CardText], Field(default_factory=list, max_length=200)]
    plan_year_from: Annotated[str, StringConstraints(pattern=r"^[0-9]{2}-[0-9]{2}$")] = "01-01"


class MadeOut(BaseModel):
    """The id of what was added."""

    id: UUID


class SaidOut(BaseModel):
    """Who said it and when; `superseded_at`: since when something else is said."""

    id: UUID
    effective_from: date
    effective_to: date | None
    entered_at: datetime
    entered_by: str | None
    superseded_at: datetime | None


class ContractOut(SaidOut):
    """A contract row as it was said."""

    plan: str | None
    modality: Modality
    clinician_kind: ClinicianKind | None
    code: str
    minutes_from: int
    minutes_to: int | None
    charge: MoneyOut
    allowed: MoneyOut
    place_of_service: str
    modifier: str | None
    requires_established: bool


class PlanOut(SaidOut):
    """A plan as it was said."""

    code: str
    name: str
    group_numbers: list[str]
    member_prefixes: list[str]
    plan_year_from: str | None


class ContractsOut(BaseModel):
    """By service, the newest first."""

    items: list[ContractOut]
    next_cursor: str | None = None


class PlansOut(BaseModel):
    """By code, the newest first."""

    items: list[PlanOut]
    next_cursor: str | None = None


@router.get("/payers/{payer_id}/contracts")
async def list_contracts(payer_id: UUID, tx: Care, window: InWindow) -> ContractsOut:
    """Every row that was ever said of a payer."""
    await payers.find(tx, payer_id)
    return ContractsOut(**window.of([_contract_out(row) for row in await contracts.history(tx, payer_id)]))


@router.post("/payers/{payer_id}/contracts", status_code=201, response_model=MadeOut)
async def add_contract(payer_id: UUID, body: ContractIn, tx: Care, once: OnceOnly) -> JSONResponse:
    """Add a priced service. The row of the same service before it ends the day before it begins."""

    async def work() -> MadeOut:
        return MadeOut(id=await keep_contract(tx, await payers.find(tx, payer_id), body))

    return await once(tx, body, work)


async def keep_contract(tx: Transaction, payer: Row, body: ContractIn) -> UUID:
    """The row, in the words of the records. Raises Invalid, Conflict."""
    await insurance_plans.require_plan(tx, payer["id"], body.plan)
    return await contracts.add_contract(tx, payer["id"], contract_row(payer["code"], body))


@router.post("/contracts/{contract_id}/end", status_code=204)
async def end_contract(contract_id: UUID, body: LastDayIn, tx: Care) -> None:
    """A row prices nothing after a day."""
    await contracts.end_contract(tx, contract_id, body.last_day)


@router.get("/payers/{payer_id}/plans")
async def list_plans(payer_id: UUID, tx: Care, window: InWindow) -> PlansOut:
    """Plans of a payer, as they are and as they were said."""
    await payers.find(tx, payer_id)
    return PlansOut(**window.of([_plan_out(row) for row in await insurance_plans.history(tx, payer_id)]))


@router.post("/payers/{payer_id}/plans", status_code=201, response_model=MadeOut)
async def set_plan(payer_id: UUID, body: PlanIn, tx: Care, once: OnceOnly) -> JSONResponse:
    """Add a plan, or say anew what holds of the one with this code."""

    async def work() -> MadeOut:
        return MadeOut(id=await insurance_plans.set_plan(tx, payer_id, plan_row(body)))

    return await once(tx, body, work)


def contract_row(payer_code: str, body: ContractIn) -> ContractRow:
    """As the rules read it. Raises Invalid for what cannot be right."""
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
        clinician_kind=body.clinician_kind,
    )


def plan_row(body: PlanIn) -> InsurancePlan:
    """As the rules read it. Raises Invalid for what cannot be right."""
    month, day = (int(part) for part in body.plan_year_from.split("-"))
    if not body.name.strip():
        raise Invalid(FieldError("name", "required"))
    return InsurancePlan(
        code=body.code,
        name=body.name,
        effective_from=body.effective_from,
        effective_to=body.effective_to,
        group_numbers=tuple(body.group_numbers),
        member_prefixes=tuple(body.member_prefixes),
        plan_year_from=(month, day),
    )


def said(row: Row) -> dict[str, Any]:
    """What every dated row has in common, on the wire."""
    return {
        "id": row["id"],
        "effective_from": row["effective_from"],
        "effective_to": row.get("effective_to"),
        "entered_at": row["entered_at"],
        "entered_by": row["entered_by_name"],
        "superseded_at": row["superseded_at"],
    }


def _contract_out(row: Row) -> ContractOut:
    names = ("plan", "modality", "clinician_kind", "code", "place_of_service", "modifier")
    return ContractOut(
        **said(row),
        **{name: row[name] for name in names},
        minutes_from=row["minutes_from"],
        minutes_to=row["minutes_to"],
        charge=MoneyOut.exactly(row["charge"]),
        allowed=MoneyOut.exactly(row["allowed"]),
        requires_established=row["requires_established"],
    )


def _plan_out(row: Row) -> PlanOut:
    names = ("code", "name", "group_numbers", "member_prefixes", "plan_year_from")
    return PlanOut(**said(row), **{name: row[name] for name in names})
