"""Leaving in a browser, on a small phone, without scripts and with them; and what administrators see of it."""

from __future__ import annotations

from datetime import UTC, datetime

from factories import account, actor
from playwright.async_api import expect

from domain.access import Role
from encryption.passwords import Passwords
from tests.browser.checks import accessible, arrives, in_scheme
from tests.browser.clinic import Clinic

PASSWORD = "quiet river stones 41"


async def test_a_client_ends_care_asks_to_be_forgotten_and_takes_it_back(
    clinic: Clinic, axe_source: str
) -> None:
    me = clinic.room.client
    passwords = Passwords()
    stored = await passwords.hash(PASSWORD)
    passwords.close()
    async with clinic.databases.care.transaction() as tx:
        await tx.run("UPDATE accounts SET password_hash = %s WHERE id = %s", (stored, me.account_id))
    until = datetime.now(UTC).year + 6

    page = await clinic.device(me, 320)
    await page.goto(f"{clinic.address}/account")
    await page.get_by_role("link", name="See what happens then").click()
    await arrives(page, "/leaving")
    await accessible(page, axe_source)
    assert not await page.evaluate("() => document.documentElement.scrollWidth > innerWidth")
    await expect(page.get_by_role("link", name="Export")).to_have_attribute(
        "href", f"/rooms/{clinic.room.id}/export"
    )
    await page.get_by_role("button", name="End my care").click()
    await expect(page.get_by_text("Your care has ended.")).to_be_visible()
    await expect(page.get_by_role("button", name="End my care")).to_have_count(0)

    plain = await clinic.device(me, 320, scripts=False)
    await plain.goto(f"{clinic.address}/leaving")
    await plain.get_by_label("Your password, once more").fill("not mine at all")
    await plain.get_by_role("button", name="Seal it now, and erase it then").click()
    await expect(plain.get_by_text("That was not your password.")).to_be_visible()
    await plain.get_by_label("Your password, once more").fill(PASSWORD)
    await plain.get_by_role("button", name="Seal it now, and erase it then").click()
    await expect(plain.get_by_role("heading", name="Your record is kept until")).to_contain_text(str(until))

    # Wherever one goes now, this page is all there is; and help.
    await page.goto(f"{clinic.address}/")
    await arrives(page, "/leaving")
    await expect(page.get_by_role("navigation", name="Main").get_by_role("link", name="Room")).to_have_count(
        0
    )
    answer = await page.goto(f"{clinic.address}/rooms/{clinic.room.id}")
    assert answer is not None
    assert answer.status == 404
    await page.goto(f"{clinic.address}/leaving")
    for scheme in ("light", "dark"):
        await in_scheme(page, scheme)
        await accessible(page, axe_source)
    await page.get_by_role("link", name="help is here at any hour").click()
    await arrives(page, "/help")

    await page.goto(f"{clinic.address}/leaving")
    await page.get_by_role("button", name="Keep my record after all").click()
    await expect(page.get_by_text("Your record is yours again")).to_be_visible()
    answer = await page.goto(f"{clinic.address}/rooms/{clinic.room.id}")
    assert answer is not None
    assert answer.status == 200


async def test_an_administrator_holds_frees_and_sets_a_rule_by_keyboard(
    clinic: Clinic, axe_source: str
) -> None:
    async with clinic.databases.care.transaction() as tx:
        admin = actor(Role.ADMINISTRATOR, await account(tx, Role.ADMINISTRATOR))
        row = await tx.one("SELECT code FROM clients WHERE id = %s", (clinic.room.client.account_id,))
    assert row is not None
    page = await clinic.device(admin)
    await page.goto(f"{clinic.address}/retention")
    await page.get_by_text("Place a hold").press("Enter")
    await page.get_by_label("The client's code").fill("K-NOBODY")
    await page.get_by_label("Why").fill("Subpoena 42.")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("There is no client with this code.")).to_be_visible()
    await page.get_by_label("The client's code").fill(row["code"])
    await page.get_by_role("button", name="Hold everything of this client").press("Enter")
    await expect(page.get_by_role("heading", name=row["code"])).to_be_visible()

    await page.get_by_text("Set a rule").press("Enter")
    await page.get_by_label("State", exact=True).select_option("NY")
    await page.get_by_label("Years after the last service").fill("9")
    await page.get_by_label("From", exact=True).fill("2090-01-01")
    await page.get_by_label("Source", exact=True).fill("A law to come")
    await page.get_by_role("button", name="Set this rule").press("Enter")
    await expect(page.get_by_role("row", name="New York 9")).to_contain_text("to come")
    for scheme in ("light", "dark"):
        await in_scheme(page, scheme)
        await accessible(page, axe_source)
    await page.get_by_role("button", name=f"Lift the hold on {row['code']}").press("Enter")
    await expect(page.get_by_text("Nothing is held.")).to_be_visible()
