"""The lock as its owner sets it, and a room that somebody without a part in it opens: told, looked at, visible."""

from __future__ import annotations

from factories import account, account_of_therapist, actor
from playwright.async_api import expect

from domain.access import Role
from encryption.passwords import Passwords
from tests.browser.checks import accessible, arrives
from tests.browser.clinic import Clinic
from tests.browser.test_accounts import WORDS, sign_in, sign_up

REASON = "She wrote that she took tablets and nobody of her care answers."


async def test_a_passcode_is_set_changed_and_removed_by_who_knows_it(clinic: Clinic) -> None:
    page = await sign_up(clinic, "noa@example.org")
    await sign_in(page, "noa@example.org")
    await arrives(page, "/journey")
    other = await (await clinic.browser.new_context(service_workers="block")).new_page()
    await other.goto(f"{clinic.address}/sign-in")
    await sign_in(other, "noa@example.org")
    await arrives(other, "/journey")
    await page.goto(f"{clinic.address}/account")
    await page.get_by_text("Set a passcode").click()
    await page.fill("[name=passcode]", "123456")
    await page.get_by_role("button", name="Set", exact=True).click()
    await expect(page.locator("#passcode-error")).to_contain_text("Anybody would guess")
    await page.fill("[name=passcode]", "482915")
    await page.get_by_role("button", name="Set", exact=True).click()
    await expect(page.get_by_text("Your passcode is set.")).to_be_visible()
    await page.get_by_role("button", name="Lock now").click()
    await arrives(page, "/locked")
    await page.fill("[name=passcode]", "482915")
    await page.click("button.primary")
    await arrives(page, "/journey")
    await page.goto(f"{clinic.address}/account")
    await page.get_by_text("Change or remove it").click()
    await page.fill("[name=current]", "111222")
    await page.fill("[name=passcode]", "730518")
    await page.get_by_role("button", name="Change", exact=True).click()
    await expect(page.locator("#current-error")).to_contain_text("4 tries left")
    await page.fill("[name=password]", WORDS)
    await page.get_by_role("button", name="Remove").click()
    await expect(page.get_by_text("Set a passcode")).to_be_visible()
    await expect(page.get_by_text("Sign out everywhere else")).to_have_count(0)
    await arrives(other, "/sign-in")  # by itself: its stream ended with its session


async def test_a_room_opened_in_an_emergency_is_told_looked_at_and_shown_to_its_client(
    clinic: Clinic, axe_source: str
) -> None:
    passwords = Passwords()
    stored = await passwords.hash(WORDS)
    passwords.close()
    async with clinic.databases.care.transaction() as tx:
        helper_id = await account(tx, Role.THERAPIST, name="Omar Diaz")
        await account_of_therapist(tx, helper_id)
        await tx.run("UPDATE accounts SET password_hash = %s WHERE id = %s", (stored, helper_id))
        lead_id = await account(tx, Role.SUPERVISOR, name="Ruth Ade")
        row = await tx.one("SELECT code FROM clients WHERE id = %s", (clinic.room.client.account_id,))
    assert row is not None
    page = await clinic.device(actor(Role.THERAPIST, helper_id), 390)
    await page.goto(f"{clinic.address}/inbox")
    await page.get_by_role("link", name="Open their room in an emergency").click()
    await page.fill("[name=client_code]", row["code"])
    await page.fill("[name=reason]", REASON)
    await page.fill("[name=password]", "not mine at all")
    await page.get_by_role("button", name="Open the room for one hour").click()
    await expect(page.locator("#password-error")).to_contain_text("not your password")
    await expect(page.locator("[name=reason]")).to_have_value(REASON)
    await page.fill("[name=password]", WORDS)
    await page.get_by_role("button", name="Open the room for one hour").click()
    await arrives(page, f"/rooms/{clinic.room.id}")
    await expect(page.get_by_text("You opened it in an emergency")).to_be_visible()

    lead = await clinic.device(actor(Role.SUPERVISOR, lead_id))
    await lead.goto(f"{clinic.address}/notices")
    await lead.get_by_role("button", name="It waits for a second look").click()
    await arrives(lead, "/openings")
    await expect(lead.get_by_text(REASON)).to_be_visible()
    await expect(lead.get_by_text("Within a day", exact=True)).to_be_visible()
    await accessible(lead, axe_source)
    await lead.get_by_role("button", name=f"Justified: {row['code']}", exact=True).click()
    await expect(lead.get_by_text("by Ruth Ade")).to_be_visible()

    client = await clinic.device(clinic.room.client, 360)
    await client.goto(f"{clinic.address}/rooms/{clinic.room.id}/access")
    line = client.get_by_role("row").filter(has_text="Opened the room in an emergency")
    await expect(line).to_contain_text(REASON)
    await expect(line).to_contain_text("A second person looked at it: justified.")
    await accessible(client, axe_source)
