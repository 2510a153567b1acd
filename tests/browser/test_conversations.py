"""A conversation on two devices: replies, corrections, stars, finding again, and a long way back."""

from __future__ import annotations

from uuid import uuid4

import pytest
from playwright.async_api import Page, expect

from domain.access import Actor, writable_room
from records import messages, rooms
from tests.browser.checks import accessible, arrives, in_scheme
from tests.browser.clinic import Clinic
from web.views.messages import UNOPENED


async def say(clinic: Clinic, who: Actor, *texts: str) -> None:
    """Messages that are there before anybody looks."""
    door = await rooms.door(clinic.front, who, clinic.room.id)
    room = writable_room(who, door.related)
    for text in texts:
        await messages.post(clinic.front, room, door.key, messages.NewMessage(str(uuid4()), text))


async def write(page: Page, words: str) -> None:
    """Type and send."""
    await page.fill("[data-text]", words)
    await page.click("[data-composer] button.round")


async def do(page: Page, words: str, action: str) -> None:
    """Open what can be done with a message, and choose."""
    message = page.locator(".message", has_text=words).last
    await message.hover()
    await message.locator("summary").click()
    await message.locator(f"[data-{action}]").click()


async def test_reply_correct_star_and_find_reach_the_other_device(clinic: Clinic, axe_source: str) -> None:
    await say(clinic, clinic.room.therapist, "How was the walk to the harbour?", "Take your time.")
    client = await clinic.in_room(clinic.room.client, 390)
    therapist = await clinic.in_room(clinic.room.therapist)
    # A reply quotes what it answers, here and there, and leads to it.
    await do(client, "harbour", "reply")
    await expect(client.locator("[data-answering-words]")).to_have_text("How was the walk to the harbour?")
    await write(client, "Wndy, and I was calm")
    for page in (client, therapist):
        await expect(page.locator(".message .quote .words")).to_have_text("How was the walk to the harbour?")
    await expect(client.locator("[data-answering]")).to_be_hidden()
    await therapist.click(".message .quote")
    await expect(therapist.locator("#m1")).to_be_focused()
    # A correction stands in its place on both, and shows what was there before.
    await do(client, "Wndy", "correct")
    await client.fill(".correcting textarea", "Windy, and I was calm")
    await client.click(".correcting .primary")
    for page in (client, therapist):
        await expect(page.locator("#m3 .text")).to_have_text("Windy, and I was calm")
    await therapist.click("#m3 [data-revisions]")
    await expect(therapist.locator("#m3 .revisions .text")).to_have_text("Wndy, and I was calm")
    # A star is one's own.
    await do(client, "Take your time", "star")
    await expect(client.locator("#m2 [data-starred]")).to_be_visible()
    await expect(therapist.locator("#m2 [data-starred]")).to_be_hidden()
    # The panel: by key, by words, by star; Enter leads to the message.
    await therapist.click("h1")
    await therapist.keyboard.press("/")
    await therapist.keyboard.type('calm "was the walk"')
    await therapist.keyboard.press("Enter")
    await expect(therapist.locator("[data-found]")).to_contain_text("No message has these words")
    await therapist.fill("[data-find-q]", "windy")
    await therapist.keyboard.press("Enter")
    code = await therapist.locator("h1").inner_text()
    await expect(therapist.locator("[data-found] .who")).to_contain_text(code)  # the client said it
    await therapist.fill("[data-find-q]", "HARBOUR")
    await therapist.keyboard.press("Enter")
    await expect(therapist.locator("[data-found] mark")).to_have_text(["harbour"])
    await expect(therapist.locator("[data-found] li")).to_be_focused()
    assert "harbour" not in therapist.url.casefold()
    await accessible(therapist, axe_source)
    await therapist.keyboard.press("Enter")
    await expect(therapist.locator("#m1")).to_be_focused()
    await client.click("[data-find]")
    await expect(client.locator("[data-stars] .snippet")).to_have_text(["Take your time."])
    await in_scheme(client, "dark")
    await accessible(client, axe_source)
    await client.click("[data-stars] a")
    await expect(client.locator("#m2")).to_be_focused()
    # By keys alone: to the message before, its star off.
    await client.keyboard.press("s")
    await expect(client.locator("#m2 [data-starred]")).to_be_hidden()


async def test_what_cannot_be_opened_is_told_in_its_place_and_the_conversation_goes_on(
    clinic: Clinic,
) -> None:
    await say(clinic, clinic.room.client, "The harbour", "The mountain")
    async with clinic.front.transaction(clinic.room.client) as tx:
        await tx.run("UPDATE messages SET body = overlay(body PLACING '\\x00' FROM 30) WHERE seq = 1")
    client = await clinic.in_room(clinic.room.client)
    therapist = await clinic.in_room(clinic.room.therapist)
    for page in (client, therapist):
        await expect(page.locator("#m1 .text")).to_have_text(UNOPENED)
        await expect(page.locator("#m2 .text")).to_have_text("The mountain")
    await expect(client.locator("#m1 [data-correct]")).to_have_count(0)
    # A reply to it is drawn by the script: what it quotes is told the same way.
    await do(therapist, "cannot be opened", "reply")
    await write(therapist, "I cannot see your first message.")
    for page in (client, therapist):
        await expect(page.locator("#m3 .quote .words")).to_have_text(UNOPENED)
    # And what looks through the room says that it could not look there.
    await therapist.click("[data-find]")
    await therapist.fill("[data-find-q]", "mountain")
    await therapist.keyboard.press("Enter")
    await expect(therapist.locator("[data-found] .snippet")).to_have_text(["The mountain", UNOPENED])


async def test_a_long_room_is_paged_both_ways_and_never_whole_in_the_page(clinic: Clinic) -> None:
    await say(clinic, clinic.room.client, *(f"Line {n} of many" for n in range(1, 341)))
    page = await clinic.in_room(clinic.room.client, 390)
    first, last = page.locator('.message[data-seq]:not([data-seq=""])').first, page.locator(".message").last
    await expect(last).to_have_attribute("data-seq", "340")
    # A selector is waited for first: a look of expect that fails lists the whole page, seconds in so long a room.
    for seq in (241, 191, 141, 91):
        await page.locator("[data-scroll]").evaluate("(room) => { room.scrollTop = 0; }")
        await page.wait_for_selector(f"#m{seq}", state="attached")
        await expect(first).to_have_attribute("data-seq", str(seq))
    assert await page.locator(".message[data-seq]").count() <= 250
    await expect(page.locator("[data-jump]")).to_be_visible()
    # While one is far back, what comes is told, not shown; what one writes is at the end.
    therapist = await clinic.in_room(clinic.room.therapist)
    await write(therapist, "I read all of it.")
    await expect(therapist.locator(".message.mine .receipt")).to_have_text("· Sent")
    await page.click("[data-find]")
    await page.fill("[data-find-q]", '"line 12 of"')
    await page.keyboard.press("Enter")
    await page.click("[data-found] a")
    await page.wait_for_selector("#m12:focus")
    await expect(page.locator("#m12")).to_be_in_viewport()
    await page.locator("#m61").scroll_into_view_if_needed()
    await page.wait_for_selector("#m111", state="attached")
    await expect(page.locator("#m61")).to_be_in_viewport()
    await write(page, "And I am here again.")
    await expect(page.locator(".message").last.locator(".text")).to_have_text("And I am here again.")
    await expect(page.locator(".message .text", has_text="I read all of it.")).to_be_in_viewport()
    await expect(page.locator(".message.mine .receipt").last).to_contain_text("Sent")
    # A day by its date: today all of it was written.
    await page.click("[data-find]")
    await page.fill("#find-at", await page.get_attribute("#find-at", "max") or "")
    await page.press("#find-at", "Enter")
    await page.wait_for_selector("#m1:focus")
    await expect(page.locator("[data-day]")).to_have_count(1)


async def test_all_of_it_works_without_a_script(clinic: Clinic) -> None:
    await say(clinic, clinic.room.therapist, "What helped?")
    await say(clinic, clinic.room.client, *(f"Line {n}" for n in range(2, 60)))
    page = await clinic.device(clinic.room.client, 390, scripts=False)
    await page.goto(f"{clinic.address}/rooms/{clinic.room.id}")
    await expect(page.locator(".bubble")).to_have_count(50)
    await page.click("[data-earlier] a")
    await expect(page.locator("#m1 .text")).to_have_text("What helped?")
    await page.click("#m1 summary")
    await page.click("#m1 [data-reply]")
    await expect(page.locator("[data-answering-words]")).to_have_text("What helped?")
    await page.fill("[name=text]", "The walk")
    await page.click("[data-composer] button.round")
    await expect(page.locator("#m60 .quote .words")).to_have_text("What helped?")
    await page.click("#m60 summary")
    await page.click("#m60 [data-star]")
    await expect(page.locator("#m60 [data-starred]")).to_be_visible()
    await page.click("#m60 summary")
    await page.click("#m60 [data-correct]")
    await page.fill("[name=text]", "The walk, and the sea")
    await page.click("button.primary")
    await expect(page.locator("#m60 .text")).to_have_text("The walk, and the sea")
    await page.click("#m60 [data-revisions]")
    await expect(page.locator(".revisions .text")).to_have_text("The walk")
    await page.goto(f"{clinic.address}/rooms/{clinic.room.id}/find")
    await expect(page.locator(".found .snippet")).to_have_text(["The walk, and the sea"])
    await page.fill("[name=q]", "SEA walk")
    await page.click("[data-find-form] button")
    await arrives(page, "/rooms/*/find")
    await expect(page.locator("[data-found] mark")).to_have_text(["walk", "sea"])
    await page.click("[data-found] a")
    await expect(page.locator("#m60")).to_be_in_viewport()


@pytest.mark.parametrize("width", [320])
async def test_a_therapist_on_a_phone_has_the_record_in_a_tab(
    clinic: Clinic, axe_source: str, width: int
) -> None:
    page = await clinic.in_room(clinic.room.therapist, width)
    await expect(page.locator("#record")).to_be_hidden()
    await page.click("text=Record")
    await expect(page.locator("#record")).to_be_visible()
    await expect(page.locator("kind-room")).to_be_hidden()
    await accessible(page, axe_source)
    await page.click(".back a")
    await expect(page.locator("kind-room")).to_be_visible()
