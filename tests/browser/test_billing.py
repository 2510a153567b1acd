"""The billing office by pages: unbilled, a batch and its answers, claims, ageing, cover that waits."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from uuid import UUID

from arrivals import arrived, give_insurance, house
from factories import account, actor
from office import attested_week, insured_room, open_office
from playwright.async_api import Page, expect

from domain.access import Actor, Role
from domain.claim_states import ClaimEvent
from domain.eligibility import EligibilityAnswer, RejectedQuestion
from records import batch_files, batch_gathering, claim_batches, claims, clearinghouse
from tests.browser.checks import accessible, arrives
from tests.browser.clinic import Clinic
from tests.browser.test_arrival import payer_says


async def clerk(clinic: Clinic) -> Actor:
    """Somebody of the billing office."""
    async with clinic.databases.care.transaction() as tx:
        return actor(Role.BILLING, await account(tx, Role.BILLING, name="Bea Novak"))


async def at_the_office(clinic: Clinic, path: str = "/billing", width: int = 1280) -> Page:
    """A device of the office on this page."""
    page = await clinic.device(await clerk(clinic), width)
    await page.goto(f"{clinic.address}{path}")
    return page


async def answered(clinic: Clinic, batch_id: UUID, kind: str, *moves: tuple[UUID, ClaimEvent]) -> None:
    """A report of the clearing house came and moved these claims."""
    async with clinic.worker.transaction() as tx:
        source = f"mailbox-{kind}"
        report_id = await clearinghouse.keep(tx, clearinghouse.Arrived(source, kind, b"ST"))
        for claim_id, event in moves:
            await claims.apply(tx, claim_id, event, source)
        await clearinghouse.mark(tx, report_id, "posted", None, batch_id)


async def test_a_batch_is_tried_made_sent_and_followed(clinic: Clinic, axe_source: str) -> None:
    office = await open_office(clinic.databases)
    ready = await insured_room(clinic.databases, office)
    held = await insured_room(clinic.databases, office, member="U1234567802")
    await attested_week(clinic.databases, ready)
    await attested_week(clinic.databases, held, minutes=3)
    page = await at_the_office(clinic)
    await expect(page.locator(".totals")).to_contain_text("$60.00")
    await expect(page.locator("tbody tr")).to_have_count(2)
    await expect(page.locator("tbody")).to_contain_text("Cannot be billed")
    await expect(page.locator("#places .count").first).to_have_text("1 waiting")
    await accessible(page, axe_source)

    await page.get_by_role("button", name="Try it first").click()
    await expect(page.locator("aside [role=status]")).to_contain_text("1 claim would leave, $60.00.")
    await expect(page.locator("aside [role=status]")).to_contain_text("Nothing was changed.")
    await page.get_by_role("button", name="Make and send").click()
    await arrives(page, "/billing/batches/*")
    batch_id = UUID(page.url.split("/")[-1].split("?")[0])
    await expect(page.locator("#batch")).to_contain_text("Waiting for our own check of the file")
    await accessible(page, axe_source)

    async with clinic.worker.transaction() as tx:
        draft = await batch_files.compose(tx, batch_id)
        assert draft is not None
        assert draft.content is not None
        await batch_files.keep_file(tx, batch_id, draft.content)
        await claim_batches.mark_sent(tx, batch_id, "receipt-1")
        (claim,) = await claim_batches.claims_of(tx, batch_id)
    await answered(clinic, batch_id, "999", (claim["id"], ClaimEvent.FILE_ACCEPTED))
    await answered(clinic, batch_id, "277CA", (claim["id"], ClaimEvent.PAYER_ACCEPTED))
    await expect(page.locator(".steps")).to_contain_text("The file was read and accepted.")
    await expect(page.locator(".steps")).to_contain_text("1 claim accepted by the payer.")
    await expect(page.locator(".steps")).to_contain_text("Waiting for the 835: the payment")
    link = page.get_by_role("link", name="837P file")
    async with page.expect_download():
        await link.click()
    file = await page.request.get(f"{clinic.address}{await link.get_attribute('href')}")
    assert await file.body() == draft.content
    await accessible(page, axe_source)

    await page.get_by_role("link", name="Claims").click()
    await expect(page.locator("tbody .chip")).to_have_text("Accepted by the payer")
    await page.wait_for_selector("html.js")
    await page.select_option("[name=state]", "denied")
    await expect(page.locator(".empty")).to_contain_text("No claims here")
    await page.goto(f"{clinic.address}/billing/batches")
    await expect(page.locator("tbody tr")).to_have_count(1)


async def test_a_batch_of_nothing_says_what_stands_in_the_way(clinic: Clinic) -> None:
    office = await open_office(clinic.databases)
    await attested_week(clinic.databases, await insured_room(clinic.databases, office), minutes=3)
    page = await at_the_office(clinic, width=390)
    await page.get_by_role("button", name="Make and send").click()
    await expect(page.locator("aside [role=status]")).to_contain_text("Nothing can leave now.")
    await expect(page.locator("aside [role=status]")).to_contain_text("1 held")
    await page.wait_for_selector("html.js")
    await page.select_option("[name=state]", "ready")
    await expect(page.locator(".empty")).to_contain_text("Nothing is waiting")


async def test_the_ageing_on_the_screen_is_the_ageing_in_the_file(clinic: Clinic, axe_source: str) -> None:
    office = await open_office(clinic.databases)
    await attested_week(clinic.databases, await insured_room(clinic.databases, office))
    async with clinic.databases.billing.transaction(await clerk(clinic)) as tx:
        (batch_id,) = (await batch_gathering.prepare(tx)).batch_ids
    async with clinic.worker.transaction() as tx:
        draft = await batch_files.compose(tx, batch_id)
        assert draft is not None
        assert draft.content is not None
        await batch_files.keep_file(tx, batch_id, draft.content)
        await claim_batches.mark_sent(tx, batch_id, "receipt-1")
        await tx.run("UPDATE claims SET service_date = %s::date - 40", (tx.now,))
    page = await at_the_office(clinic, "/billing/ageing")
    for basis, bucket in (("By service date", 2), ("By last activity", 1)):
        await page.get_by_role("link", name=basis).click()
        await expect(page.locator("tbody td").nth(bucket - 1)).to_have_text("$60.00")
        async with page.expect_download() as downloading:
            await page.get_by_role("link", name="CSV").click()
        text = (await (await downloading.value).path()).read_text(encoding="utf-8-sig")
        total = next(row for row in csv.reader(io.StringIO(text)) if row and row[0] == "Total")
        assert Decimal(total[-1]) == Decimal(total[4 + bucket]) == Decimal("60.00")
        await accessible(page, axe_source)
    await expect(page.locator("figcaption b")).to_have_text("All of $60.00 open is younger than 91 days")


async def test_cover_that_waits_says_who_must_act_and_the_office_settles_it(
    clinic: Clinic, axe_source: str
) -> None:
    found = await house(clinic.databases.care)
    asked, unclear = await arrived(clinic.databases.care), await arrived(clinic.databases.care)
    await give_insurance(clinic.databases.care, found, asked, "U1234567801")
    await give_insurance(clinic.databases.care, found, unclear, "U1234567802")
    # 50: provider ineligible for inquiries. Nobody but the office can put that right.
    await payer_says(clinic, unclear, EligibilityAnswer(rejections=(RejectedQuestion("2100B", "50", "C"),)))
    page = await at_the_office(clinic, "/billing/worklist")
    await expect(page.locator("tbody tr")).to_have_count(2)
    await accessible(page, axe_source)
    await page.get_by_role("link", name="Billing 1").click()
    await expect(page.locator("tbody tr")).to_have_count(1)
    await expect(page.locator("tbody")).to_contain_text("AAA 50")
    await page.locator("tbody th a").click()
    await arrives(page, "/billing/worklist/*")
    await expect(page.locator(".steps")).to_contain_text("does not know our practice")
    await expect(page.get_by_label("Member ID")).to_have_value("U1234567802")
    await accessible(page, axe_source)
    await page.get_by_role("link", name="All that wait").click()
    await page.get_by_role("link", name="Enrolment 1").click()
    await expect(page.get_by_role("button", name="Ask Cigna for all 1")).to_be_visible()
    await page.click("summary:has-text('Settle')")
    await accessible(page, axe_source)
    await page.get_by_role("button", name="The payer said: active").click()
    await expect(page.locator(".toast")).to_contain_text("Entered, with your name")
    await expect(page.locator("tbody tr")).to_have_count(1)
    client = await clinic.device(unclear, 390)
    await client.goto(f"{clinic.address}/journey/estimate")
    await expect(client.locator("#estimate")).to_contain_text("asked your insurance in person")


async def test_the_office_opens_nothing_else_and_nobody_else_opens_the_office(clinic: Clinic) -> None:
    page = await at_the_office(clinic)
    for path in (f"/rooms/{clinic.room.id}", "/inbox", "/board", "/flags", "/admin/payers", "/offers"):
        answer = await page.goto(f"{clinic.address}{path}")
        assert answer is not None
        assert answer.status in (403, 404), path
    for who in (clinic.room.client, clinic.room.therapist):
        other = await clinic.device(who)
        for path in ("", "/batches", "/claims", "/ageing", "/worklist"):
            answer = await other.goto(f"{clinic.address}/billing{path}")
            assert answer is not None
            assert answer.status == 403, path


async def test_rows_are_walked_by_keys_and_places_too(clinic: Clinic) -> None:
    office = await open_office(clinic.databases)
    for member in ("U1234567801", "U1234567802"):
        await attested_week(clinic.databases, await insured_room(clinic.databases, office, member=member))
    page = await at_the_office(clinic)
    await page.wait_for_selector("html.js")
    await page.keyboard.press("j")
    await page.keyboard.press("j")
    assert await page.evaluate("() => document.activeElement.matches('tbody tr:nth-child(2)')")
    await page.keyboard.press("/")
    assert await page.evaluate("() => document.activeElement.id") == "f-payer"
    await page.keyboard.press("Escape")
    await page.evaluate("() => document.activeElement.blur()")
    await page.keyboard.press("g")
    await page.keyboard.press("4")
    await arrives(page, "/billing/ageing")
