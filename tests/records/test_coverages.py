"""Covers on the real rows: in force from one day to another, sealed, told again, never two at once."""

import asyncio
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from arrivals import arrived, contract, give_insurance, give_self_pay, house

from domain.access import Action
from domain.clinicians import ClinicianKind
from domain.contracts import Modality, RateHold, choose_rate
from domain.coverage import Outcome, Verdict
from domain.eligibility import Benefit, EligibilityAnswer
from encryption.errors import Unreadable
from records import contracts, coverage_answers, coverages, payers, relations

if TYPE_CHECKING:
    from conftest import Databases


async def test_a_new_cover_ends_the_one_before_it_and_both_days_are_known(databases: "Databases") -> None:
    found = await house(databases.care)
    me = await arrived(databases.care)
    first = await give_self_pay(databases.care, found, me)
    async with databases.worker.transaction() as tx:
        today = tx.now.date()
        assert (await coverages.active_coverage(tx, me.account_id, today) or {})["id"] == first
        assert await coverages.active_coverage(tx, me.account_id, today - timedelta(days=3)) is None
    second = await give_self_pay(databases.care, found, me)
    async with databases.worker.transaction() as tx:
        assert (await coverages.active_coverage(tx, me.account_id, today) or {})["id"] == second
        ended = await coverages.find(tx, first)
    assert (ended["status"], ended["ended_at"] is not None) == ("active", True)


async def test_a_cover_in_force_stays_while_another_is_asked_about(databases: "Databases") -> None:
    found = await house(databases.care)
    me = await arrived(databases.care)
    paying = await give_self_pay(databases.care, found, me)
    await give_insurance(databases.care, found, me, "U1234567801")
    async with databases.worker.transaction() as tx:
        active = await coverages.active_coverage(tx, me.account_id, tx.now.date())
        client = await tx.one("SELECT stage FROM clients WHERE id = %s", (me.account_id,))
    assert (active or {})["id"] == paying
    assert client == {"stage": "matching"}


async def test_covers_given_at_the_same_time_leave_one_asked(databases: "Databases") -> None:
    found = await house(databases.care)
    me = await arrived(databases.care)
    await asyncio.gather(*(give_insurance(databases.care, found, me, f"U123456780{n}") for n in range(4)))
    async with databases.worker.transaction() as tx:
        live = await tx.all("SELECT id FROM coverages WHERE ended_at IS NULL")
    assert len(live) == 1


async def test_the_member_number_is_in_no_column(databases: "Databases") -> None:
    found = await house(databases.care)
    me = await arrived(databases.care)
    coverage_id = await give_insurance(databases.care, found, me, "CANARY77701")
    async with databases.worker.transaction() as tx:
        row = await tx.one("SELECT coverages::text AS whole FROM coverages WHERE id = %s", (coverage_id,))
        notes = await tx.all("SELECT payload::text AS whole FROM outbox")
        card = await coverages.card_of(tx, await coverages.find(tx, coverage_id))
    assert card.member_id == "CANARY77701"
    for text in [(row or {})["whole"], *(note["whole"] for note in notes)]:
        assert "CANARY" not in text
        assert b"CANARY77701".hex() not in text


async def test_a_stranger_cannot_open_the_details_even_with_the_row(databases: "Databases") -> None:
    found = await house(databases.care)
    me, stranger = await arrived(databases.care), await arrived(databases.care)
    coverage_id = await give_insurance(databases.care, found, me, "U1234567801")
    async with databases.care.transaction(stranger) as tx:
        row = await coverages.find(tx, coverage_id)
        with pytest.raises(Unreadable):
            await coverages.card_of(tx, row)


async def test_every_open_verification_is_told_again(databases: "Databases") -> None:
    found = await house(databases.care)
    me = await arrived(databases.care)
    await give_self_pay(databases.care, found, me)
    coverage_id = await give_insurance(databases.care, found, me, "U1234567801")
    async with databases.worker.transaction() as tx:
        await tx.run("DELETE FROM outbox")
        assert await coverages.retell(tx) == 1
        told = await tx.one("SELECT kind, subject_id, payload FROM outbox")
    assert told == {"kind": "coverage_asked", "subject_id": coverage_id, "payload": {"n": 1}}


async def test_a_contract_from_new_year_does_not_price_the_old_one(databases: "Databases") -> None:
    found = await house(databases.care)
    async with databases.care.transaction() as tx:
        payer = await payers.add_payer(tx, payers.NewPayer("later", "Later", "77777", "CI", 90))
        await contracts.add_contract(tx, payer, contract("later", date(2027, 1, 1)))
        rows = await payers.contract_rows(tx, payer)
        row = await payers.find(tx, payer)
        old = await coverage_answers.from_payer(tx, row, ACTIVE, ANSWER, date(2026, 12, 31))
        new = await coverage_answers.from_payer(tx, row, ACTIVE, ANSWER, date(2027, 1, 1))
    for day, priced in ((date(2026, 12, 31), False), (date(2027, 1, 1), True)):
        rate = choose_rate(
            rows,
            payer="later",
            plan=None,
            modality=Modality.ASYNC,
            clinician=ClinicianKind.NON_PRESCRIBER,
            clinical_minutes=25,
            on=day,
            established=True,
        )
        assert (rate is RateHold.NO_CONTRACT_ROW) is not priced
    said = [{s["service"]: s["answer"] for s in told["services"]}["messaging"] for told in (old, new)]
    assert said == ["not", "covered"]
    assert found.payers


ACTIVE = Verdict(Outcome.ACTIVE, "plan_active")
ANSWER = EligibilityAnswer(
    benefits=(
        Benefit("1", service_types=("MH",)),
        Benefit("A", service_types=("MH",), fraction=Decimal("0.5")),
    )
)


async def test_the_estimate_stands_on_the_contracts_price(databases: "Databases") -> None:
    found = await house(databases.care)
    async with databases.worker.transaction() as tx:
        payer = await payers.find(tx, found.payers["cigna"])
        told = await coverage_answers.from_payer(tx, payer, ACTIVE, ANSWER, date(2026, 11, 22))
    for kind in ClinicianKind:  # the row is everybody's
        estimate = told["estimates"][kind]
        assert (estimate["per_session"], estimate["per_month"]) == ("22.50", "90.00")
        assert (estimate["self_pay"], estimate["inputs"]["clinician_kind"]) == ("65.00", None)


async def test_prices_without_insurance_have_their_days(databases: "Databases") -> None:
    await house(databases.care)
    async with databases.care.transaction() as tx:
        await payers.set_self_pay_price(tx, payers.MESSAGING, Decimal("70.00"), date(2027, 1, 1))
        assert await payers.self_pay_price(tx, date(2026, 12, 31)) == Decimal("65.00")
        assert await payers.self_pay_price(tx, date(2027, 1, 1)) == Decimal("70.00")
        assert await payers.self_pay_price(tx, date(2019, 12, 31)) is None


async def test_reading_a_cover_is_for_the_client_and_the_office(databases: "Databases") -> None:
    found = await house(databases.care)
    me = await arrived(databases.care)
    await give_self_pay(databases.care, found, me)
    async with databases.care.transaction(me) as tx:
        mine = await relations.readable_chart(tx, me.account_id, Action.READ_COVERAGE)
        rows = await coverages.of_client(tx, mine)
        assert [row["kind"] for row in rows] == ["self_pay"]
