"""Agreements on their pages: signed one by one, read again, taken back with what stops; questionnaires of a site."""

from __future__ import annotations

from arrivals import arrived, house
from factories import account, actor
from playwright.async_api import expect

from domain.access import Actor, Role
from tests.browser.checks import arrives
from tests.browser.clinic import Clinic


async def test_a_client_takes_agreements_back_signs_anew_and_pays_themselves_instead(clinic: Clinic) -> None:
    await house(clinic.databases.care)
    me = await arrived(clinic.databases.care)
    page = await clinic.device(me, 390, scripts=False)
    await page.goto(f"{clinic.address}/account")
    await page.get_by_role("link", name="See what you signed").click()
    await expect(page.locator(".chip", has_text="Agreed")).to_have_count(5)
    await page.get_by_role("link", name="Asking and billing your insurance").click()
    stops = page.get_by_role("region", name="What stops at once if you take it back")
    await expect(stops).to_contain_text("We ask your insurance nothing more about you")
    await stops.get_by_role("button", name="Take it back").click()
    await arrives(page, "/agreements/*")
    await expect(page.get_by_role("status").first).to_contain_text("What it allowed has stopped")
    await expect(page.get_by_role("heading", name="What does not happen without it")).to_be_visible()

    await page.goto(f"{clinic.address}/journey/consents")
    await page.fill("[name=signature]", "Ana Rivera")
    await page.get_by_role("button", name="Agree and go on").click()
    await expect(page.get_by_role("alert")).to_contain_text("Please read and tick")
    await page.get_by_role("button", name="Go on and pay myself").click()
    await arrives(page, "/journey")
    async with clinic.databases.care.transaction(me) as tx:
        covers = await tx.all("SELECT kind, status FROM coverages WHERE ended_at IS NULL")
    assert covers == [{"kind": "self_pay", "status": "active"}]

    # Insurance needs the release: the page leads there, and on from it.
    await page.goto(f"{clinic.address}/journey/cover")
    await page.check("[name=kind][value=insurance]")
    await page.select_option("[name=payer]", "cigna")
    await page.fill("[name=member_id]", "U1234567801")
    await page.check("[name=relationship][value=self]")
    await page.get_by_role("button", name="See what it costs").click()
    await arrives(page, "/agreements")
    await expect(page.get_by_role("status").first).to_contain_text("once you have signed")
    await page.get_by_role("link", name="Asking and billing your insurance").click()
    await page.get_by_role("button", name="I have read this and agree").click()
    await page.fill("[name=signature]", "Ana Rivera")
    await page.get_by_role("button", name="I have read this and agree").click()
    await arrives(page, "/agreements")
    await expect(page.locator(".chip", has_text="Agreed")).to_have_count(5)


async def test_whoever_is_insured_through_a_parent_decides_who_reads_the_letters(clinic: Clinic) -> None:
    await house(clinic.databases.care)
    me = await arrived(clinic.databases.care)
    page = await clinic.device(me, 390, scripts=False)
    await page.goto(f"{clinic.address}/journey/cover")
    await expect(page.locator("main")).to_contain_text(
        "go to that person unless it agrees to write to you alone"
    )
    await page.check("[name=kind][value=insurance]")
    await page.select_option("[name=payer]", "cigna")
    await page.fill("[name=member_id]", "U1234567801")
    await page.check("[name=relationship][value=child]")
    await page.fill("[name=subscriber_name]", "Luis Rivera")
    await page.fill("[name=subscriber_born]", "1960-03-02")
    await page.check("[name=letters][value=asked]")
    await page.get_by_role("button", name="See what it costs").click()
    await arrives(page, "/letters")
    await expect(page.locator("main")).to_contain_text("we send it no claim")
    await expect(page.locator("blockquote")).to_contain_text("confidential communications")
    await page.get_by_role("button", name="My insurer has agreed").click()
    await expect(page.get_by_role("heading", name="They come to you alone")).to_be_visible()
    await page.goto(f"{clinic.address}/agreements")
    await expect(page.get_by_role("link", name="Letters about your care")).to_be_visible()


async def test_an_administrator_switches_on_what_is_asked_and_the_next_client_meets_it(
    clinic: Clinic,
) -> None:
    await house(clinic.databases.care)
    async with clinic.databases.care.transaction() as tx:
        admin: Actor = actor(Role.ADMINISTRATOR, await account(tx, Role.ADMINISTRATOR))
    page = await clinic.device(admin, 1280, scripts=False)
    await page.goto(f"{clinic.address}/admin/questionnaires")
    await page.check("[name=packs][value=C-SSRS]")
    await page.get_by_role("button", name="Ask these from now on").click()
    await expect(page.locator("#packs-error")).to_contain_text("no words here yet")
    await page.get_by_text("Bring words").click()
    await page.select_option("[name=name]", "AUDIT-C")
    await page.fill("[name=words]", "{}")
    await page.get_by_role("button", name="Keep these words").click()
    await expect(page.locator("#words-error")).to_contain_text("title, stem, licence, items")
    await page.uncheck("[name=packs][value=C-SSRS]")
    await page.check("[name=packs][value=PCL-5]")
    await page.get_by_role("button", name="Ask these from now on").click()
    await expect(page.get_by_role("status").first).to_contain_text("Saved")

    me = await arrived(clinic.databases.care)
    page = await clinic.device(me, 390, scripts=False)
    await page.goto(f"{clinic.address}/journey/questions")
    await page.get_by_role("link", name="Answer", exact=True).click()
    await expect(page.locator("fieldset.question")).to_have_count(20)
    for n in range(1, 21):
        await page.check(f"[name=item-{n}][value='{n % 5}']")
    await page.get_by_role("button", name="Send").click()
    await arrives(page, "/journey")


async def test_a_taken_back_agreement_shuts_the_clients_composer_alone(clinic: Clinic) -> None:
    async with clinic.databases.care.transaction() as tx:
        await tx.run("UPDATE rooms SET consent_withdrawn_at = now() WHERE id = %s", (clinic.room.id,))
    page = await clinic.device(clinic.room.client, 390, scripts=False)
    await page.goto(f"{clinic.address}/rooms/{clinic.room.id}")
    await expect(page.locator(".composer")).to_contain_text("You took back your agreement")
    await expect(page.get_by_role("link", name="To your agreements")).to_be_visible()
    other = await clinic.device(clinic.room.therapist, 1280, scripts=False)
    await other.goto(f"{clinic.address}/rooms/{clinic.room.id}")
    await expect(other.locator(".composer .in-place")).to_contain_text("They took back their agreement")
