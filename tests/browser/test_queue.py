"""What was written without a connection: sealed on the device, sent once, in order; lost with its session, and told."""

from __future__ import annotations

import json

from playwright.async_api import Dialog, Page, expect

from tests.browser.clinic import Clinic
from tests.browser.test_rooms import write
from tests.browser.test_shell import STORED

WORDS = ["Saffron at midnight", "and then the rain"]


async def room_of(clinic: Clinic, page: Page) -> None:
    """The room, live."""
    await page.goto(f"{clinic.address}/rooms/{clinic.room.id}")
    await page.wait_for_selector("html[data-online=yes]")


async def written_offline(clinic: Clinic, page: Page) -> None:
    """Two messages that could not be sent, and are safe on the device."""
    await room_of(clinic, page)
    await page.fill("[data-text]", WORDS[0])
    await expect(page.locator("[data-saved]")).to_have_text("Draft saved")
    await page.context.set_offline(True)
    for count, words in enumerate(WORDS, 1):
        await write(page, words)
        await kept(page, count)


async def kept(page: Page, count: int) -> None:
    """So many entries lie in the queue."""
    await page.evaluate(
        """async count => {
            const { waiting } = await import(document.querySelector("script[src*='/js/app.js']").src
                .replace("app.js", "queue.js"));
            while ((await waiting()) !== count) await new Promise(requestAnimationFrame);
        }""",
        count,
    )


async def in_the_room(clinic: Clinic) -> int:
    """How many messages the server has."""
    async with clinic.databases.care.transaction() as tx:
        row = await tx.one("SELECT last_seq FROM rooms WHERE id = %s", (clinic.room.id,))
    return int(row["last_seq"]) if row else -1


async def test_what_was_written_offline_survives_its_tab_sealed_and_goes_out_once_in_order(
    clinic: Clinic,
) -> None:
    first = await clinic.device(clinic.room.client)
    await written_offline(clinic, first)
    stored = await first.evaluate(STORED)
    assert len(stored["rows"]) == 2
    said = json.dumps(stored)
    assert not any(part in said for part in ("Saffron", "midnight", "then the"))
    assert str(clinic.room.id) not in said

    await first.close()
    context = first.context
    await context.set_offline(False)
    pages = [await context.new_page() for _ in range(2)]
    for page in pages:  # both at once: one of them has the turn
        await page.goto(f"{clinic.address}/rooms/{clinic.room.id}", wait_until="commit")
    for page in pages:
        await expect(page.locator(".bubble")).to_have_text(WORDS)
        await kept(page, 0)
        await expect(page.locator("[data-text]")).to_have_value("")  # the draft of what was sent is gone, too
    await pages[0].reload()
    await expect(pages[0].locator(".bubble")).to_have_text(WORDS)
    assert await in_the_room(clinic) == 2


async def test_what_waits_is_lost_only_knowingly_and_goes_out_from_any_page(clinic: Clinic) -> None:
    page = await clinic.device(clinic.room.client)
    await written_offline(clinic, page)
    asked: list[str] = []

    async def stay(dialog: Dialog) -> None:
        asked.append(dialog.message)
        await dialog.dismiss()

    page.on("dialog", stay)
    async with page.expect_event("dialog"):
        await page.get_by_role("button", name="Sign out").click()
    await expect(page.locator(".bubble")).to_have_text(WORDS)
    await kept(page, 2)
    assert asked == ["2 messages are not sent yet and will be lost. Sign out all the same?"]
    await page.close()
    assert await in_the_room(clinic) == 0
    await page.context.set_offline(False)
    other = await page.context.new_page()
    await other.goto(f"{clinic.address}/account")
    await kept(other, 0)
    assert await in_the_room(clinic) == 2


async def test_after_another_sign_in_it_cannot_be_opened_and_that_is_said(clinic: Clinic) -> None:
    page = await clinic.device(clinic.room.client)
    await written_offline(clinic, page)
    await page.close()
    other = await clinic.device(clinic.room.therapist)
    (session,) = [each for each in await other.context.cookies() if each["name"] == "kindroom"]
    await page.context.set_offline(False)
    await page.context.add_cookies([session])  # type: ignore[list-item]
    theirs = await page.context.new_page()
    await theirs.goto(f"{clinic.address}/inbox")
    await expect(theirs.locator(".toast")).to_contain_text("2 messages that were written here")
    await kept(theirs, 0)
    assert await in_the_room(clinic) == 0
