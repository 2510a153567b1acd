"""Figures and trials as a supervisor sees them: by keys, on a phone, without script; the file says the same."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime, timedelta

import pytest
from factories import account, actor
from playwright.async_api import Page, expect
from promises import promise, quiet_room

from domain.access import Actor, Role
from domain.zones import zone
from tests.browser.checks import accessible, arrives
from tests.browser.clinic import Clinic

HOUR = timedelta(hours=1)
MONDAY = datetime(2026, 3, 2, 15, tzinfo=UTC)
MARCH = "from=2026-03-01&to=2026-03-31"


async def supervisor(clinic: Clinic) -> Actor:
    """Somebody who watches over the promises."""
    async with clinic.databases.care.transaction() as tx:
        return actor(Role.SUPERVISOR, await account(tx, Role.SUPERVISOR, name="Ruth Ade"))


async def march(clinic: Clinic) -> None:
    """Thirty items of one therapist, one late; two of another, one of them still open."""
    mei = await quiet_room(clinic.databases.care, name="Mei Lin", team="East")
    rafael = await quiet_room(clinic.databases.care, name="Rafael Ortiz", team="West")
    async with clinic.databases.care.transaction() as tx:
        for n in range(29):
            await promise(tx, mei, MONDAY + n * 12 * HOUR, after=3 * HOUR)
        await promise(tx, mei, MONDAY, state="late", after=9 * HOUR)
        await promise(tx, rafael, MONDAY, after=3 * HOUR)
        await promise(tx, rafael, MONDAY + HOUR, state="running", after=None)


async def opened(clinic: Clinic, path: str, width: int = 1280, *, scripts: bool = True) -> Page:
    """A supervisor's device on this page."""
    page = await clinic.device(await supervisor(clinic), width, scripts=scripts)
    await page.goto(f"{clinic.address}{path}")
    return page


async def test_figures_are_shown_told_apart_and_taken_along(clinic: Clinic, axe_source: str) -> None:
    await march(clinic)
    page = await opened(clinic, "/board")
    await page.get_by_role("link", name="Figures").click()
    await arrives(page, "/figures")
    await page.fill("[name=from]", "2026-03-01")
    await page.fill("[name=to]", "2026-03-31")
    await page.get_by_role("button", name="Show").click()
    await expect(page.locator(".totals")).to_contain_text("93.8%")
    await expect(page.locator(".totals")).to_contain_text("of 32;")
    await expect(page.locator("svg[role=img] .point")).to_have_count(3)
    rows = page.locator("tbody tr[data-row]")
    await expect(rows).to_have_count(2)
    await expect(rows.nth(0)).to_contain_text(re.compile(r"Mei Lin\s*1\s*30\s*96.7%"))
    await expect(page.locator("tr.divider")).to_contain_text(
        "Fewer than 30 items that count: shown, not ranked."
    )
    await expect(rows.nth(1)).to_contain_text("not reached")
    await accessible(page, axe_source)
    async with page.expect_download() as downloading:
        await page.get_by_role("link", name="CSV").click()
    text = (await (await downloading.value).path()).read_text(encoding="utf-8-sig")
    told = [
        row for row in csv.reader(io.StringIO(text)) if row and row[0] in ("Mei Lin", "Rafael Ortiz", "Total")
    ]
    assert [row[:4] for row in told[:2]] == [
        ["Mei Lin", "1", "30", "96.7%"],
        ["Rafael Ortiz", "", "2", "50.0%"],
    ]
    cells = "rows => rows.map((row) => [...row.cells].slice(0, 4).map((cell) => cell.innerText.trim()))"
    assert await rows.evaluate_all(cells) == [row[:4] for row in told[:2]]
    for name, first in (
        ("Week", "2026-W09"),
        ("Team", "East"),
        ("Policy", "Next response"),
        ("Together", "All"),
    ):
        await page.get_by_role("navigation", name="Told apart by").get_by_role("link", name=name).click()
        await expect(page.locator("tbody th").first).to_have_text(first)
        assert MARCH in page.url
    await page.click("summary:has-text('What each figure means')")
    await expect(page.locator("details")).to_contain_text("longer than anything seen so far")
    await accessible(page, axe_source)


async def test_rows_and_tabs_are_reached_by_keys(clinic: Clinic) -> None:
    await march(clinic)
    page = await opened(clinic, f"/figures?{MARCH}")
    await page.wait_for_selector("html.js")
    await page.keyboard.press("j")
    await page.keyboard.press("j")
    assert await page.evaluate("() => document.activeElement.innerText.startsWith('Rafael')")
    await page.get_by_role("link", name="Week").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator(".tabs [aria-current]")).to_have_text("Week")


@pytest.mark.parametrize(
    "path", ["/figures", f"/figures?{MARCH}", f"/figures/back-test?{MARCH}&policy=own&minutes=60"]
)
async def test_a_small_phone_without_script_shows_it_all(clinic: Clinic, path: str) -> None:
    await march(clinic)
    page = await opened(clinic, path, 320, scripts=False)
    assert await page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    await page.fill("[name=from]", "2026-03-10")
    await page.get_by_role("button", name=re.compile("Show|Try it")).click()
    await expect(page.locator("[name=from]")).to_have_value("2026-03-10")
    await expect(page.locator("main h2, main .totals, main table").first).to_be_visible()


async def test_days_without_items_say_so_and_wrong_days_are_named(clinic: Clinic, axe_source: str) -> None:
    page = await opened(clinic, "/figures?from=2020-01-01&to=2020-02-01")
    await expect(page.locator(".empty")).to_contain_text("Nothing was opened in these days")
    await accessible(page, axe_source)
    await page.goto(f"{clinic.address}/figures?from=2026-03-02&to=2026-03-01")
    await expect(page.locator(".error")).to_contain_text("The first day has to come before the last one.")
    await page.goto(f"{clinic.address}/figures?from=yesterday&to=2026-03-01")
    await expect(page.locator(".error")).to_contain_text("Give the day as year-month-day.")
    await accessible(page, axe_source)


async def test_another_policy_is_tried_on_the_past(clinic: Clinic, axe_source: str) -> None:
    await march(clinic)
    page = await opened(clinic, f"/figures?{MARCH}")
    await page.get_by_role("link", name="Try another policy").click()
    await arrives(page, "/figures/back-test")
    await accessible(page, axe_source)
    await page.fill("[name=from]", "2026-03-01")
    await page.fill("[name=to]", "2026-03-31")
    await page.get_by_role("button", name="Try it").click()
    await expect(page.locator(".error")).to_contain_text("Choose a policy, or a therapist")
    await page.select_option("[name=policy]", "own")
    await page.fill("[name=minutes]", "120")
    await page.get_by_role("button", name="Try it").click()
    await expect(page.locator("figcaption b")).to_have_text(
        "93.8% on time as it was, 0.0% as tried: 0 newly kept, 30 newly broken"
    )
    await expect(page.locator("tbody tr")).to_have_count(2)
    await expect(page.locator("main")).to_contain_text("Answers arrive when they did")
    await accessible(page, axe_source)
    async with page.expect_download() as downloading:
        await page.get_by_role("link", name="CSV").click()
    text = (await (await downloading.value).path()).read_text(encoding="utf-8-sig")
    assert "Tried: policy own (120 open minutes)." in text
    assert "Mei Lin,30,96.7%,0.0%,-96.7,0,29,1,30,30,30,8:00,2:00" in text
    await page.select_option("[name=policy]", "")
    await page.select_option("[name=who]", label="Mei Lin")
    await page.fill("[name=leave_from]", "2026-03-02")
    await page.fill("[name=leave_to]", "2026-03-04")
    await page.get_by_role("button", name="Try it").click()
    await expect(page.locator("figcaption b")).to_contain_text("96.9% as tried: 1 newly kept, 0 newly broken")
    await page.fill("[name=leave_to]", "2026-03-01")
    await page.get_by_role("button", name="Try it").click()
    await expect(page.locator(".error").last).to_contain_text("It has to end after it begins.")


async def test_only_supervisors_open_them(clinic: Clinic) -> None:
    for who in (clinic.room.client, clinic.room.therapist):
        page = await clinic.device(who)
        for path in ("/figures", "/figures?format=csv", "/figures/back-test"):
            answer = await page.goto(f"{clinic.address}{path}")
            assert answer is not None
            assert answer.status == 403, path


async def test_a_policy_is_tried_on_last_month_from_its_page(clinic: Clinic) -> None:
    where = await quiet_room(clinic.databases.care)
    last_month = datetime.now(zone("America/New_York")).replace(day=1) - timedelta(days=5)
    async with clinic.databases.care.transaction() as tx:
        await promise(tx, where, last_month, after=6 * HOUR)
    page = await opened(clinic, "/policies/first_response")
    await page.get_by_role("link", name="Try it on last month").click()
    await arrives(page, "/figures/back-test")
    await expect(page.locator("figcaption b")).to_contain_text("100.0% on time as it was, 0.0% as tried")
    await expect(page.locator("[name=policy]")).to_have_value("first_response")
