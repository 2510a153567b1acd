"""What an insurer usually covers and what it usually costs, for anybody, before there is an account."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Response

from api.deps import Visitor
from domain.covered_services import CoveredService, Service, ServiceAnswer, public_services
from domain.money import parse_money
from domain.zones import date_everywhere
from records import payers
from records.database import Row
from web.pages.frame import InAnyFrame
from web.pages.refusals import PageRoute
from web.views.public_payers import PublicPayer, PublicPayersView, PublicPayerView, PublicService

router = APIRouter(route_class=PageRoute)

_NAMES = {
    Service.MESSAGING: "Messages with your therapist",
    Service.LIVE_VIDEO: "Live sessions by video",
    Service.LIVE_AUDIO: "Live sessions by phone",
    Service.EMERGENCY: "A psychiatric emergency",
}
_CODE = Annotated[str, Path(max_length=60, pattern=r"^[A-Za-z0-9_-]+$")]


@router.get("/payers")
async def list_public_payers(frame: InAnyFrame, tx: Visitor) -> Response:
    """Everyone whose plans we work with, our own price beside them."""
    today = date_everywhere(tx.now)
    rows = await payers.public_listing(tx)
    view = PublicPayersView(tuple(_payer(row) for row in rows), await payers.self_pay_price(tx, today), today)
    return frame.page("public/payers.html", view)


@router.get("/payers/{code}")
async def show_public_payer(code: _CODE, frame: InAnyFrame, tx: Visitor) -> Response:
    """What one of them usually covers here, what it usually costs, and what paying oneself would."""
    row, today = await payers.find_public(tx, code), date_everywhere(tx.now)
    contract = await payers.contract_rows(tx, row["id"])
    view = PublicPayerView(
        payer=_payer(row),
        services=tuple(
            _service(each, row["name"]) for each in public_services(contract, payer=row["code"], as_of=today)
        ),
        self_pay=await payers.self_pay_price(tx, today),
        as_of=today,
    )
    return frame.page("public/payer.html", view)


def _payer(row: Row) -> PublicPayer:
    usual = row["public"].get("usual_cost")
    return PublicPayer(
        row["code"], row["name"], parse_money(usual) if usual else None, row["since"] if usual else None
    )


def _service(found: CoveredService, payer: str) -> PublicService:
    name = _NAMES[found.service]
    match found.answer:
        case ServiceAnswer.COVERED:
            why = (
                f"We have a contract with {payer} for it. Your own plan decides; we ask it before you agree."
            )
            return PublicService(name, "Usually covered", why, "circle-check", "good")
        case ServiceAnswer.REDIRECT:
            why = "Nobody should wait for a message then. A person answers at once, day and night."
            return PublicService(name, "Call or text 988, or call 911", why, "phone")
    why = f"We have no contract with {payer} for it."
    if found.service is Service.MESSAGING:
        why += " You can pay yourself."
    return PublicService(name, "Not covered here", why, "info")
