"""The way in, as a client walks it on a phone without any script; help on every step of it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import pytest
from factories import account
from playwright.async_api import Page, expect

from domain.access import Actor, Duty, Role
from records import guardian_letters
from tests.browser.checks import arrives
from tests.browser.clinic import Clinic
from tests.browser.test_accounts import WORDS, sign_in

if TYPE_CHECKING:
    from domain.ids import AccountId, SessionId


async def arrive(clinic: Clinic, *, scripts: bool = False, born: str = "1990-04-02", email: str = "") -> Page:
    """A new client at the first part of the intake."""
    context = await clinic.browser.new_context(
        viewport={"width": 360, "height": 740}, java_script_enabled=scripts
    )
    page = await context.new_page()
    page.set_default_timeout(10_000)
    email = email or f"{uuid4().hex}@example.org"
    await page.goto(f"{clinic.address}/sign-up")
    await page.fill("[name=legal_name]", "Maya Reyes")
    await page.fill("[name=date_of_birth]", born)
    await page.fill("[name=email]", email)
    await page.fill("[name=password]", WORDS)
    await page.select_option("[name=time_zone]", "America/Los_Angeles")
    await page.click("button.primary")
    await sign_in(page, email)
    await page.get_by_role("link", name="Go on").click()
    return page


async def fill_intake(page: Page, *, thoughts: str = "never") -> None:
    """All parts."""
    await page.check("[name=focus][value=sleep]")
    await page.click("button.primary")
    await page.select_option("[name=state]", "OR")
    await page.fill("[name=location]", "At home, Portland")
    await page.click("button.primary")
    await page.select_option("[name='address.state']", "OR")
    for name, words in {
        "address.line1": "12 Elm Street",
        "address.city": "Portland",
        "address.postal_code": "97201",
        "phone": "+1 503 555 0110",
    }.items():
        await page.fill(f"[name='{name}']", words)
    await page.check("[name=sex_on_file][value=female]")
    await page.click("button.primary")
    await page.fill("[name='emergency_contact.name']", "Ana")
    await page.fill("[name='emergency_contact.phone']", "+1 503 555 0111")
    await page.click("button.primary")
    await page.check("[name='preferences.language'][value=en]")
    await page.click("button.primary")
    await answer_plainly(page, thoughts)
    await page.click("button.primary")


async def answer_plainly(page: Page, thoughts: str = "never", private: str = "yes") -> None:
    """The plain questions of the last part."""
    await page.check(f"[name='safety.suicidal_thoughts'][value={thoughts}]")
    await page.check("[name='safety.homicidal_thoughts'][value=never]")
    for name in (
        "recent_attempt",
        "imminent_violence",
        "recent_discharge",
        "psychosis_or_mania",
        "withdrawal",
    ):
        await page.check(f"[name='safety.{name}'][value=no]")
    await page.check(f"[name='safety.private_channel'][value={private}]")


async def sign_all(page: Page) -> None:
    """Every document."""
    await page.locator("[name=signature]").wait_for()  # it stands below all of them
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
    await arrives(page, "/journey/consents")
    await sign_all(page)
    await arrives(page, "/journey/questions/1")
    await answer(page, [1, 1, 2, 1, 0, 1, 0, 0, 0])
    await arrives(page, "/journey/questions/2")
    await answer(page, [1, 1, 1, 1, 0, 0, 0])
    await expect(page.locator(".steps .current .name").first).to_have_text("Who pays")


async def test_an_intake_that_stops_half_way_goes_on_elsewhere(clinic: Clinic) -> None:
    page = await arrive(clinic)
    await page.check("[name=focus][value=sleep]")
    await page.click("button.primary")
    # What can be kept is kept, also when something else of the part is missing.
    await page.select_option("[name=state]", "OR")
    await page.click("button.primary")
    await expect(page.locator("[id='location-error']")).to_contain_text("Please fill this in")
    await page.get_by_role("button", name="Save, go on later").click()
    await arrives(page, "/journey")
    await page.get_by_role("link", name="Go on").click()
    await arrives(page, "/journey/intake/place")
    await expect(page.locator("[name=state]")).to_have_value("OR")
    await page.goto(f"{clinic.address}/journey/intake/focus")
    assert await page.is_checked("[name=focus][value=sleep]")


async def test_every_answer_is_saved_as_it_is_given_and_two_devices_agree(clinic: Clinic) -> None:
    page = await arrive(clinic, scripts=True)
    saved = page.locator("[data-saved]")
    await expect(saved).to_contain_text("saved as you give it")
    await page.check("[name=focus][value=sleep]")
    await expect(saved).to_contain_text("Saved. You can stop here")
    await page.goto(f"{clinic.address}/journey/intake/emergency")
    other = await page.context.new_page()
    await other.goto(f"{clinic.address}/journey/intake/emergency")
    for each in (page, other):
        await expect(each.locator("[data-saved]")).to_contain_text("saved as you give it")
    name = "[name='emergency_contact.name']"
    await other.fill(name, "Luis")
    await other.locator(name).blur()
    await expect(other.locator("[data-saved]")).to_contain_text("Saved. You can stop here")
    await page.fill(name, "Ana")
    await page.locator(name).blur()
    await expect(saved).to_contain_text("on another device meanwhile")
    # What does not apply steps aside, and a press sends only what differs from what is saved.
    await page.check("[name='emergency_contact.available'][value=no]")
    await expect(page.locator(name)).to_be_hidden()
    await page.check("[name='emergency_contact.available'][value=yes]")
    await expect(page.locator(name)).to_be_visible()
    await other.reload()
    assert await other.input_value(name) == "Ana"
    await page.click("button.primary")
    await expect(page.locator("[id='emergency_contact.phone-error']")).to_contain_text("Please fill this in")
    assert await page.input_value(name) == "Ana"
    await page.close()
    await other.close()


async def test_who_needs_more_than_messages_reads_why_and_a_clinician_decides(clinic: Clinic) -> None:
    supervisor = await on_call(clinic)
    page = await arrive(clinic)
    await fill_intake(page)
    await page.goto(f"{clinic.address}/journey/intake/wellbeing")
    await page.check("[name='safety.private_channel'][value=no]")
    await page.click("button.primary")
    await arrives(page, "/journey/recommendation")
    await expect(page.locator("main")).to_contain_text("Somebody might read along")
    await expect(page.locator("main a[href='tel:988']")).to_be_visible()
    desk = await clinic.device(supervisor)
    await desk.goto(f"{clinic.address}/suitability")
    row = desk.locator("article")
    await row.locator("summary").click()
    await row.get_by_role("button", name="Decide").click()
    await expect(desk.locator("article .error").first).to_contain_text("Please choose one")
    await desk.check("[name=suitability][value=messaging]")
    await desk.fill("[name=rationale]", "Has a room of her own from Monday on.")
    await desk.locator("article").get_by_role("button", name="Decide").click()
    await expect(desk.locator("main")).to_contain_text("Nobody waits")
    await page.goto(f"{clinic.address}/journey/recommendation")
    await page.get_by_role("link", name="Go on").click()
    await expect(page.get_by_role("link", name="Read and sign")).to_be_visible()


async def test_a_guardian_agrees_by_their_link_and_a_traveller_says_where_they_are(clinic: Clinic) -> None:
    email = f"{uuid4().hex}@example.org"
    page = await arrive(clinic, born="2010-04-02", email=email)
    await page.check("[name=focus][value=sleep]")
    await page.click("button.primary")
    await page.select_option("[name=state]", "TX")
    await page.fill("[name=location]", "Austin")
    await page.click("button.primary")
    await page.goto(f"{clinic.address}/journey/intake/guardian")
    await page.fill("[name=guardian]", "Rosa Reyes")
    await page.fill("[name='guardian_contact.relationship']", "mother")
    await page.fill("[name='guardian_contact.email']", "rosa")
    await page.click("button.primary")
    await expect(page.locator("[id='guardian_contact.email-error']")).to_contain_text("once more")
    await page.fill("[name='guardian_contact.email']", "rosa@example.org")
    await page.click("button.primary")
    client_id = await newest_client(clinic)
    token = await ask_guardian(clinic, client_id)
    await page.goto(f"{clinic.address}/journey/guardian")
    await expect(page.locator("main")).to_contain_text("rosa@example.org")

    parent = await (await clinic.browser.new_context(java_script_enabled=False)).new_page()
    await parent.goto(f"{clinic.address}/guardian/{token}")
    await parent.fill("[name=date_of_birth]", "2011-04-02")
    await parent.fill("[name=signature]", "Rosa Reyes")
    await parent.get_by_role("button", name="I agree").click()
    await expect(parent.locator("#date_of_birth-error")).to_contain_text("not the date of birth")
    await parent.fill("[name=date_of_birth]", "2010-04-02")
    await parent.get_by_role("button", name="I agree").click()
    await expect(parent.locator("main [role=status]")).to_contain_text("You have agreed")
    await page.reload()
    await expect(page.locator("main")).to_contain_text("They have agreed")

    # Said more than 30 days ago: asked at the next sign-in, and then on to where they were going.
    async with clinic.databases.care.transaction() as tx:
        await tx.run(
            "UPDATE clients SET located_at = located_at - interval '31 days' WHERE id = %s", (client_id,)
        )
    await page.goto(clinic.address)
    await expect(page.locator("h1")).to_have_text("Where are you now?")
    await page.context.clear_cookies()
    await page.goto(f"{clinic.address}/sign-in?next=/account")
    await sign_in(page, email)
    await expect(page.locator("h1")).to_have_text("Where are you now?")
    await page.select_option("[name=state]", "OR")
    await page.get_by_role("button", name="I am here").click()
    await arrives(page, "/account")
    await page.goto(clinic.address)
    await arrives(page, "/journey")


async def newest_client(clinic: Clinic) -> UUID:
    """Whoever arrived last."""
    async with clinic.databases.care.transaction() as tx:
        row = await tx.one("SELECT id FROM clients ORDER BY created_at DESC LIMIT 1")
    assert row is not None
    client_id: UUID = row["id"]
    return client_id


async def ask_guardian(clinic: Clinic, client_id: UUID) -> UUID:
    """The token of a letter to their guardian."""
    async with clinic.databases.care.transaction() as tx:
        await guardian_letters.ask(tx, client_id, "rosa@example.org", date(2010, 4, 2), "TX")
    async with clinic.databases.worker.transaction() as tx:
        (letter,) = await guardian_letters.to_mail(tx)
        await guardian_letters.mark_mailed(tx, letter.id)
    return letter.token


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
