"""The board in a browser, by keyboard alone: choose, look before and after, move, take back; live rows; saved views."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from factories import Room, account, actor, room, therapist
from playwright.async_api import Page, expect

from domain.access import Actor, Role
from records.clocks import tell_clock
from tests.browser.checks import accessible, arrives
from tests.browser.clinic import Clinic


async def supervisor(clinic: Clinic) -> Actor:
    """Somebody who watches the board."""
    async with clinic.databases.care.transaction() as tx:
        return actor(Role.SUPERVISOR, await account(tx, Role.SUPERVISOR, name="Ruth Ade"))


async def known(clinic: Clinic, where: Room, code: str, name: str, due: timedelta) -> None:
    """A room whose client and therapist have names to look for, due then."""
    async with clinic.databases.care.transaction() as tx:
        await tx.run("UPDATE clients SET code = %s WHERE id = %s", (code, where.client.account_id))
        await tx.run(
            "UPDATE accounts SET display_name = %s WHERE id = %s", (name, where.therapist.account_id)
        )
        await tx.run(
            "UPDATE response_clocks SET due_at = %s WHERE room_id = %s", (datetime.now(UTC) + due, where.id)
        )


async def three_rooms(clinic: Clinic) -> tuple[Room, ...]:
    """Three rooms in order of their due times, and one who can take them."""
    rooms = (clinic.room, await room(clinic.databases.care), await room(clinic.databases.care))
    for place, where in enumerate(rooms):
        await known(clinic, where, f"K-10{place}", f"Mei Lin {place}", timedelta(hours=place + 1))
    async with clinic.databases.care.transaction() as tx:
        able = await therapist(tx, always=False)
        await tx.run("UPDATE accounts SET display_name = 'Ada Boateng' WHERE id = %s", (able,))
        await tx.run("UPDATE therapists SET capacity = 0 WHERE id <> %s", (able,))
        await tx.run("UPDATE clients SET state = 'TX' WHERE id = %s", (rooms[1].client.account_id,))
    return rooms


async def shows(page: Page, *codes: str) -> None:
    """These client codes from top to bottom."""
    await expect(page.locator("tbody th")).to_have_text(codes)


async def test_by_keyboard_rooms_are_chosen_looked_at_moved_and_taken_back(
    clinic: Clinic, axe_source: str
) -> None:
    await three_rooms(clinic)
    page = await clinic.device(await supervisor(clinic))
    await page.goto(f"{clinic.address}/board")
    await page.wait_for_selector("html[data-online=yes]")
    await shows(page, "K-100", "K-101", "K-102")
    await page.keyboard.press("j")
    await page.keyboard.press("x")
    await page.keyboard.press("j")
    await page.keyboard.press("x")
    await expect(page.locator("[data-chosen-count]")).to_have_text("2 rows chosen")
    await accessible(page, axe_source)
    await page.keyboard.press("m")
    await expect(page.locator("h1")).to_have_text("Give rooms to someone else")
    await page.locator("#therapist_id").focus()
    await page.keyboard.type("Whoever")
    await page.keyboard.press("Tab")
    await page.keyboard.type("Illness")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.locator("h1")).to_have_text("Before you move them")
    await expect(page.locator("tbody tr", has_text="K-100")).to_contain_text("Ada Boateng")
    await expect(page.locator("tbody tr", has_text="K-101")).to_contain_text("Nobody may take it")
    await accessible(page, axe_source)
    await page.get_by_role("button", name="Move 1 room").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("h1")).to_have_text("Moved, as far as it was allowed")
    await page.get_by_role("button", name="Undo").focus()
    await page.keyboard.press("Enter")
    await arrives(page, "/board")
    await expect(page.locator(".toast")).to_contain_text("Taken back")
    await expect(page.locator("tbody tr", has_text="K-100")).to_contain_text("Mei Lin 0")


async def test_the_toast_after_a_move_offers_to_undo_it(clinic: Clinic) -> None:
    await three_rooms(clinic)
    page = await clinic.device(await supervisor(clinic), scripts=False)
    await page.goto(f"{clinic.address}/board?code=K-100")
    await page.get_by_label("Choose K-100").check()
    await page.get_by_role("button", name="Give to someone else").click()
    await page.select_option("#reason", "overload")
    await page.get_by_role("button", name="Show before and after").click()
    await page.get_by_role("button", name="Move 1 room").click()
    await expect(page.locator(".toast")).to_contain_text("Reassigned")
    await expect(page.locator("tbody")).to_contain_text("Ada Boateng")
    await expect(page.locator("#undo")).to_contain_text("You moved 1 room")
    await page.locator(".toast").get_by_role("button", name="Undo").click()
    await expect(page.locator(".toast")).to_contain_text("Taken back")
    await expect(page.locator("#undo")).to_have_count(0)


async def test_a_new_row_appears_live_and_what_was_chosen_stays_chosen(clinic: Clinic) -> None:
    await three_rooms(clinic)
    page = await clinic.device(await supervisor(clinic))
    await page.goto(f"{clinic.address}/board")
    await page.wait_for_selector("html[data-online=yes]")
    await page.get_by_label("Choose K-101").check()
    await page.locator("tbody tr", has_text="K-102").focus()
    late = await room(clinic.databases.care)
    await known(clinic, late, "K-099", "Ines Keller", timedelta(minutes=20))
    async with clinic.front.transaction() as tx:  # announces, as a message of the client would
        await tell_clock(tx, late.id)
    await expect(page.locator("tbody tr").first).to_contain_text("K-099")
    await expect(page.get_by_label("Choose K-101")).to_be_checked()
    await expect(page.locator("[data-chosen-count]")).to_have_text("1 row chosen")
    assert await page.evaluate("() => document.activeElement.dataset.label") == "K-102"
    await page.keyboard.press("a")
    await expect(page.locator("tbody tr", has_text="K-101")).to_contain_text("seen by Ruth Ade")


async def test_a_saved_view_and_an_order_survive_a_reload_and_the_address_says_it_all(clinic: Clinic) -> None:
    await three_rooms(clinic)
    page = await clinic.device(await supervisor(clinic))
    await page.goto(f"{clinic.address}/board")
    await page.get_by_role("link", name="Client", exact=True).click()
    await page.get_by_role("link", name="Client", exact=True).click()
    await expect(page.locator("th[aria-sort=descending]")).to_contain_text("Client")
    await shows(page, "K-102", "K-101", "K-100")
    await page.fill("#code", "k-10")
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(re.compile("code=k-10"))
    await expect(page.locator("#code")).to_have_value("k-10")
    assert "sort=-client_code" in page.url
    await page.click("summary:has-text('Keep this view')")
    await page.fill("#view-name", "Tens, backwards")
    await page.get_by_role("button", name="Keep", exact=True).click()
    tab = page.locator(".tabs .saved")
    await expect(tab).to_have_text("Tens, backwards")
    await page.goto(f"{clinic.address}/board")
    await page.reload()
    await tab.click()
    await expect(tab).to_have_attribute("aria-current", "true")
    await shows(page, "K-102", "K-101", "K-100")
    await page.click("summary:has-text('Keep this view')")
    await page.get_by_role("button", name="Delete “Tens, backwards”").click()
    await expect(tab).to_have_count(0)


async def test_review_and_load_are_accessible_and_fit_a_small_phone(clinic: Clinic, axe_source: str) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=2)
    late = await room(clinic.databases.care, at=long_ago)
    async with clinic.databases.care.transaction() as tx:
        await tx.run(
            "INSERT INTO clock_breaches (clock_id, room_id, breached_at, recorded_at)"
            " SELECT id, room_id, due_at, due_at FROM response_clocks WHERE room_id = %s",
            (late.id,),
        )
        await tx.run(
            "UPDATE response_clocks SET held = 'no_capacity', due_at = NULL WHERE room_id = %s",
            (clinic.room.id,),
        )
    watcher = await supervisor(clinic)
    page = await clinic.device(watcher)
    await page.goto(f"{clinic.address}/board/breaches")
    await accessible(page, axe_source)
    await page.select_option("[name=reason]", "absence_without_cover")
    await page.fill("[name=note]", "Nobody was asked to cover.")
    await page.get_by_role("button", name="Keep").click()
    await expect(page.locator(".empty")).to_contain_text("Nothing to look at")
    await page.get_by_role("link", name="Looked at").click()
    await expect(page.locator("article")).to_contain_text("Nobody was asked to cover.")
    await page.goto(f"{clinic.address}/board/load")
    await expect(page.locator("#gaps-title")).to_have_text("Rooms with nobody there")
    await accessible(page, axe_source)
    phone = await clinic.device(watcher, 320)
    for path in ("/board", "/board/breaches", "/board/load"):
        await phone.goto(f"{clinic.address}{path}")
        assert not await phone.evaluate("() => document.documentElement.scrollWidth > innerWidth"), path
