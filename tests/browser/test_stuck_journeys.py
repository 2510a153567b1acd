"""Those who wait on the way into care: by keyboard, live as rungs are climbed, and without script on a small screen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from factories import account, actor, therapist
from playwright.async_api import expect
from waits import waiting_client

from activities.journeys import JourneyActivities
from domain.access import Role
from domain.stages import Wait
from tests.browser.checks import accessible
from tests.browser.clinic import Clinic


async def test_a_supervisor_works_the_list_by_keyboard_and_sees_it_move(
    clinic: Clinic, axe_source: str
) -> None:
    since = datetime.now(UTC) - timedelta(days=4)
    care = clinic.databases.care
    async with care.transaction(at=since) as tx:
        ruth = actor(Role.SUPERVISOR, await account(tx, Role.SUPERVISOR, name="Ruth Ade"))
        asked = await therapist(tx)
    clients = [await waiting_client(care, wait, asked, since) for wait in (Wait.INTAKE, Wait.COVERAGE_REVIEW)]
    page = await clinic.device(ruth)
    await page.goto(f"{clinic.address}/board")
    await page.get_by_role("link", name="On the way").click()
    await expect(page.locator("h1")).to_have_text("Who waits on the way into care")
    await page.wait_for_selector("html[data-online=yes]")
    await expect(page.locator("tbody tr")).to_have_count(2)
    await accessible(page, axe_source)

    await page.get_by_role("link", name="Billing office").click()
    await expect(page.locator("tbody tr")).to_have_count(1)
    await page.wait_for_selector("html[data-online=yes]")
    await page.keyboard.press("j")
    await expect(page.locator("tbody tr")).to_be_focused()
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("button", name="Take it")).to_be_focused()
    await page.keyboard.press("Enter")
    row = page.locator(f"#journey-{clients[1]}")
    await expect(row).to_contain_text("Yours")
    assert "owner=billing" in page.url
    await page.wait_for_selector("html[data-online=yes]")

    await expect(row).not_to_contain_text("Ruth Ade")
    assert await JourneyActivities(clinic.worker).climb_missed_ladders() == 2
    await expect(row).to_contain_text("Ruth Ade")  # told, and the page heard of it
    await expect(row).to_contain_text("Everybody was told.")

    small = await clinic.device(ruth, 320, scripts=False)
    await small.goto(f"{clinic.address}/board/journeys")
    await small.locator("#stage").select_option("intake")
    await small.get_by_role("button", name="Show", exact=True).click()
    await expect(small.locator("tbody tr")).to_have_count(1)
    await small.get_by_role("button", name="Remind").click()
    await expect(small.get_by_role("status").filter(has_text="Reminded.")).to_be_visible()
    await expect(small.get_by_role("button", name="Remind")).to_have_count(0)
    width = await small.evaluate("() => document.documentElement.scrollWidth")
    assert width <= 320
