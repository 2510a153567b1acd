"""When a plan year begins, what was told of a deductible is old: the payer is asked anew, and the client knows."""

from datetime import date, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from arrivals import house
from insured import ACTIVE, Insured, insured

from api.coverage_words import reasons
from domain.insurance_plans import InsurancePlan
from records import coverages, insurance_plans, plan_years

if TYPE_CHECKING:
    from conftest import Databases


async def said(one: Insured) -> list[str | None]:
    async with one.clock.transaction() as tx:
        return [each.code for each in await reasons(tx, await coverages.find(tx, one.coverage_id))]


@pytest.mark.parametrize("by_plan", [False, True])
async def test_the_payer_is_asked_on_the_first_day_of_the_plan_year(
    databases: "Databases", by_plan: bool
) -> None:
    found = await house(databases.care)
    one = await insured(databases, found)
    await one.answered(ACTIVE)
    async with one.clock.transaction() as tx:
        today = await coverages.local_date(tx, one.me.account_id)
    turns = _two_days_on(today)
    async with databases.care.transaction() as tx:
        await tx.insert(
            "policies",
            id=uuid4(),
            kind="verification",
            name="recheck",
            definition={"each_month": False},
            effective_from=tx.now - timedelta(days=9),
        )
        payers_own = f"{turns:%m-%d}" if not by_plan else f"{today + timedelta(days=60):%m}-05"
        await tx.run(
            "UPDATE payers SET settings = settings || jsonb_build_object('plan_year_from', %s::text)",
            (payers_own,),
        )
        if by_plan:
            plan = InsurancePlan("own", "Own", date(2020, 1, 1), None, ("1",), (), (turns.month, turns.day))
            await insurance_plans.set_plan(tx, found.payers["cigna"], plan)
            await tx.run("UPDATE coverages SET plan = 'own'")
    assert await one.rechecked() == 0
    assert await said(one) == ["plan_active"]
    one.clock.passes(turns - today + timedelta(hours=2))  # a clock may go back in between
    assert await said(one) == ["plan_active", "plan_year_began"]
    async with one.clock.transaction() as tx:
        assert await plan_years.turned(tx, one.coverage_id) == turns
    assert await one.rechecked() == 1
    assert await said(one) == ["plan_active", "plan_year_began", "asked_again"]
    await one.answered(ACTIVE)
    assert await said(one) == ["plan_active"]
    assert await one.rechecked() == 0


def _two_days_on(today: date) -> date:
    """No plan year begins on 29 February."""
    turns = today + timedelta(days=2)
    return turns + timedelta(days=1) if (turns.month, turns.day) == (2, 29) else turns
