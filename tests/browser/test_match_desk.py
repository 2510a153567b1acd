"""The match desk in a browser: why nobody could, looked for again, asked by an offer; a waiting list at once."""

from __future__ import annotations

from arrivals import arrived, give_self_pay, house, therapist_for
from factories import account, actor
from playwright.async_api import expect

from activities.shapes.waiting_lists import AssignWaitingList
from activities.waiting_lists import WaitingListActivities
from domain.access import Role
from integrations.optimiser.min_cost_flow import MinCostFlow
from records import matches, offers, rankings
from tests.browser.checks import accessible, arrives
from tests.browser.clinic import Clinic


async def waits_for_us(clinic: Clinic, count: int) -> list[str]:
    """Codes of clients whom nobody could take."""
    found = await house(clinic.databases.care)
    await therapist_for(clinic.databases.care, found, states=("TX",))
    async with clinic.databases.care.transaction() as tx:
        await tx.run("UPDATE therapists SET capacity = 0")
    codes = []
    for _ in range(count):
        me = await arrived(clinic.databases.care)
        await give_self_pay(clinic.databases.care, found, me)
        async with clinic.worker.transaction() as tx:
            match = await matches.newest(tx, me.account_id)
            assert match is not None
            await rankings.rank_candidates(tx, match["id"])
            row = await tx.one("SELECT code FROM clients WHERE id = %s", (me.account_id,))
        assert row is not None
        codes.append(row["code"])
    await therapist_for(clinic.databases.care, found, places=2)
    return codes


async def worked(clinic: Clinic) -> None:
    """What the worker does for every search and run that waits for it."""
    async with clinic.worker.transaction() as tx:
        runs = await tx.all("SELECT id FROM waiting_list_runs WHERE state = 'asked'")
        rows = await tx.all("SELECT id, status FROM matches WHERE status IN ('ranking', 'offering')")
    for run in runs:
        work = WaitingListActivities(clinic.worker, MinCostFlow())
        await work.assign_waiting_list(AssignWaitingList(run["id"]))
    for row in rows:
        async with clinic.worker.transaction() as tx:
            move = rankings.rank_candidates if row["status"] == "ranking" else offers.offer_next
            await move(tx, row["id"])


async def test_the_desk_sees_why_looks_again_asks_and_assigns_all_who_wait(
    clinic: Clinic, axe_source: str
) -> None:
    first, second = await waits_for_us(clinic, 2)
    async with clinic.databases.care.transaction() as tx:
        matcher = actor(Role.SUPERVISOR, await account(tx, Role.SUPERVISOR, name="Ruth Ade"))
    page = await clinic.device(matcher, width=420)
    await page.goto(f"{clinic.address}/match-desk")
    await page.wait_for_selector("html[data-online=yes]")
    row = page.locator("tbody tr", has_text=first)
    await expect(row).to_contain_text("Nobody could when we last looked")
    await accessible(page, axe_source)
    await row.get_by_role("link").click()
    await arrives(page, "/match-desk/*")
    await expect(page.locator("#search")).to_contain_text("no licence in NY")
    await page.get_by_role("button", name="Look again").click()
    await expect(page.locator(".toast")).to_contain_text("Looking again")
    await worked(clinic)
    await page.reload()
    await expect(page.locator("#search")).to_contain_text("1 could")
    await accessible(page, axe_source)
    await page.get_by_role("button", name="Ask by an offer").click()
    await expect(page.locator(".toast")).to_contain_text("Asked by an offer")
    await worked(clinic)
    await page.goto(f"{clinic.address}/match-desk")
    await expect(page.locator("tbody tr", has_text=first)).to_contain_text("An offer is out")
    await page.get_by_role("button", name="Assign 1 who waits").click()
    await arrives(page, "/waiting-lists/*")
    await expect(page.locator("#waiting-list")).to_contain_text("Being worked out")
    await worked(clinic)
    await expect(page.locator("tbody tr", has_text=second)).to_be_visible()  # by itself
    await accessible(page, axe_source)
    async with page.expect_download() as download:
        await page.get_by_role("link", name="CSV").click()
    assert (await download.value).suggested_filename.endswith(".csv")
    await page.get_by_role("button", name="Ask those chosen").click()
    await expect(page.locator("tbody tr", has_text=second)).to_contain_text("Somebody is asked")
