"""A room in two browsers, on a real database and the real event stream."""

from __future__ import annotations

from uuid import uuid4

from factories import account
from playwright.async_api import Page, Route, expect

from domain.access import Actor, Role
from tests.browser.checks import arrives
from tests.browser.clinic import Clinic


async def write(page: Page, words: str) -> None:
    """Type and send."""
    await page.fill("[data-text]", words)
    await page.click("[data-composer] button.round")


async def test_a_message_reaches_the_other_ones_screen_and_is_marked_read(clinic: Clinic) -> None:
    client = await clinic.in_room(clinic.room.client, 390)
    therapist = await clinic.in_room(clinic.room.therapist)
    await write(therapist, "Welcome. What brings you here?")
    await expect(client.locator(".bubble")).to_have_text(["Welcome. What brings you here?"])
    await write(client, "I cannot sleep.")
    await expect(therapist.locator(".bubble")).to_have_text(
        ["Welcome. What brings you here?", "I cannot sleep."]
    )
    await expect(client.locator(".message.mine .receipt").last).to_have_text("· Read")


async def test_the_promise_is_shown_as_soon_as_it_runs_and_gone_when_it_is_kept(clinic: Clinic) -> None:
    client = await clinic.in_room(clinic.room.client)
    therapist = await clinic.in_room(clinic.room.therapist)
    await write(therapist, "Welcome")
    await expect(client.locator("#promise")).to_have_attribute("data-promise", "none")
    await write(client, "Are you there?")
    await expect(client.locator("#promise")).to_have_attribute("data-promise", "running")
    await expect(client.locator("#promise")).to_contain_text("replies by")
    await expect(therapist.locator("#promise")).to_contain_text("by")
    await write(therapist, "Yes, here I am.")
    await expect(client.locator("#promise")).to_have_attribute("data-promise", "none")


async def test_a_second_device_catches_up_without_a_gap_or_a_double(clinic: Clinic) -> None:
    phone = await clinic.in_room(clinic.room.client, 390)
    desk = await clinic.in_room(clinic.room.client)
    words = [f"Line {number}" for number in range(1, 8)]
    await phone.context.set_offline(True)
    for line in words:
        await write(desk, line)
    await expect(desk.locator(".bubble")).to_have_text(words)
    await phone.context.set_offline(False)
    await expect(phone.locator(".bubble")).to_have_text(words)


async def test_what_could_not_be_sent_is_kept_and_sent_once_with_its_first_key(clinic: Clinic) -> None:
    page = await clinic.in_room(clinic.room.client)
    keys: list[str] = []

    async def cut(route: Route) -> None:
        if route.request.method != "POST":
            await route.continue_()
            return
        keys.append(route.request.headers["idempotency-key"])
        if len(keys) == 1:
            # The answer is lost after the server has written: the worst moment for a line to break.
            await route.fetch()
            await route.abort()
            return
        await route.continue_()

    await page.route("**/messages", cut)
    await write(page, "Only once, please.")
    await expect(page.locator(".message.mine .receipt")).to_have_text("· Sent")
    await expect(page.locator(".bubble")).to_have_text(["Only once, please."])
    assert len(keys) == 2
    assert keys[0] == keys[1]
    await page.reload()
    await expect(page.locator(".bubble")).to_have_text(["Only once, please."])


async def test_a_message_that_fails_says_so_keeps_its_words_and_goes_out_when_asked(clinic: Clinic) -> None:
    page = await clinic.in_room(clinic.room.client)
    # Not before ten minutes would it be tried again by itself.
    busy = {"status": 503, "headers": {"Retry-After": "600"}, "body": "{}"}
    await page.route("**/messages", lambda route: route.fulfill(**busy))
    await write(page, "Hold on to this.")
    await expect(page.locator(".message.failed .receipt")).to_contain_text("Your words are kept")
    await page.unroute("**/messages")
    await page.click(".retry")
    await expect(page.locator(".message.mine .receipt")).to_have_text("· Sent")
    await expect(page.locator(".bubble")).to_have_text(["Hold on to this."])


async def test_a_killed_tab_gives_its_draft_back(clinic: Clinic) -> None:
    page = await clinic.in_room(clinic.room.client)
    await page.fill("[data-text]", "I wanted to say")
    await expect(page.locator("[data-saved]")).to_have_text("Draft saved")
    await page.close()
    again = await clinic.in_room(clinic.room.client)
    assert await again.input_value("[data-text]") == "I wanted to say"
    gone = {"text": ""}  # the draft
    async with again.expect_response(lambda answer: answer.request.post_data_json == gone):
        await write(again, "I wanted to say it.")
    await expect(again.locator(".receipt").last).to_have_text("· Sent")
    await expect(again.locator("[data-saved]")).to_have_text("")
    third = await clinic.in_room(clinic.room.client)
    assert await third.input_value("[data-text]") == ""


async def test_markup_in_a_message_stays_text_on_both_sides(clinic: Clinic) -> None:
    client = await clinic.in_room(clinic.room.client)
    therapist = await clinic.in_room(clinic.room.therapist)
    words = "<img src=x onerror=\"document.title='owned'\"><b>bold</b>"
    await write(client, words)
    await expect(therapist.locator(".bubble")).to_have_text([words])
    await therapist.reload()
    await expect(therapist.locator(".bubble")).to_have_text([words])
    assert "owned" not in await therapist.title()


async def test_two_tabs_share_one_stream(clinic: Clinic) -> None:
    first = await clinic.in_room(clinic.room.client)
    second = await first.context.new_page()
    asked: list[str] = []
    second.on("request", lambda request: asked.append(request.url))
    await second.goto(f"{clinic.address}/rooms/{clinic.room.id}")
    await second.wait_for_selector("html.js")
    therapist = await clinic.in_room(clinic.room.therapist)
    await write(therapist, "Hello")
    await expect(first.locator(".bubble")).to_have_text(["Hello"])
    await expect(second.locator(".bubble")).to_have_text(["Hello"])
    assert not [url for url in asked if url.endswith("/v1/events")]


async def test_a_room_works_without_any_script(clinic: Clinic) -> None:
    page = await clinic.device(clinic.room.client)
    state = await page.context.storage_state()
    plain = await (
        await clinic.browser.new_context(java_script_enabled=False, storage_state=state)
    ).new_page()
    await plain.goto(f"{clinic.address}/rooms/{clinic.room.id}")
    await plain.fill("[name=text]", "Sent by a plain form")
    await plain.click("[data-composer] button.round")
    await expect(plain.locator(".bubble")).to_have_text(["Sent by a plain form"])


async def test_earlier_messages_load_in_order_as_one_looks_back_or_asks_for_them(
    clinic: Clinic,
) -> None:
    page = await clinic.in_room(clinic.room.client)
    await page.evaluate(
        """async (room) => {
            const token = document.cookie.match(/kindroom_csrf=([^;]*)/)[1];
            for (let number = 1; number <= 120; number++)
                await fetch(`/v1/rooms/${room}/messages`, { method: "POST",
                    headers: { "Content-Type": "application/json", "X-CSRF-Token": token },
                    body: JSON.stringify({ kind: "text", text: `Line ${number}` }) });
        }""",
        str(clinic.room.id),
    )
    await page.reload()
    await page.wait_for_selector("html[data-online=yes]")
    bubbles = page.locator(".bubble")
    await expect(bubbles).to_have_count(50)
    await page.locator("[data-scroll]").evaluate("(room) => { room.scrollTop = 0; }")
    await expect(bubbles).to_have_count(100)
    # Not page.click: it scrolls to the link first, and that alone loads what the link would.
    await page.locator("[data-earlier] a").dispatch_event("click")
    await expect(bubbles).to_have_text([f"Line {number}" for number in range(1, 121)])
    await expect(page.locator("[data-earlier]")).to_be_hidden()


async def test_a_stranger_finds_nothing_where_a_room_is(clinic: Clinic) -> None:
    async with clinic.databases.care.transaction() as tx:
        stranger = Actor(await account(tx, Role.BILLING), Role.BILLING, frozenset(), uuid4())  # type: ignore[arg-type]
    page = await clinic.device(stranger)
    answer = await page.goto(f"{clinic.address}/rooms/{clinic.room.id}")
    assert answer is not None
    assert answer.status == 404
    await expect(page.locator("h1")).to_have_text("Not here")
    nowhere = await page.goto(f"{clinic.address}/rooms/{uuid4()}")
    assert nowhere is not None
    assert nowhere.status == 404


async def test_a_form_without_our_token_is_refused(clinic: Clinic) -> None:
    page = await clinic.in_room(clinic.room.client)
    await page.evaluate(
        "() => { document.querySelector('[data-composer] [name=csrf_token]').value = 'forged'; }"
    )
    await page.evaluate(
        "() => HTMLFormElement.prototype.submit.call(document.querySelector('[data-composer]'))"
    )
    await expect(page.locator("h1")).to_have_text("Please send it again")


async def test_the_inbox_fills_by_itself_and_leads_to_the_room(clinic: Clinic) -> None:
    therapist = await clinic.device(clinic.room.therapist)
    await therapist.goto(f"{clinic.address}/inbox")
    await therapist.wait_for_selector("html[data-online=yes]")
    await expect(therapist.locator(".person .about")).to_contain_text("A new room: write first")
    client = await clinic.in_room(clinic.room.client)
    await write(client, "Good evening")
    await expect(therapist.locator(".person .dot-new")).to_be_visible()
    await therapist.keyboard.press("j")
    await therapist.keyboard.press("Enter")
    await arrives(therapist, "/rooms/*")
    await expect(therapist.locator(".bubble")).to_have_text(["Good evening"])


async def test_the_board_moves_by_itself_and_tells_why_a_time_is_due(clinic: Clinic) -> None:
    async with clinic.databases.care.transaction() as tx:
        supervisor = Actor(await account(tx, Role.SUPERVISOR), Role.SUPERVISOR, frozenset(), uuid4())  # type: ignore[arg-type]
    board = await clinic.device(supervisor)
    await board.goto(f"{clinic.address}/board")
    await board.wait_for_selector("html[data-online=yes]")
    await expect(board.locator("tbody tr")).to_have_count(1)
    therapist = await clinic.in_room(clinic.room.therapist)
    await write(therapist, "Welcome")
    await expect(board.locator("tbody tr")).to_have_count(0)
    client = await clinic.in_room(clinic.room.client)
    await write(client, "Are you there?")
    await expect(board.locator("tbody tr")).to_have_count(1)
    await board.click("tbody th a")
    await expect(board.locator("h2#why")).to_contain_text("Why it is due at")
    await board.goto(f"{clinic.address}/rooms/{clinic.room.id}")
    await expect(board.locator("h1")).to_have_text("This room is private")
