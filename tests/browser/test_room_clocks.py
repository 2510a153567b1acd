"""A room's clock in the browser: more time, no answer needed, a reason for none, a hold, and why it is due then."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from factories import account, actor, room
from playwright.async_api import Page, expect

from domain.access import Actor, Role
from records import messages, relations, rooms
from tests.browser.checks import accessible, arrives, in_scheme
from tests.browser.clinic import Clinic

ANSWER = "Thank you for writing. I have read all of it and will answer in full tomorrow morning."


async def said(clinic: Clinic, who: Actor, text: str) -> None:
    """A message in the clinic's room."""
    async with clinic.databases.care.transaction(who) as tx:
        permit = await relations.writable(tx, clinic.room.id)
    door = await rooms.door(clinic.front, who, clinic.room.id)
    await messages.post(clinic.front, permit, door.key, messages.NewMessage(str(uuid4()), text))


async def asked(clinic: Clinic) -> None:
    """The welcome is said, and a question of the client's waits."""
    await said(clinic, clinic.room.therapist, ANSWER)
    await said(clinic, clinic.room.client, "What should I do about Monday?")


async def supervisor(clinic: Clinic) -> Actor:
    async with clinic.databases.care.transaction() as tx:
        return actor(Role.SUPERVISOR, await account(tx, Role.SUPERVISOR, name="Ruth Ade"))


async def in_both_lights(page: Page, axe_source: str) -> None:
    """Accessible in light and in dark, and no wider than the window."""
    for scheme in ("light", "dark"):
        await in_scheme(page, scheme)
        await accessible(page, axe_source)
    assert not await page.evaluate("() => document.documentElement.scrollWidth > innerWidth")


async def clock(clinic: Clinic) -> dict[str, object]:
    """The clock of the question."""
    async with clinic.databases.worker.transaction() as tx:
        row = await tx.one(
            "SELECT id, state, held, reason, extension_seconds FROM response_clocks WHERE room_id = %s"
            " ORDER BY opened_at DESC LIMIT 1",
            (clinic.room.id,),
        )
    assert row is not None
    return row


async def test_a_client_gives_more_time_and_then_needs_no_answer(clinic: Clinic, axe_source: str) -> None:
    await asked(clinic)
    page = await clinic.in_room(clinic.room.client, 320)
    await page.locator("#promise").get_by_role("link", name="Why then?").click()
    await arrives(page, "/rooms/*/reply-time")
    await expect(page.locator("main")).to_contain_text("You wrote ")
    await expect(page.locator(".strip text.mark").first).to_contain_text("You wrote")
    await in_both_lights(page, axe_source)
    await page.get_by_role("radio", name="4 hours more").check()
    await page.get_by_role("button", name="Give more time").click()
    await expect(page.locator(".toast")).to_contain_text("The new time is shown here")
    await expect(page.locator("main")).to_contain_text("You gave more time: 4 h of working time.")
    await expect(page.locator("main")).to_contain_text("More time was given")
    assert (await clock(clinic))["extension_seconds"] == 4 * 3600
    theirs = await clinic.in_room(clinic.room.therapist)
    await expect(theirs.locator("#promise")).to_contain_text("The client gave more time.")
    await page.get_by_role("button", name="I need no answer").press("Enter")
    await expect(page.locator("#promise")).to_contain_text("answers in working time")
    await expect(theirs.locator("#promise")).to_contain_text("Nothing is waiting for an answer.")
    found = await clock(clinic)
    assert (found["state"], found["reason"]) == ("waived", "client_closed")


async def test_more_time_is_given_without_any_script_and_once_however_often_it_is_sent(
    clinic: Clinic,
) -> None:
    await asked(clinic)
    pages = [await clinic.device(clinic.room.client, 390, scripts=False) for _ in range(2)]
    for page in pages:
        await page.goto(f"{clinic.address}/rooms/{clinic.room.id}/reply-time")
    for page in pages:
        await page.get_by_role("radio", name="1 hour more").check()
        await page.get_by_role("button", name="Give more time").click()
        await expect(page.locator("main")).to_contain_text("You gave more time: 1 h of working time.")
        assert (await clock(clinic))["extension_seconds"] == 3600


async def test_a_therapist_says_why_no_reply_is_needed(clinic: Clinic, axe_source: str) -> None:
    await asked(clinic)
    page = await clinic.in_room(clinic.room.therapist)
    await page.locator("#promise").get_by_role("link", name="No reply needed").click()
    await expect(page.locator("h1")).to_have_text("Reply time")
    await in_both_lights(page, axe_source)
    await page.get_by_role("radio", name="Answered by phone").check()
    await page.get_by_role("button", name="No reply needed").click()
    await expect(page.locator(".toast")).to_contain_text("Noted, with your name and your reason")
    found = await clock(clinic)
    assert (found["state"], found["reason"]) == ("waived", "answered_by_phone")


async def test_what_was_flagged_for_risk_offers_no_waiver(clinic: Clinic) -> None:
    await asked(clinic)
    async with clinic.databases.care.transaction() as tx:
        await tx.insert(
            "risk_flags",
            id=uuid4(),
            client_id=clinic.room.client.account_id,
            room_id=clinic.room.id,
            source="help_now",
            urgency="page_now",
            version=1,
            state="open",
            opened_at=tx.now,
        )
    for who in (clinic.room.client, clinic.room.therapist):
        page = await clinic.device(who)
        await page.goto(f"{clinic.address}/rooms/{clinic.room.id}/reply-time")
        await expect(page.locator("aside")).to_contain_text("This stays as it is")
        await expect(page.locator("aside form")).to_have_count(0)


async def test_a_holding_reply_is_sent_as_one_and_the_answer_stays_owed(clinic: Clinic) -> None:
    await asked(clinic)
    page = await clinic.in_room(clinic.room.therapist)
    box = page.get_by_role("checkbox", name="Send as a holding reply")
    await expect(box).to_have_accessible_description(
        "Says you will get back to them. It is shown as such, and the reply time goes on."
    )
    await box.check()
    await page.fill("[data-text]", "I have seen it and will get back to you.")
    await page.keyboard.press("Enter")
    await expect(page.locator(".message.holding .bubble")).to_have_text(
        "I have seen it and will get back to you."
    )
    await expect(page.locator("#promise")).to_contain_text("Answer ")
    assert (await clock(clinic))["state"] == "running"


async def test_a_supervisor_holds_a_room_and_ends_it_and_the_client_sees_both(
    clinic: Clinic, axe_source: str
) -> None:
    await asked(clinic)
    client = await clinic.in_room(clinic.room.client, 390)
    page = await clinic.device(await supervisor(clinic))
    await page.goto(f"{clinic.address}/board/clocks/{(await clock(clinic))['id']}")
    await expect(page.locator("h2#why")).to_contain_text("Why it is due at")
    await in_both_lights(page, axe_source)
    await page.select_option("#hold-reason", "unreachable")
    await page.select_option("[name=days]", "7")
    await page.get_by_role("button", name="Hold").click()
    await arrives(page, "/rooms/*/reply-time")
    await expect(page.locator("#hold")).to_have_text("On hold")
    await expect(client.locator("#promise")).to_contain_text("The clinic has put reply times on hold.")
    assert (await clock(clinic))["held"] == "paused"
    await in_both_lights(page, axe_source)
    await page.get_by_role("button", name="End the hold").click()
    await expect(page.locator(".toast")).to_contain_text("Reply times count again")
    await expect(client.locator("#promise")).to_contain_text("replies by")
    assert (await clock(clinic))["held"] is None


async def test_a_clock_over_weeks_of_leave_stays_readable_on_a_small_phone(
    clinic: Clinic, axe_source: str
) -> None:
    """Six weeks away are one line of the drawing."""
    monday = datetime(2026, 3, 2, 14, tzinfo=UTC)
    where = await room(clinic.databases.care, always=False, at=monday)
    async with clinic.databases.care.transaction(at=monday) as tx:
        await tx.insert(
            "leaves",
            id=uuid4(),
            therapist_id=where.therapist.account_id,
            starts_at=monday + timedelta(hours=1),
            ends_at=monday + timedelta(days=42),
        )
    async with clinic.databases.care.transaction(at=monday + timedelta(minutes=30)) as tx:
        from records.clocks import reproject

        await reproject(tx, where.id, "leave")
        found = await tx.one("SELECT id FROM response_clocks WHERE room_id = %s", (where.id,))
    assert found is not None
    page = await clinic.device(await supervisor(clinic), 320)
    await page.goto(f"{clinic.address}/board/clocks/{found['id']}")
    await expect(page.locator(".strip .folded").first).to_have_text("41 days skipped: time off")
    await expect(page.locator("main")).to_contain_text("Time off changed")
    await page.click("summary:has-text('Show as a table')")
    await expect(page.locator(".table tbody tr")).to_have_count(3)
    await in_both_lights(page, axe_source)
