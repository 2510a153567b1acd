"""The page that shows zeros: quiet when all is well, loud when the audit itself is silent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from factories import account, actor
from playwright.async_api import expect

from domain.access import Role
from records import clock_audits
from tests.browser.checks import accessible
from tests.browser.clinic import Clinic
from tests.browser.test_board import late_room


async def audited(clinic: Clinic, ago: timedelta, repaired: int = 0) -> None:
    """A run of the audit that long ago."""
    async with clinic.databases.worker.transaction(at=datetime.now(UTC) - ago) as tx:
        await clock_audits.record(tx, await clock_audits.look(tx), repaired)


async def test_zeros_are_shown_and_a_silent_audit_is_loud(clinic: Clinic, axe_source: str) -> None:
    async with clinic.databases.worker.transaction() as tx:
        await tx.run("UPDATE outbox SET sent_at = now()")
    async with clinic.databases.care.transaction() as tx:
        who = actor(Role.SUPERVISOR, await account(tx, Role.SUPERVISOR, name="Ruth Ade"))
    page = await clinic.device(who)
    await page.goto(f"{clinic.address}/board")
    await page.get_by_role("link", name="Checks").click()
    await expect(page.get_by_role("alert")).to_contain_text("The audit is not running. It has never looked.")
    await audited(clinic, timedelta(minutes=6), repaired=2)
    await page.reload()
    await expect(page.get_by_role("alert")).to_contain_text("It last looked 6 min")
    await expect(page.locator("figcaption")).to_contain_text("1 audit in a day, 2 repaired")
    await audited(clinic, timedelta())
    await page.reload()
    await expect(page.get_by_role("status").filter(has_text="forgotten")).to_be_visible()
    assert set(await page.locator("td.number .chip").all_inner_texts()) == {"0"}
    await accessible(page, axe_source)


async def test_a_figure_above_zero_says_what_to_do(clinic: Clinic, axe_source: str) -> None:
    await late_room(clinic)
    await audited(clinic, timedelta())
    async with clinic.databases.care.transaction() as tx:
        who = actor(Role.ADMINISTRATOR, await account(tx, Role.ADMINISTRATOR))
    page = await clinic.device(who, 390)
    await page.goto(f"{clinic.address}/board/health")
    row = page.get_by_role("row").filter(has_text="Alarms that did not ring")
    await expect(row.locator(".chip")).to_have_text("1")
    await expect(row.locator("b")).to_contain_text("The board is right all the same")
    await page.get_by_text("Show as a table").click()
    await expect(page.get_by_role("region", name="Audits by hour").get_by_role("row")).to_have_count(25)
    await accessible(page, axe_source)


async def test_running_promises_move_before_ones_eyes_and_then_it_is_over(
    clinic: Clinic, axe_source: str
) -> None:
    async with clinic.databases.care.transaction() as tx:
        who = actor(Role.SUPERVISOR, await account(tx, Role.SUPERVISOR))
        await tx.insert(
            "reprojections",
            id=who.account_id,
            reason="policy",
            policy_name="morning",
            asked_at=tx.now,
            total=10_000,
            done=3_400,
            moved=3_400,
        )
    page = await clinic.device(who, 320)
    for path in ("/board/health", "/policies"):
        await move_to(clinic, 3_400)
        await page.goto(f"{clinic.address}{path}")
        bar = page.get_by_role("progressbar")
        await expect(bar).to_have_accessible_name("Moving 3,400 of 10,000 running promises to the new policy")
        await accessible(page, axe_source)
        await move_to(clinic, 9_900)
        await expect(bar).to_have_accessible_name("Moving 9,900 of 10,000 running promises to the new policy")
        await expect(bar).to_have_attribute("value", "9900")
    await move_to(clinic, 10_000, "now()")
    await expect(bar).to_have_count(0)


async def move_to(clinic: Clinic, done: int, finished: str = "NULL") -> None:
    """The re-projection has come so far."""
    async with clinic.databases.worker.transaction() as tx:
        await tx.run(f"UPDATE reprojections SET done = %s, finished_at = {finished}", (done,))


@pytest.mark.parametrize("role", [Role.THERAPIST, Role.BILLING])
async def test_it_is_for_who_watches_over_the_clinic(clinic: Clinic, role: Role) -> None:
    async with clinic.databases.care.transaction() as tx:
        who = actor(role, await account(tx, role))
    page = await clinic.device(who)
    answer = await page.goto(f"{clinic.address}/board/health")
    assert answer is not None
    assert answer.status == 403
