"""The bell and the page of notices in a browser: live, by keyboard, without scripts, on a small phone."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from factories import account, actor
from playwright.async_api import Page, expect

from domain.access import Actor, Role
from records.notices import notify
from tests.browser.checks import accessible, arrives, in_scheme
from tests.browser.clinic import Clinic

LATE = "The answer you wait for is late. See what happens next."
ASKED = "A few questions wait for you."


async def tell(clinic: Clinic, who: Actor, template: str, room_id: UUID | None = None) -> None:
    """As the worker tells it: committed, then announced."""
    async with clinic.worker.transaction() as tx:
        await notify(tx, who.account_id, template, uuid4(), room_id)


async def somebody(clinic: Clinic, role: Role) -> Actor:
    async with clinic.databases.care.transaction() as tx:
        return actor(role, await account(tx, role))


async def live(clinic: Clinic, who: Actor, path: str, width: int = 1280) -> Page:
    page = await clinic.device(who, width)
    await page.goto(f"{clinic.address}{path}")
    await page.wait_for_selector("html[data-online=yes]")
    return page


async def counts(page: Page, number: str) -> None:
    """The bell shows it, and says it; nothing is shown for none."""
    shown = page.locator("#bell .count")
    if not number:
        await expect(shown).to_have_count(0)
        return
    await expect(shown).to_have_text(number)
    await expect(page.get_by_role("link", name=f"Notices, {number} unread")).to_be_visible()


async def test_the_bell_counts_up_live_and_down_on_every_device(clinic: Clinic) -> None:
    me, room_id = clinic.room.client, clinic.room.id
    room = await live(clinic, me, f"/rooms/{room_id}")
    await counts(room, "")
    await tell(clinic, me, "answer_is_late", room_id)
    await counts(room, "1")
    await tell(clinic, me, "check_in_asked", room_id)
    await counts(room, "2")
    phone = await live(clinic, me, "/notices", 320)
    await expect(phone.locator(".told .unread")).to_have_count(2)
    await phone.get_by_role("button", name=ASKED).click()
    await arrives(phone, f"/rooms/{room_id}/goals")
    await counts(phone, "1")
    await counts(room, "1")


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.BILLING, Role.ADMINISTRATOR])
async def test_everybody_has_a_bell(clinic: Clinic, role: Role) -> None:
    who = await somebody(clinic, role)
    page = await live(clinic, who, "/notices")
    await expect(page.locator("main")).to_contain_text("Nothing yet")
    await tell(clinic, who, "batch_refused")
    await counts(page, "1")
    await expect(page.locator(".told .unread")).to_have_count(1)
    await expect(page.locator("#bell a")).to_have_attribute("aria-current", "page")


@pytest.mark.parametrize("scripts", [True, False])
async def test_a_notice_is_opened_and_all_are_marked(clinic: Clinic, scripts: bool) -> None:
    me, room_id = clinic.room.client, clinic.room.id
    await tell(clinic, me, "check_in_asked", room_id)
    await tell(clinic, me, "answer_is_late", room_id)
    page = await clinic.device(me, 360, scripts=scripts)
    await page.goto(f"{clinic.address}/notices")
    await expect(page.locator("h2").first).to_have_text("Today")
    await expect(page.locator(".told button")).to_have_count(2)
    await page.get_by_role("button", name=LATE).click()
    await arrives(page, f"/rooms/{room_id}")
    await page.goto(f"{clinic.address}/notices?unread=true")
    await expect(page.locator(".told li")).to_have_count(1)
    await page.get_by_role("button", name="Mark all as read").click()
    await arrives(page, "/notices")
    await counts(page, "")
    await expect(page.locator(".told a")).to_have_count(2)  # read, and still there
    await expect(page.get_by_role("button", name="Mark all as read")).to_have_count(0)
    await page.get_by_role("link", name=LATE).click()
    await arrives(page, f"/rooms/{room_id}")
    await page.goto(f"{clinic.address}/notices?unread=true")
    await expect(page.locator("main")).to_contain_text("You have read all that you were told.")


async def test_what_comes_in_while_one_reads_stays_unread(clinic: Clinic) -> None:
    me, room_id = clinic.room.client, clinic.room.id
    await tell(clinic, me, "check_in_asked", room_id)
    page = await clinic.device(me, scripts=False)
    await page.goto(f"{clinic.address}/notices")
    await tell(clinic, me, "answer_is_late", room_id)
    await page.get_by_role("button", name="Mark all as read").click()
    await arrives(page, "/notices")
    await expect(page.locator(".told .unread")).to_have_count(1)
    await expect(page.locator(".told .unread")).to_contain_text(LATE)


async def test_all_of_it_goes_by_keyboard(clinic: Clinic) -> None:
    me, room_id = clinic.room.client, clinic.room.id
    await tell(clinic, me, "check_in_asked", room_id)
    await tell(clinic, me, "answer_is_late", room_id)
    page = await live(clinic, me, f"/rooms/{room_id}/access")
    await page.locator("#bell a").focus()
    await page.keyboard.press("Enter")
    await arrives(page, "/notices")
    await page.wait_for_selector("html[data-online=yes]")
    await page.keyboard.press("j")
    await page.keyboard.press("j")
    await expect(page.locator(".told button", has_text=ASKED)).to_be_focused()
    await tell(clinic, me, "room_held", room_id)
    await expect(page.locator(".told .unread")).to_have_count(3)
    await expect(page.locator(".told button", has_text=ASKED)).to_be_focused()  # what comes in moves no focus
    await page.keyboard.press("Enter")
    await arrives(page, f"/rooms/{room_id}/goals")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_page_is_accessible_and_fits_the_smallest_phone(
    clinic: Clinic, axe_source: str, scheme: str
) -> None:
    me, room_id = clinic.room.client, clinic.room.id
    for template in ("answer_is_late", "check_in_asked", "cover_arranged"):
        await tell(clinic, me, template, room_id)
    page = await live(clinic, me, "/notices", 320)
    await in_scheme(page, scheme)
    await accessible(page, axe_source)
    assert not await page.evaluate("() => document.documentElement.scrollWidth > innerWidth")
    small = await page.evaluate(
        """() => [...document.querySelectorAll(".told button, #bell a, .tabs a")]
            .filter((e) => e.getBoundingClientRect().height < 36).length"""
    )
    assert small == 0
    await page.locator("#bell a").scroll_into_view_if_needed()
    await page.get_by_role("button", name=LATE).click()
    await arrives(page, f"/rooms/{room_id}")
    await page.goto(f"{clinic.address}/notices")
    await accessible(page, axe_source)
