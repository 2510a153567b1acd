"""The way in, as a client walks it on a phone without any script; help on every step of it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from factories import account
from playwright.async_api import Page, expect

from domain.access import Actor, Duty, Role
from tests.browser.clinic import Clinic
from tests.browser.test_accounts import WORDS, sign_in

if TYPE_CHECKING:
    from domain.ids import AccountId, SessionId


async def arrive(clinic: Clinic, *, scripts: bool = False) -> Page:
    """A new client at the first part of the intake."""
    context = await clinic.browser.new_context(
        viewport={"width": 360, "height": 740}, java_script_enabled=scripts
    )
    page = await context.new_page()
    page.set_default_timeout(10_000)
    email = f"{uuid4().hex}@example.org"
    await page.goto(f"{clinic.address}/sign-up")
    await page.fill("[name=legal_name]", "Maya Reyes")
    await page.fill("[name=date_of_birth]", "1990-04-02")
    await page.fill("[name=email]", email)
    await page.fill("[name=password]", WORDS)
    await page.select_option("[name=time_zone]", "America/Los_Angeles")
    await page.click("button.primary")
    await sign_in(page, email)
    await page.get_by_role("link", name="Go on").click()
    return page


async def fill_intake(page: Page, *, thoughts: str = "never") -> None:
    """All four parts."""
    await page.check("[name=focus][value=sleep]")
    await page.click("button.primary")
    await page.select_option("[name=state]", "OR")
    for name, words in {
        "line1": "12 Elm Street",
        "city": "Portland",
        "postal_code": "97201",
        "phone": "+1 503 555 0110",
        "emergency_name": "Ana",
        "emergency_phone": "+1 503 555 0111",
    }.items():
        await page.fill(f"[name={name}]", words)
    await page.select_option("[name=sex_on_file]", "female")
    await page.click("button.primary")
    await page.check("[name=language][value=en]")
    await page.click("button.primary")
    await page.check(f"[name=suicidal_thoughts][value={thoughts}]")
    await page.check("[name=homicidal_thoughts][value=never]")
    await page.check("[name=private_channel][value=yes]")
    await page.fill("[name=location]", "At home, Portland")
    await page.click("button.primary")


async def sign_all(page: Page) -> None:
    """Every document."""
    for box in await page.locator("[name=agree]").all():
        await box.check()
    await page.fill("[name=signature]", "Maya Reyes")
    await page.click("button.primary")


async def answer(page: Page, values: list[int | None]) -> None:
    """One questionnaire."""
    for number, value in enumerate(values, start=1):
        if value is not None:
            await page.check(f"[name=item-{number}][value='{value}']")
    await page.click("button.primary")


async def on_call(clinic: Clinic) -> Actor:
    """A supervisor who is on call."""
    async with clinic.databases.care.transaction() as tx:
        account_id: AccountId = await account(tx, Role.SUPERVISOR)  # type: ignore[assignment]
        await tx.insert(
            "duties", account_id=account_id, duty="on_call", granted_at=tx.now - timedelta(days=1)
        )
    session_id: SessionId = uuid4()  # type: ignore[assignment]
    return Actor(account_id, Role.SUPERVISOR, frozenset({Duty.ON_CALL}), session_id)


async def test_a_client_walks_from_intake_to_cover_without_any_script(clinic: Clinic) -> None:
    page = await arrive(clinic)
    await fill_intake(page)
    assert page.url.endswith("/journey/consents")
    await sign_all(page)
    assert page.url.endswith("/journey/questions/1")
    await answer(page, [1, 1, 2, 1, 0, 1, 0, 0, 0])
    assert page.url.endswith("/journey/questions/2")
    await answer(page, [1, 1, 1, 1, 0, 0, 0])
    await expect(page.locator(".steps .current .name").first).to_have_text("Who pays")


async def test_an_intake_that_stops_half_way_goes_on_elsewhere(clinic: Clinic) -> None:
    page = await arrive(clinic)
    await page.check("[name=focus][value=sleep]")
    await page.click("button.primary")
    await page.fill("[name=city]", "Portland")
    await page.select_option("[name=state]", "OR")
    await page.get_by_role("button", name="Save, go on later").click()
    assert page.url.split("?")[0].endswith("/journey")
    await page.goto(f"{clinic.address}/journey/intake/focus")
    assert await page.is_checked("[name=focus][value=sleep]")
    await page.goto(f"{clinic.address}/journey/intake/contact")
    assert await page.input_value("[name=state]") == "OR"


async def test_what_is_missing_is_named_and_what_was_typed_stays(clinic: Clinic) -> None:
    page = await arrive(clinic, scripts=True)
    await page.goto(f"{clinic.address}/journey/intake/contact")
    await page.evaluate("() => document.querySelector('main form').noValidate = true")
    await page.fill("[name=city]", "Portland")
    await page.click("button.primary")
    await expect(page.locator("#phone-error")).to_contain_text("Please fill this in")
    assert await page.input_value("[name=city]") == "Portland"


async def test_a_heavy_answer_leads_at_once_to_one_plain_question(clinic: Clinic) -> None:
    clinician = await on_call(clinic)
    page = await arrive(clinic)
    await fill_intake(page)
    await sign_all(page)
    await answer(page, [0, 0, 0, 0, 0, 0, 0, 0, 1])
    await expect(page.locator("h1")).to_contain_text("Are you safe right now?")
    await expect(page.locator("main a[href='tel:988']")).to_be_visible()
    await page.get_by_role("button", name="No, or I am not sure").click()
    await expect(page.locator("main [role=status]")).to_contain_text("A clinician of ours was called")
    queue = await clinic.device(clinician)
    await queue.goto(f"{clinic.address}/flags")
    await expect(queue.locator("article")).to_contain_text("An answer in a questionnaire")
    await queue.get_by_role("button", name="I have read it and act now").click()
    await expect(queue.locator("article .chip")).to_contain_text("Read by")


@pytest.mark.parametrize("signed_in", [True, False])
async def test_help_is_asked_for_and_people_are_called(clinic: Clinic, signed_in: bool) -> None:
    await on_call(clinic)
    page = (
        await clinic.device(clinic.room.client, 360)
        if signed_in
        else await (await clinic.browser.new_context(service_workers="block")).new_page()
    )
    await page.goto(f"{clinic.address}/help")
    await page.locator("main").get_by_role("button", name="Also tell a clinician here, now").click()
    await expect(page.locator("main [role=status]")).to_contain_text("A clinician of ours was called")
    await expect(page.locator("main a[href='tel:988']")).to_be_visible()


async def test_the_card_stands_when_the_database_is_away(clinic: Clinic) -> None:
    page = await clinic.device(clinic.room.client, 360)
    await clinic.front.close()
    await page.goto(f"{clinic.address}/help")
    await expect(page.locator("main a[href='tel:988']")).to_be_visible()
    await page.locator("main").get_by_role("button", name="Also tell a clinician here, now").click()
    await expect(page.locator("main [role=alert]")).to_contain_text("We could not call")
    await expect(page.locator("main a[href='tel:988']")).to_be_visible()
