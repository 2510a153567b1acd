"""What a payer's answer amounts to for one client: estimate, services and rows, in the plain form that is sealed."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any

from domain.contracts import ContractRow, Modality, choose_rate
from domain.coverage import Outcome, Verdict
from domain.covered_services import covered_services
from domain.eligibility import EligibilityAnswer
from domain.estimates import Confidence, Estimate, estimate
from domain.money import format_money
from records import payers
from records.database import Row, Transaction

RULE = "answer-1"
SESSIONS_A_MONTH = 4
TYPICAL_MINUTES = 25
"""Clinical minutes of a usual messaging session: they choose the price that an estimate stands on, never a claim's."""


async def from_payer(
    tx: Transaction, payer: Row, verdict: Verdict, answer: EligibilityAnswer | None, as_of: date
) -> dict[str, Any]:
    """What was told, with the inputs of the estimate. `payer` is who pays, `as_of` the day of the answer."""
    contract = await payers.contract_rows(tx, payer["id"])
    services = covered_services(verdict, answer, contract, payer=payer["code"], plan=None, as_of=as_of)
    found = None
    if answer is not None and verdict.outcome is Outcome.ACTIVE:
        found = await _estimate(tx, payer, answer, contract, as_of)
    return {
        "rule": RULE,
        "as_of": as_of.isoformat(),
        "reason": verdict.reason,
        "payer": payer["name"],
        "answer": None if answer is None else _plain(asdict(answer)),
        "estimate": None if found is None else _estimate_json(found),
        "services": [_plain(asdict(service)) for service in services],
    }


async def _estimate(
    tx: Transaction, payer: Row, answer: EligibilityAnswer, contract: tuple[ContractRow, ...], as_of: date
) -> Estimate | None:
    """Without a contract in force we are outside this plan's network, and our own price is what it reckons with."""
    self_pay = await payers.self_pay_price(tx, as_of)
    if self_pay is None:
        return None
    rate = choose_rate(
        contract,
        payer=payer["code"],
        plan=None,
        modality=Modality.ASYNC,
        clinical_minutes=payer["settings"].get("typical_minutes", TYPICAL_MINUTES),
        on=as_of,
        established=True,
    )
    priced = isinstance(rate, ContractRow)
    return estimate(
        answer,
        allowed=rate.allowed if isinstance(rate, ContractRow) else self_pay,
        in_network=priced,
        sessions_per_month=SESSIONS_A_MONTH,
        self_pay=self_pay,
        as_of=as_of,
    )


def without_a_payer(reason: str, cost: Decimal | None, price: Decimal | None, as_of: date) -> dict[str, Any]:
    """For covers that need no question: the price is known."""
    told = in_person(reason, as_of)
    if cost is not None and price is not None:
        found = Estimate(cost, cost * SESSIONS_A_MONTH, Confidence.HIGH, (), as_of, price, rule=reason)
        told["estimate"] = _estimate_json(found)
    return told


def in_person(reason: str, as_of: date) -> dict[str, Any]:
    """What stands by a decision of ours, without a payer's answer in X12."""
    return {
        "rule": RULE,
        "as_of": as_of.isoformat(),
        "reason": reason,
        "payer": None,
        "answer": None,
        "estimate": None,
        "services": [],
    }


def _estimate_json(found: Estimate) -> dict[str, Any]:
    return {
        "per_session": format_money(found.per_session),
        "per_month": format_money(found.per_month),
        "confidence": found.confidence.value,
        "up_to": found.up_to,
        "basis": [_plain(asdict(row)) for row in found.basis],
        "as_of": found.as_of.isoformat(),
        "self_pay": format_money(found.self_pay),
        "rule": found.rule,
    }


def _plain(value: Any) -> Any:
    """Dates as ISO text, decimals as text, everything else as JSON has it."""
    match value:
        case Mapping():
            return {name: _plain(each) for name, each in value.items()}
        case list() | tuple():
            return [_plain(each) for each in value]
        case Decimal():
            return str(value)
        case date():
            return value.isoformat()
    return value
