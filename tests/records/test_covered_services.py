"""What a cover costs and covers, with rule and day: by the payer's answer, by credits, by the office, by oneself."""

import dataclasses
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from arrivals import House, arrived, contract, give_insurance, give_self_pay, house, permit, policy
from factories import actor

from domain.access import Actor, Role
from domain.contracts import ContractRow
from domain.coverage import CoverageStatus, Outcome, Verdict
from domain.eligibility import Benefit, EligibilityAnswer, Network
from domain.insurance_plans import InsurancePlan
from encryption.keys import KeyScope
from encryption.rooms import open_bytes
from records import (
    contracts,
    coverage_answers,
    coverage_states,
    coverages,
    covered_services,
    insurance_plans,
    payers,
    sponsor_terms,
    verifications,
)
from records.coverages import NewCoverage
from records.database import Transaction
from records.eligibility_checks import ToAsk

if TYPE_CHECKING:
    from conftest import Databases

ACTIVE = Verdict(Outcome.ACTIVE, "plan_active")
ANSWER = EligibilityAnswer(
    benefits=(
        Benefit("1", service_types=("MH",)),
        Benefit("A", "IND", ("MH",), fraction=Decimal("0.2"), network=Network.IN),
        Benefit("C", "IND", ("30",), "29", Decimal("100.00"), network=Network.IN),
    )
)
AS_OF = date(2026, 11, 22)


async def told(
    tx: Transaction, coverage_id: UUID
) -> tuple[dict[str, Any] | None, dict[str, tuple[str, str]]]:
    """The estimate, and each service's answer with its rule."""
    row = await coverages.find(tx, coverage_id)
    answer = await coverages.told_of(tx, row)
    services = await covered_services.services_of(tx, row, answer)
    assert all(each["as_of"] for each in services)
    said = {each["service"]: (str(each["answer"]), each["rule"]) for each in services}
    assert said.pop("psychiatric_emergency") == ("redirect", "call_988_or_911")
    assert len(said) == 3
    return await covered_services.estimate_of(tx, row, answer), said


async def test_an_estimate_is_kept_with_its_inputs_and_stands_on_the_cards_plan_and_the_clinics_usual(
    databases: "Databases",
) -> None:
    """45.00 usually, 50.00 on the student plan; 100 of deductible are left, then 20 %.

    Usually, four sessions: 45 + 45 + (10 + 20 % of 35) + 9 = 116.00. By the student plan, three: 50 + 50 + 10 = 110.00.
    """
    found = await house(databases.care)
    cigna = found.payers["cigna"]
    async with databases.care.transaction() as tx:
        plan = InsurancePlan("student", "Student", date(2020, 1, 1), group_numbers=("78358",))
        await insurance_plans.set_plan(tx, cigna, plan)
        await contracts.add_contract(tx, cigna, _of_plan("student", "50.00"))
        payer = await payers.find(tx, cigna)
        usual = await coverage_answers.from_payer(tx, payer, ACTIVE, ANSWER, AS_OF)
        await policy(tx, "estimates", {"sessions_per_month": 3, "typical_minutes": 25})
        student = await coverage_answers.from_payer(tx, payer, ACTIVE, ANSWER, AS_OF, plan="student")
    generally, students = (each["estimates"]["non_prescriber"] for each in (usual, student))
    assert (generally["per_session"], generally["per_month"]) == ("45.00", "116.00")
    assert (students["per_session"], students["per_month"]) == ("50.00", "110.00")
    assert students["inputs"] == {
        "allowed": "50.00",
        "in_network": True,
        "sessions_per_month": 3,
        "clinician_kind": None,
    }
    assert students["self_pay_per_month"] == "195.00"
    assert (students["rule"], students["as_of"]) == ("estimate-2", "2026-11-22")
    assert [row["what"] for row in students["basis"]] == ["coinsurance", "deductible_remaining"]


def _of_plan(plan: str, allowed: str) -> ContractRow:
    return dataclasses.replace(contract("cigna", allowed=allowed), plan=plan)


async def test_the_answer_as_it_came_is_kept_sealed_beside_the_number(databases: "Databases") -> None:
    """45.00 allowed, 100 of deductible: 45, 45, 10 + 20 % of 35, 9."""
    found = await house(databases.care)
    me = await arrived(databases.care)
    coverage_id = await give_insurance(databases.care, found, me, "U1234567801")
    raw = b"ISA*CANARY271~"
    async with databases.worker.transaction() as tx:
        asked = await verifications.open_attempt(tx, coverage_id, 1, 1)
        assert isinstance(asked, ToAsk)
    async with databases.worker.transaction() as tx:
        await verifications.answered(tx, asked.check_id, ANSWER, raw)
    async with databases.care.transaction(me) as tx:
        number, said = await told(tx, coverage_id)
        check = await tx.one("SELECT * FROM eligibility_checks WHERE id = %s", (asked.check_id,))
        key = await tx.key(KeyScope.BILLING, me.account_id)
    assert number is not None
    assert (number["per_session"], number["per_month"]) == ("45.00", "116.00")
    assert said["messaging"] == ("covered", "mental_health_listed")
    assert check is not None
    assert b"CANARY" not in check["raw_sealed"]
    owner, sealed = me.account_id, check["raw_sealed"]
    assert open_bytes(key, owner, "eligibility_checks", "raw_sealed", asked.check_id, sealed) == raw


async def test_every_cover_answers_for_every_service_before_and_without_a_payers_answer(
    databases: "Databases",
) -> None:
    found = await house(databases.care)
    me = await arrived(databases.care)
    asked = await give_insurance(databases.care, found, me, "U1234567801")
    async with databases.care.transaction(me) as tx:
        nothing, waiting = await told(tx, asked)
        today = await coverages.local_date(tx, me.account_id)
        row = await coverages.find(tx, asked, lock=True)
        by_office = coverage_answers.without_a_payer("confirmed_by_office", today)
        await coverage_states.settle(tx, row, CoverageStatus.ACTIVE, "confirmed_by_office", by_office)
        _, office = await told(tx, asked)
    own = await give_self_pay(databases.care, found, me)
    async with databases.care.transaction(me) as tx:
        paid, oneself = await told(tx, own)
    assert nothing is None
    assert set(waiting.values()) == {("unknown", "asked")}
    assert office["messaging"] == ("covered", "confirmed_by_office")
    assert office["live_video"] == ("not", "no_contract_row")
    assert set(oneself.values()) == {("not", "paid_by_you")}
    assert paid is not None
    assert (paid["per_session"], paid["per_month"], paid["rule"]) == ("65.00", "260.00", "self_pay")


async def test_a_sponsors_cover_is_told_from_the_credits_of_the_day(databases: "Databases") -> None:
    """Two sessions granted for thirty days, four in a month: nothing now, 2 x 65.00 a month; when they lapse, 65.00."""
    found = await house(databases.care)
    me = await arrived(databases.care)
    coverage_id = await _sponsored(databases, found, me)
    later = datetime.combine(datetime.now(UTC).date() + timedelta(days=40), time(12), UTC)
    async with databases.care.transaction(me) as tx:
        now, said = await told(tx, coverage_id)
    async with databases.care.transaction(me, later) as tx:
        lapsed, said_later = await told(tx, coverage_id)
    async with databases.billing.transaction(actor(Role.BILLING)) as tx:
        assert await told(tx, coverage_id) == (now, said)  # the office reads the same
    assert now is not None
    assert lapsed is not None
    assert (now["per_session"], now["per_month"], now["rule"]) == ("0.00", "130.00", "credits-1")
    assert [(row["what"], row["value"]) for row in now["basis"]] == [("credits", "2")]
    assert set(said.values()) == {("covered", "credits_left")}
    assert (lapsed["per_session"], lapsed["per_month"]) == ("65.00", "260.00")
    assert set(said_later.values()) == {("needs_authorisation", "authorisation_ended")}


async def _sponsored(databases: "Databases", found: House, me: Actor) -> UUID:
    new = sponsor_terms.NewSponsor(
        "School", "school", "SCHOOL-1", sessions_each=2, active_from=date(2020, 1, 1), valid_days=30
    )
    async with databases.care.transaction() as tx:
        await sponsor_terms.add_sponsor(tx, found.index, new)
    async with databases.care.transaction(me) as tx:
        given = NewCoverage(coverages.SPONSOR, sponsor_code="SCHOOL-1")
        return await coverages.give(tx, await permit(tx, me), found.index, given)
