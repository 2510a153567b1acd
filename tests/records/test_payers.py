"""Payers, contracts, plans and prices: from a day on, and never overwritten."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import psycopg
import pytest
from arrivals import arrived as arrives
from arrivals import contract, give_insurance, house

from domain.errors import Conflict, Invalid
from domain.insurance_plans import InsurancePlan
from domain.insured import Card
from domain.zones import date_everywhere
from records import contracts, coverages, insurance_plans, payers

if TYPE_CHECKING:
    from conftest import Databases


async def test_a_payer_changes_on_its_day_and_its_past_is_kept(databases: "Databases") -> None:
    found = await house(databases.care)
    cigna = found.payers["cigna"]
    async with databases.care.transaction() as tx:
        tomorrow = date_everywhere(tx.now) + timedelta(days=1)
        new = payers.NewPayer("cigna", "Evernorth", "62308", "CI", 120, public={"usual_cost": "30.00"})
        with pytest.raises(Invalid):
            await payers.change_payer(tx, cigna, new, tomorrow - timedelta(days=2))
        await payers.change_payer(tx, cigna, replace(new, name="Mistyped"), tomorrow)
        await payers.change_payer(tx, cigna, new, tomorrow, active=False)
        assert (await payers.find(tx, cigna))["name"] == "Cigna"
    for _ in range(2):
        async with databases.worker.transaction(at=tx.now + timedelta(days=1)) as tx:
            await payers.apply_due(tx)
    async with databases.care.transaction() as tx:
        row = await payers.find(tx, cigna)
        said = await payers.versions(tx, cigna)
        offered = [each["code"] for each in await payers.listing(tx)]
    assert (row["name"], row["filing_limit_days"], row["active"]) == ("Evernorth", 120, False)
    assert offered == ["optum"]
    assert [(each["name"], each["superseded_at"] is None) for each in said] == [
        ("Evernorth", True),
        ("Mistyped", False),
        ("Cigna", True),
    ]


async def test_today_is_over_when_it_is_over_in_every_state(databases: "Databases") -> None:
    found = await house(databases.care)
    new = payers.NewPayer("cigna", "Evernorth", "62308", "CI", 120, public={})
    evening_in_new_york = datetime(2030, 11, 23, 1, tzinfo=UTC)
    async with databases.care.transaction(at=evening_in_new_york) as tx:
        await payers.change_payer(tx, found.payers["cigna"], new, date(2030, 11, 22))
        await payers.set_self_pay_price(tx, "messaging", Decimal("71.00"), date(2030, 11, 22))
        with pytest.raises(Invalid):
            await payers.change_payer(tx, found.payers["cigna"], new, date(2030, 11, 21))


async def test_what_was_said_cannot_be_rewritten(databases: "Databases") -> None:
    await house(databases.care)
    changes = (
        "UPDATE contracts SET allowed = 1",
        "DELETE FROM contracts",
        "UPDATE self_pay_prices SET price = 1",
        "UPDATE payer_versions SET name = 'x'",
        "UPDATE contracts SET superseded_at = now(), allowed = 1",
    )
    for change in changes:
        async with await psycopg.AsyncConnection.connect(databases.owner_dsn) as owner:
            with pytest.raises(psycopg.errors.RestrictViolation):
                await owner.execute(change)


async def test_a_new_price_of_a_contract_ends_the_old_one_and_both_stay_readable(
    databases: "Databases",
) -> None:
    found = await house(databases.care)
    cigna, new_year = found.payers["cigna"], date(2027, 1, 1)
    async with databases.care.transaction() as tx:
        await contracts.add_contract(tx, cigna, contract("cigna", new_year, "50.00"))
        with pytest.raises(Conflict, match="contract_overlaps"):
            await contracts.add_contract(
                tx, cigna, replace(contract("cigna", new_year), procedure_code="99423")
            )
        standing = await payers.contract_rows(tx, cigna)
        said = await contracts.history(tx, cigna)
        await contracts.end_contract(tx, said[0]["id"], date(2027, 6, 30))
        with pytest.raises(Conflict, match="contract_ended"):
            await contracts.end_contract(tx, said[0]["id"], date(2027, 5, 31))
        last = [row.effective_to for row in await payers.contract_rows(tx, cigna)]
    assert [(row.allowed, row.effective_from, row.effective_to) for row in standing] == [
        (Decimal("45.00"), date(2020, 1, 1), date(2026, 12, 31)),
        (Decimal("50.00"), new_year, None),
    ]
    assert sum(row["superseded_at"] is not None for row in said) == 1
    assert last == [date(2026, 12, 31), date(2027, 6, 30)]


async def test_nobody_is_asked_for_another_price_than_they_were_told(databases: "Databases") -> None:
    await house(databases.care)
    async with databases.care.transaction() as tx:
        today = date_everywhere(tx.now)
        with pytest.raises(Invalid):
            await payers.set_self_pay_price(tx, "messaging", Decimal("99.00"), today - timedelta(days=1))
        for price in ("70.00", "71.00"):
            await payers.set_self_pay_price(tx, "messaging", Decimal(price), today)
        assert await payers.self_pay_price(tx, today) == Decimal("71.00")
        assert await payers.self_pay_price(tx, today - timedelta(days=1)) == Decimal("65.00")
        assert len(await payers.self_pay_prices(tx)) == 3


async def test_a_card_is_of_the_plan_its_group_names_and_stays_so_when_put_right(
    databases: "Databases",
) -> None:
    found, me = await house(databases.care), await arrives(databases.care)
    plan = InsurancePlan("students", "Student plan", date(2020, 1, 1), group_numbers=("78358",))
    async with databases.care.transaction() as tx:
        await insurance_plans.set_plan(tx, found.payers["cigna"], replace(plan, name="Mistyped"))
        await insurance_plans.set_plan(tx, found.payers["cigna"], plan)
        with pytest.raises(Invalid):
            await insurance_plans.require_plan(tx, found.payers["cigna"], "ppo")
        assert len(await insurance_plans.history(tx, found.payers["cigna"])) == 2
    coverage_id = await give_insurance(databases.care, found, me, "U1234567801")
    async with databases.care.transaction(me) as tx:
        row = await coverages.find(tx, coverage_id)
        assert row["plan"] is None
        await coverages.keep_card(tx, row, Card("U1234567801", "78358"))
        assert (await coverages.find(tx, coverage_id))["plan"] == "students"
