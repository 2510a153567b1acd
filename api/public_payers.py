"""What a payer usually covers here and what it usually costs, for anyone, before there is an account."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel

from api.deps import Visitor
from api.schemas import InWindow, MoneyOut, ShortText
from domain.covered_services import CoveredService, public_services
from domain.money import parse_money
from domain.zones import date_everywhere
from records import payers
from records.database import Row

router = APIRouter(prefix="/v1/public", tags=["payers"])


class ServiceOut(BaseModel):
    """Whether a service is covered: covered, not, needs_authorisation, unknown or redirect; why, and as of when."""

    service: str
    answer: str
    rule: str
    as_of: date


class PublicPayerOut(BaseModel):
    """What anyone may know before giving a name: usual cost of a session, our own price beside it.

    `usual_cost_since`: the day since when that figure stands; `as_of`: the day of this answer.
    """

    payer_id: UUID
    code: str
    name: str
    usual_cost: MoneyOut | None
    usual_cost_since: date | None
    self_pay: MoneyOut | None
    as_of: date


class PublicPayersOut(BaseModel):
    """By name."""

    items: list[PublicPayerOut]
    next_cursor: str | None = None


class PublicPayerPageOut(PublicPayerOut):
    """One payer's page. What a plan really says is asked once there is a card."""

    services: list[ServiceOut]


@router.get("/payers")
async def list_public_payers(tx: Visitor, window: InWindow) -> PublicPayersOut:
    """Payers we work with, without an account."""
    price = await payers.self_pay_price(tx, date_everywhere(tx.now))
    rows = await payers.public_listing(tx)
    return PublicPayersOut(**window.of([_public_out(row, price, date_everywhere(tx.now)) for row in rows]))


@router.get("/payers/{payer}")
async def read_public_payer(payer: ShortText, tx: Visitor) -> PublicPayerPageOut:
    """What a payer usually covers here and what it usually costs, with our own price beside it. By id or code."""
    row, today = await payers.find_public(tx, payer), date_everywhere(tx.now)
    contract = await payers.contract_rows(tx, row["id"])
    head = _public_out(row, await payers.self_pay_price(tx, today), today)
    return PublicPayerPageOut(
        **head.model_dump(),
        services=[service_out(each) for each in public_services(contract, payer=row["code"], as_of=today)],
    )


def service_out(found: CoveredService) -> ServiceOut:
    """One service's answer on the wire."""
    return ServiceOut(service=found.service, answer=found.answer, rule=found.rule, as_of=found.as_of)


def _public_out(row: Row, self_pay: Decimal | None, today: date) -> PublicPayerOut:
    usual = row["public"].get("usual_cost")
    return PublicPayerOut(
        payer_id=row["id"],
        code=row["code"],
        name=row["name"],
        usual_cost=MoneyOut.of(parse_money(usual) if usual else None),
        usual_cost_since=row["since"] if usual else None,
        self_pay=MoneyOut.of(self_pay),
        as_of=today,
    )
