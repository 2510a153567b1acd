"""The supervisor's board on the real records: seen, explained, moved; and the week that its clinician attests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from factories import Room, account, actor, client, therapist
from office import diagnosed, ended_week, insured_room, open_office, signed_note
from playwright.async_api import expect

from domain.access import Actor, Role
from records.rooms import open_room
from tests.browser.checks import accessible
from tests.browser.clinic import Clinic


async def supervisor(clinic: Clinic) -> Actor:
    """Somebody who watches the board."""
    async with clinic.databases.care.transaction() as tx:
        return actor(Role.SUPERVISOR, await account(tx, Role.SUPERVISOR, name="Ruth Ade"))


async def late_room(clinic: Clinic) -> Room:
    """A room whose welcome is owed since days."""
    long_ago = datetime.now(UTC) - timedelta(days=6)
    async with clinic.databases.care.transaction(at=long_ago) as tx:
        therapist_id, client_id = await therapist(tx), await client(tx)
        await tx.run("UPDATE accounts SET display_name = 'Mei Lin' WHERE id = %s", (therapist_id,))
    keeper = actor(Role.THERAPIST, therapist_id)
    async with clinic.databases.care.transaction(keeper, long_ago) as tx:
        room_id = await open_room(tx, client_id, therapist_id)
    return Room(room_id, actor(Role.CLIENT, client_id), keeper)


async def test_a_late_answer_is_seen_explained_and_given_to_somebody_who_may(
    clinic: Clinic, axe_source: str
) -> None:
    late = await late_room(clinic)
    async with clinic.databases.care.transaction() as tx:
        able = await therapist(tx)
        await therapist(tx, states=("TX",))
        full = await therapist(tx)
        await tx.run("UPDATE therapists SET active_rooms = capacity WHERE id = %s", (full,))
        await tx.run("UPDATE accounts SET display_name = 'Ada Boateng' WHERE id = %s", (able,))
    page = await clinic.device(await supervisor(clinic))
    await page.goto(f"{clinic.address}/board?state=overdue")
    await expect(page.locator("#places .count").first).to_have_text("1 waiting")
    await accessible(page, axe_source)
    await page.get_by_role("button", name="I have seen it").click()
    await expect(page.locator("tbody")).to_contain_text("seen by Ruth Ade")
    await page.locator("tbody th a").click()
    await expect(page.locator("h2").first).to_contain_text("Why it is due at")
    # "Choose", Ada and the room's own neighbour: not the full one, not the one in Texas
    await expect(page.locator("#therapist_id option")).to_have_count(3)
    names = await page.locator("#therapist_id option").all_inner_texts()
    assert [name.partition(",")[0] for name in names if name.startswith(("Ada", "Mei"))] == ["Ada Boateng"]
    await accessible(page, axe_source)
    await page.select_option("[name=therapist_id]", str(able))
    await page.select_option("[name=reason]", "illness")
    await page.get_by_role("button", name="Reassign").click()
    await expect(page.locator(".toast")).to_contain_text("Reassigned")
    await expect(page.locator("tbody")).to_contain_text("Ada Boateng")
    theirs = await clinic.device(actor(Role.THERAPIST, able), 390)
    await theirs.goto(f"{clinic.address}/inbox")
    await expect(theirs.locator(".person")).to_have_count(1)
    former = await clinic.device(late.therapist)
    answer = await former.goto(f"{clinic.address}/rooms/{late.id}")
    assert answer is not None
    assert answer.status == 404


async def test_a_clinician_attests_the_week_and_the_office_can_bill_it(
    clinic: Clinic, axe_source: str
) -> None:
    office = await open_office(clinic.databases)
    where = await insured_room(clinic.databases, office)
    await ended_week(clinic.databases, where)
    await signed_note(clinic.databases, where)
    await diagnosed(clinic.databases, where, "F41.1")
    page = await clinic.device(where.therapist)
    await page.goto(f"{clinic.address}/rooms/{where.id}")
    await page.click("summary:has-text('Attest this session')")
    await page.fill("[name=clinical_minutes]", "25")
    await page.select_option("[name=note_id]", index=0)
    await page.check("[name=statement]")
    await accessible(page, axe_source)
    await page.get_by_role("button", name="Attest").click()
    await expect(page.locator(".toast")).to_contain_text("Attested")
    async with clinic.databases.billing.transaction() as tx:
        row = await tx.one("SELECT state, code, minutes FROM service_lines")
    assert row == {"state": "unbilled", "code": "98972", "minutes": 25}


async def test_measures_stand_beside_the_goals_with_gaps_for_what_was_left_open(
    clinic: Clinic, axe_source: str
) -> None:
    """A questionnaire that was begun and left is no zero."""
    await measured(clinic, "PHQ-9", (19, None, 8))
    for who in (clinic.room.client, clinic.room.therapist):
        page = await clinic.device(who, 390)
        await page.goto(f"{clinic.address}/rooms/{clinic.room.id}/goals")
        await expect(page.locator(".chart")).to_contain_text("From 19 to 8 since")
        await expect(page.locator(".chart svg")).to_contain_text("missed")
        await expect(page.locator(".chart circle")).to_have_count(2)
        await accessible(page, axe_source)
    watcher = await clinic.device(await supervisor(clinic))
    answer = await watcher.goto(f"{clinic.address}/rooms/{clinic.room.id}/goals")
    assert answer is not None
    assert answer.status == 403


async def measured(clinic: Clinic, name: str, totals: tuple[int | None, ...]) -> None:
    """Measures of the room's client, one every three weeks."""
    from arrivals import measured as one

    for place, total in enumerate(totals):
        at = datetime.now(UTC) - timedelta(days=21 * (len(totals) - place))
        async with clinic.databases.care.transaction(clinic.room.client, at) as tx:
            await one(tx, clinic.room.client.account_id, name, total)  # type: ignore[arg-type]
