"""What a payer's answer amounts to for one client: estimate, services and rows, in the plain form that is sealed."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any

from domain.clinicians import ClinicianKind
from domain.contracts import ContractRow, Modality, choose_rate
from domain.coverage import Outcome, Verdict
from domain.covered_services import covered_services
from domain.eligibility import EligibilityAnswer
from domain.estimates import Estimate, estimate
from domain.money import format_money
from records import estimate_policies, payers
from records.database import Row, Transaction

RULE = "answer-3"
"""3: one estimate for each kind of clinician."""


async def from_payer(
    tx: Transaction,
    payer: Row,
    verdict: Verdict,
    answer: EligibilityAnswer | None,
    as_of: date,
    *,
    plan: str | None = None,
) -> dict[str, Any]:
    """What was told, with the inputs of the estimates, one for each kind of clinician: who it will be may not be known.

    `payer` is who pays, `plan` the card's plan of that payer, `as_of` the day of the answer.
    """
    contract = await payers.contract_rows(tx, payer["id"])
    services = covered_services(verdict, answer, contract, payer=payer["code"], plan=plan, as_of=as_of)
    found: dict[str, Any] = {}
    if answer is not None and verdict.outcome is Outcome.ACTIVE:
        for kind in ClinicianKind:
            each = await _estimate(tx, payer, plan, kind, answer, contract, as_of)
            found |= {} if each is None else {kind.value: estimate_json(each)}
    return {
        "rule": RULE,
        "as_of": as_of.isoformat(),
        "reason": verdict.reason,
        "payer": payer["name"],
        "answer": None if answer is None else _plain(asdict(answer)),
        "estimates": found,
        "services": [_plain(asdict(service)) for service in services],
    }


async def _estimate(
    tx: Transaction,
    payer: Row,
    plan: str | None,
    clinician: ClinicianKind,
    answer: EligibilityAnswer,
    contract: tuple[ContractRow, ...],
    as_of: date,
) -> Estimate | None:
    """Without a contract in force we are outside this plan's network, and our own price is what it reckons with."""
    self_pay = await payers.self_pay_price(tx, as_of)
    if self_pay is None:
        return None
    by = await estimate_policies.in_force(tx)
    rate = choose_rate(
        contract,
        payer=payer["code"],
        plan=plan,
        modality=Modality.ASYNC,
        clinician=clinician,
        clinical_minutes=payer["settings"].get("typical_minutes", by.typical_minutes),
        on=as_of,
        established=True,
    )
    row = rate if isinstance(rate, ContractRow) else None
    return estimate(
        answer,
        allowed=row.allowed if row else self_pay,
        in_network=row is not None,
        sessions_per_month=by.sessions_per_month,
        self_pay=self_pay,
        as_of=as_of,
        clinician_kind=row.clinician_kind if row else None,
    )


def without_a_payer(reason: str, as_of: date) -> dict[str, Any]:
    """For what stands without a payer's answer in X12: a cover that needs no question, or a decision of our office.

    Costs and services are told from what holds on the day they are read: `records.covered_services`.
    """
    return {
        "rule": RULE,
        "as_of": as_of.isoformat(),
        "reason": reason,
        "payer": None,
        "answer": None,
        "estimates": {},
        "services": [],
    }


def estimate_json(found: Estimate) -> dict[str, Any]:
    """The estimate in plain values, its inputs beside it."""
    return {
        "per_session": format_money(found.per_session),
        "per_month": format_money(found.per_month),
        "confidence": found.confidence.value,
        "up_to": found.up_to,
        "basis": [_plain(asdict(row)) for row in found.basis],
        "as_of": found.as_of.isoformat(),
        "self_pay": format_money(found.self_pay),
        "self_pay_per_month": format_money(found.self_pay_per_month),
        "inputs": _plain(asdict(found.inputs)),
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
