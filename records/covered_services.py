"""What a cover costs and covers, told from what holds on the day it is read; a payer's own answer as it was told."""

from datetime import date
from typing import Any
from uuid import UUID

from domain import covered_services, estimates
from domain.coverage import Outcome, Verdict
from domain.covered_services import CoveredService
from records import coverages, estimate_policies, payers, sponsors
from records.coverage_answers import estimate_json
from records.database import Row, Transaction
from records.therapists import therapist_kind

BY_OFFICE = {"confirmed_by_office": True, "denied_by_office": False}
"""Reasons by which our office settled a cover, and whether the plan is active by them."""


async def estimate_of(tx: Transaction, coverage: Row, told: dict[str, Any]) -> dict[str, Any] | None:
    """The estimate of a cover: of insurance as the payer's answer gave it, of everything else by today's price.

    `told` is the opened answer. None while there is nothing to reckon with.
    """
    if coverage["kind"] == coverages.INSURANCE:
        return await _by_clinician(tx, coverage["client_id"], told)
    today = await coverages.local_date(tx, coverage["client_id"])
    price = await payers.self_pay_price(tx, today)
    if price is None:
        return None
    sessions = (await estimate_policies.in_force(tx)).sessions_per_month
    if coverage["kind"] == coverages.SPONSOR:
        left = await sponsors.credits_left(tx, coverage["id"], today)
        return estimate_json(
            estimates.by_credits(left, sessions_per_month=sessions, self_pay=price, as_of=today)
        )
    return estimate_json(
        estimates.by_oneself(coverage["kind"], sessions_per_month=sessions, self_pay=price, as_of=today)
    )


async def _by_clinician(tx: Transaction, client_id: UUID, told: dict[str, Any]) -> dict[str, Any] | None:
    """The estimate for the client's therapist's kind; before there is one, for the usual kind, marked as assumed."""
    mine = await therapist_kind(tx, client_id)
    kind = mine or (await estimate_policies.in_force(tx)).clinician_kind
    found: dict[str, Any] | None = told.get("estimates", {}).get(kind)
    if found is None:
        return None
    assumed = mine is None and found["inputs"]["clinician_kind"] is not None
    return {**found, "inputs": {**found["inputs"], "clinician_assumed": assumed}}


async def services_of(tx: Transaction, coverage: Row, told: dict[str, Any]) -> list[dict[str, Any]]:
    """Each of our services with the plan's answer, the rule that says so, and the day it is of."""
    if told.get("services"):
        services: list[dict[str, Any]] = told["services"]
        return services
    today = await coverages.local_date(tx, coverage["client_id"])
    found = await _found(tx, coverage, today, told)
    return [
        {"service": each.service, "answer": each.answer, "rule": each.rule, "as_of": each.as_of.isoformat()}
        for each in found
    ]


async def _found(
    tx: Transaction, coverage: Row, today: date, told: dict[str, Any]
) -> tuple[CoveredService, ...]:
    if coverage["kind"] == coverages.SPONSOR:
        return await _by_credits(tx, coverage, today)
    if coverage["kind"] != coverages.INSURANCE:
        return covered_services.by_oneself(today)
    payer = await payers.find(tx, coverage["payer_id"])
    contract = await payers.contract_rows(tx, payer["id"])
    plan = coverage["plan"] if payer["id"] == coverage["card_payer_id"] else None
    reason = coverage["reasons"][0] if coverage["reasons"] else "asked"
    if reason in BY_OFFICE:
        on = date.fromisoformat(told["as_of"]) if told else today
        return covered_services.in_person(
            BY_OFFICE[reason], reason, contract, payer=payer["code"], plan=plan, as_of=on
        )
    nothing_yet = Verdict(Outcome.RETRY, reason)
    return covered_services.covered_services(
        nothing_yet, None, contract, payer=payer["code"], plan=plan, as_of=today
    )


async def _by_credits(tx: Transaction, coverage: Row, today: date) -> tuple[CoveredService, ...]:
    left = await sponsors.credits_left(tx, coverage["id"], today)
    granted = await sponsors.authorisations(tx, coverage)
    past = any(row["left_over"] > 0 and row["valid_to"] < today for row in granted)
    return covered_services.by_credits(left, ended=past, as_of=today)
