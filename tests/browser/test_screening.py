"""A questionnaire that asks only what applies, with a script."""

from __future__ import annotations

from arrivals import arrived
from factories import actor
from playwright.async_api import Page, expect

from domain.access import Role
from records import screening
from tests.browser.checks import accessible, arrives
from tests.browser.clinic import Clinic

WORDS = {
    "title": "Seven questions",
    "stem": "In the past month:",
    "licence": "By leave of its owner",
    "items": [{"text": f"Question {n}?"} for n in range(1, 8)],
}


async def shown(page: Page, *numbers: int) -> None:
    """These questions are put, and no other."""
    for number in range(1, 8):
        question = page.locator("fieldset", has=page.locator(f"[name=item-{number}]"))
        await expect(question).to_be_visible(visible=number in numbers)


async def test_a_yes_brings_its_questions_at_once_and_a_no_takes_them_away(
    clinic: Clinic, axe_source: str
) -> None:
    async with clinic.databases.care.transaction(actor(Role.ADMINISTRATOR)) as tx:
        await screening.bring(tx, "C-SSRS", WORDS)
        await screening.switch(tx, ["C-SSRS"])
    me = await arrived(clinic.databases.care)
    page = await clinic.device(me, 390)
    await page.goto(f"{clinic.address}/journey/questions/3")
    await shown(page, 1, 2, 6)
    await page.check("[name=item-1][value='0']")
    await page.check("[name=item-2][value='1']")
    await shown(page, 1, 2, 3, 4, 5, 6)
    await page.check("[name=item-4][value='1']")
    await page.check("[name=item-2][value='0']")
    await shown(page, 1, 2, 6)
    await page.check("[name=item-6][value='1']")
    await shown(page, 1, 2, 6, 7)
    await accessible(page, axe_source)
    await page.check("[name=item-6][value='0']")
    await page.get_by_role("button", name="Send").click()
    await arrives(page, "/journey")
    async with clinic.worker.transaction() as tx:
        (taken,) = await tx.all(
            "SELECT complete FROM measure_responses WHERE instrument = 'C-SSRS' AND client_id = %s",
            (me.account_id,),
        )
        assert not await tx.all("SELECT 1 FROM risk_flags WHERE client_id = %s", (me.account_id,))
    assert taken["complete"]
