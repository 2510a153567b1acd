"""Terms: which response policy holds for whom, on a service plan or in the whole clinic; and who is on which plan."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Response
from pydantic import BaseModel, StringConstraints

from api.deps import Care, allowed
from api.instants import Instant
from api.policies import NAME
from api.schemas import Input, InWindow
from domain.access import Action
from domain.response_items import ItemKind
from records import response_terms
from records.response_terms import CLINIC, Reach

router = APIRouter(
    prefix="/v1",
    tags=["policies"],
    dependencies=[Depends(allowed(Action.MANAGE_RESPONSE_POLICIES))],
)

Plan = Annotated[str, Path(pattern=NAME)]
Name = Annotated[str, StringConstraints(pattern=NAME)]
OwedKind = Literal[ItemKind.WELCOME, ItemKind.FIRST_RESPONSE, ItemKind.NEXT_RESPONSE, ItemKind.CONSULT]


class TermsIn(Input):
    """The policy for items of a kind (null: every kind), from now unless said. Null name: the wider terms hold."""

    name: Name | None
    kind: OwedKind | None = None
    effective_from: Instant | None = None


class TermsOut(BaseModel):
    """Terms in force, or to come. `plan` null: of the whole clinic."""

    plan: str | None
    kind: str | None
    name: str | None
    effective_from: datetime
    in_force: bool


class TermsListOut(BaseModel):
    """The clinic's terms first, then those of the plans by name."""

    items: list[TermsOut]
    next_cursor: str | None = None


class ServicePlanOut(BaseModel):
    """A service plan that clients are on."""

    plan: str
    clients: int
    rooms: int


class ServicePlansOut(BaseModel):
    """By name."""

    items: list[ServicePlanOut]
    next_cursor: str | None = None


class ServicePlanIn(Input):
    """The plan a client is on; null: none."""

    plan: Name | None


@router.get("/response-terms")
async def list_terms(tx: Care, window: InWindow) -> TermsListOut:
    """Terms of the clinic and of its service plans. Those of a room are the room's."""
    rows = [
        TermsOut(
            plan=row["plan"],
            kind=row["kind"],
            name=row["policy_name"],
            effective_from=row["effective_from"],
            in_force=row["in_force"],
        )
        for row in await response_terms.terms(tx)
    ]
    return TermsListOut(**window.of(rows))


@router.put("/response-terms", status_code=204)
async def set_clinic_terms(body: TermsIn, tx: Care) -> Response:
    """What holds where neither a room nor a plan says otherwise."""
    return await _set(tx, CLINIC, body)


@router.get("/service-plans")
async def list_service_plans(tx: Care, window: InWindow) -> ServicePlansOut:
    """Plans that clients are on."""
    plans = [ServicePlanOut(**row) for row in await response_terms.plans_in_use(tx)]
    return ServicePlansOut(**window.of(plans))


@router.put("/service-plans/{plan}/policy", status_code=204)
async def set_plan_terms(plan: Plan, body: TermsIn, tx: Care) -> Response:
    """What clients on a plan are promised."""
    return await _set(tx, Reach(plan=plan), body)


@router.put("/clients/{client_id}/service-plan", status_code=204)
async def set_service_plan(client_id: UUID, body: ServicePlanIn, tx: Care) -> Response:
    """Put a client on a plan; the clock that runs moves to what the plan promises."""
    await response_terms.set_service_plan(tx, client_id, body.plan)
    return Response(status_code=204)


async def _set(tx: Care, reach: Reach, body: TermsIn) -> Response:
    await response_terms.set_terms(
        tx, reach, policy_name=body.name, kind=body.kind, effective_from=body.effective_from
    )
    return Response(status_code=204)
