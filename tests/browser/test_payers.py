"""Payers and sponsors in a browser: kept by keyboard, and read by anybody before there is an account."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from factories import account, actor
from playwright.async_api import Browser, Page, expect

from domain.access import Role
from records import rosters
from tests.browser.checks import accessible, arrives, in_scheme
from tests.browser.clinic import Clinic

if TYPE_CHECKING:
    from collections.abc import Mapping

ROSTER = "first_name,last_name,date_of_birth\nAna,Rivera,1990-01-15\nBen,,1988-01-01\n"


async def administrator(clinic: Clinic) -> Page:
    async with clinic.databases.care.transaction() as tx:
        who = actor(Role.ADMINISTRATOR, await account(tx, Role.ADMINISTRATOR, name="Ada Byrne"))
    return await clinic.device(who)


async def fill(page: Page, given: Mapping[str, str]) -> None:
    for label, text in given.items():
        await page.locator("input").and_(page.get_by_label(label)).first.fill(text)


async def test_a_payer_is_kept_by_keyboard_and_anybody_may_read_what_it_covers(
    clinic: Clinic, browser: Browser, axe_source: str
) -> None:
    page = await administrator(clinic)
    await page.goto(clinic.address)
    await arrives(page, "/admin/payers")
    await page.get_by_role("link", name="New payer").press("Enter")
    await arrives(page, "/admin/payers/new")
    await fill(page, {"Code": "premera", "Name": "Premera", "Number in X12": "00430"})
    await fill(page, {"A session usually costs": "ten"})
    await page.get_by_role("button", name="Add payer").press("Enter")
    await expect(page.get_by_text("What you typed is still here")).to_be_visible()
    await fill(page, {"A session usually costs": "10.00"})
    await page.get_by_role("button", name="Add payer").press("Enter")

    # A row, a new price of it from New Year on, and what is not clear.
    await arrives(page, "/admin/payers/*/contracts")
    row = {"Procedure code": "98972", "Clinical minutes from": "21", "Charge": "75.00"}
    this_year, next_year = "2026-01-01", f"{datetime.now(UTC).year + 1}-01-01"
    standing = page.get_by_role("region", name="Rows", exact=True).locator("tbody tr")
    for rows, day, allowed, code in (
        (1, this_year, "45.00", "98972"),
        (2, next_year, "50.00", "98972"),
        (2, next_year, "50.00", "99423"),
    ):
        await page.get_by_label("Messages").check()
        await fill(
            page, {**row, "Procedure code": code, "Allowed by the contract": allowed, "First day": day}
        )
        await page.get_by_role("button", name="Add row").press("Enter")
        await expect(standing).to_have_count(rows)
    await expect(page.get_by_text("Another row prices these minutes")).to_be_visible()
    last = (datetime.fromisoformat(next_year) - timedelta(days=1)).date().isoformat()
    await expect(standing.filter(has_text="$45.00")).to_contain_text(f"{this_year} to {last}")
    await expect(standing.filter(has_text="$50.00")).to_contain_text("To come")
    await expect(page.get_by_role("region", name="Earlier rows")).to_contain_text("Taken back")
    await in_scheme(page, "dark")
    await accessible(page, axe_source)

    # What is said of the payer itself, from next year on; and our own price.
    await page.get_by_role("link", name="The payer").press("Enter")
    await arrives(page, "/admin/payers/*")
    await fill(page, {"A session usually costs": "12.00", "From": next_year})
    await page.get_by_role("button", name="Save").press("Enter")
    await expect(page.get_by_role("row").filter(has_text="usually $12")).to_contain_text("To come")
    await page.goto(f"{clinic.address}/admin/prices")
    await fill(page, {"Price": "65.00", "From": this_year})
    await page.get_by_role("button", name="Save").press("Enter")
    await expect(page.get_by_role("row").filter(has_text="$65.00")).to_contain_text("Ada Byrne")

    visitor = await browser.new_context(java_script_enabled=False, viewport={"width": 320, "height": 700})
    reader = await visitor.new_page()
    await reader.goto(f"{clinic.address}/sign-in")
    await reader.get_by_role("link", name="What your insurer covers").click()
    await reader.get_by_role("link", name="Premera").click()
    await expect(reader.get_by_role("region", name="A session usually costs")).to_contain_text("$10")
    await expect(reader.get_by_role("region", name="Paying yourself")).to_contain_text("$65")
    messages = reader.get_by_role("listitem").filter(has_text="Messages with your therapist")
    await expect(messages).to_contain_text("Usually covered")
    video = reader.get_by_role("listitem").filter(has_text="by video")
    await expect(video).to_contain_text("Not covered here")
    assert (await reader.goto(f"{clinic.address}/payers/nobody")).status == 404  # type: ignore[union-attr]


async def test_a_sponsors_roster_is_sent_and_its_refused_rows_are_named(
    clinic: Clinic, axe_source: str
) -> None:
    page = await administrator(clinic)
    await page.goto(f"{clinic.address}/admin/sponsors/new")
    await fill(page, {"Name": "Harbor Ferry Company", "Code that its people type": "HARBOR-2026"})
    await fill(page, {"Sessions for each person": "8"})
    await page.get_by_label("Employer").check()
    await page.get_by_label("Only with one of theirs").check()
    await page.get_by_role("button", name="Add sponsor").press("Enter")
    await expect(page.get_by_text("An authorisation comes with a roster")).to_be_visible()
    await page.get_by_label("Only with one of theirs").uncheck()
    await page.get_by_label("Only people of the roster").check()
    await page.get_by_role("button", name="Add sponsor").press("Enter")

    await arrives(page, "/admin/sponsors/*")
    await page.get_by_role("button", name="Send").press("Enter")
    await expect(page.get_by_text("Please fill this in.")).to_be_visible()
    file = {"name": "people.csv", "mimeType": "text/csv", "buffer": ROSTER.encode()}
    await page.get_by_label("CSV file").set_input_files(files=[file])  # type: ignore[list-item]
    await page.get_by_label("The whole list").check()
    await page.get_by_role("button", name="Send").press("Enter")
    await arrives(page, "/admin/sponsors/*/rosters/*")
    await expect(page.get_by_text("0 of 2 rows")).to_be_visible()
    async with clinic.databases.worker.transaction() as tx:
        await rosters.work(tx, UUID(page.url.rsplit("/", 1)[1].partition("?")[0]))
    await expect(page.get_by_role("heading", name="Done")).to_be_visible()  # by itself
    await expect(page.get_by_text("Nobody left by this list")).to_be_visible()
    await expect(page.get_by_role("row").filter(has_text="last_name")).to_contain_text(
        "Nothing stands there."
    )
    await accessible(page, axe_source)
    await page.get_by_role("link", name="Back to the sponsor").press("Enter")
    await expect(page.get_by_text("1 person is on it today.")).to_be_visible()
    await expect(page.get_by_text("Hidden (fewer than 5)").first).to_be_visible()
