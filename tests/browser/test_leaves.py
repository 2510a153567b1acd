"""Hours, time off and cover in a browser: with and without scripts, by the people they concern."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from factories import account, actor, therapist
from playwright.async_api import Page, expect

from domain.access import Actor, Role
from records import leave_steps, leaves
from records.events import Event, EventKind
from records.notices import notify
from tests.browser.checks import accessible, arrives
from tests.browser.clinic import Clinic


async def colleague(clinic: Clinic) -> Actor:
    """One more therapist, at work at all hours, licensed in NY."""
    async with clinic.databases.care.transaction() as tx:
        return actor(Role.THERAPIST, await therapist(tx))


async def take_leave(clinic: Clinic, page: Page, note: str = "") -> UUID:
    """From in two days to in nine, as a form; then cover is looked for as the worker does."""
    now = datetime.now(UTC)
    await page.goto(f"{clinic.address}/leave")
    await page.fill("#from", f"{now + timedelta(days=2):%Y-%m-%dT%H:%M}")
    await page.fill("#to", f"{now + timedelta(days=9):%Y-%m-%dT%H:%M}")
    await page.fill("#note", note)
    await page.get_by_role("button", name="Take this time off").click()
    await arrives(page, "/leave")
    await expect(page.locator("article")).to_have_count(1)
    async with clinic.databases.worker.transaction() as tx:
        row = await tx.one("SELECT id FROM leaves WHERE cancelled_at IS NULL")
        assert row is not None
        await leave_steps.propose_cover(tx, row["id"])
    leave_id: UUID = row["id"]
    return leave_id


@pytest.mark.parametrize("scripts", [True, False])
async def test_a_week_of_hours_is_saved_and_shown_again(
    clinic: Clinic, axe_source: str, scripts: bool
) -> None:
    page = await clinic.device(clinic.room.therapist, 360, scripts=scripts)
    await page.goto(f"{clinic.address}/hours")
    for field, value in (
        ("tue_0_from", ""),
        ("tue_0_to", ""),
        ("mon_0_from", "09:00"),
        ("mon_0_to", "12:00"),
    ):
        await page.fill(f"[name={field}]", value)
    await page.fill("[name=mon_1_from]", "13:00")
    await page.get_by_role("button", name="Save the hours").click()
    await expect(page.locator("#mon-error")).to_contain_text("both a beginning and an end")
    await page.fill("[name=mon_1_to]", "17:00")
    await page.check("[name=public]")
    await page.select_option("#state", "NY")
    await page.locator("[name=new_day]").first.fill("2031-05-01")
    await page.get_by_role("button", name="Save the hours").click()
    await arrives(page, "/hours")
    await expect(page.locator("[name=mon_1_to]")).to_have_value("17:00")
    await expect(page.locator("[name=tue_0_from]")).to_have_value("")
    await expect(page.locator("[name=wed_0_to]")).to_have_value("00:00")
    await expect(page.locator("[name=days_off]")).to_have_value("2031-05-01")
    await expect(page.locator("#state")).to_have_value("NY")
    if scripts:
        await accessible(page, axe_source)


async def test_cover_is_asked_taken_and_read_about(clinic: Clinic, axe_source: str) -> None:
    other = await colleague(clinic)
    mine = await clinic.device(clinic.room.therapist)
    await take_leave(clinic, mine, "Calls on Tuesdays.")
    await mine.reload()
    await expect(mine.locator("article")).to_contain_text("somebody has been asked in 1")
    theirs = await clinic.device(other)
    await theirs.goto(f"{clinic.address}/covers")
    await expect(theirs.locator("article")).to_contain_text("is away")
    await expect(theirs.locator("body")).not_to_contain_text("Calls on Tuesdays.")
    await accessible(theirs, axe_source)
    await theirs.get_by_role("button", name="Take it").click()
    await expect(theirs.locator("#covered-h")).to_be_visible()
    await mine.reload()
    await expect(mine.locator("article")).to_contain_text("Every room is covered.")
    await mine.get_by_role("button", name="Call it off").click()
    await expect(mine.locator("article")).to_have_count(0)
    await theirs.reload()
    await expect(theirs.locator("body")).to_contain_text("Nothing to cover")


async def test_a_supervisor_sees_the_gap_and_fills_it(clinic: Clinic, axe_source: str) -> None:
    await colleague(clinic)
    async with clinic.databases.care.transaction() as tx:
        supervisor = actor(Role.SUPERVISOR, await account(tx, Role.SUPERVISOR))
    leave_id = await take_leave(clinic, await clinic.device(clinic.room.therapist))
    page = await clinic.device(supervisor, scripts=False)
    await page.goto(f"{clinic.address}/leaves")
    await expect(page.locator("tbody")).to_contain_text("1 without cover")
    await page.locator("tbody a").click()
    await expect(page.locator("article .chip").first).to_contain_text("Gap")
    await page.locator("select[name=therapist_id]").select_option(index=1)
    await page.get_by_role("button", name="Arrange").click()
    await arrives(page, f"/leaves/{leave_id}")
    await expect(page.locator("article .chip").first).to_contain_text("Covered")
    live = await clinic.device(supervisor)
    for path in ("/leaves", f"/leaves/{leave_id}"):
        await live.goto(f"{clinic.address}{path}")
        await accessible(live, axe_source)


async def test_what_was_missed_while_the_line_was_down_is_there_when_it_is_back(clinic: Clinic) -> None:
    other = await colleague(clinic)
    async with clinic.databases.care.transaction() as tx:
        supervisor = actor(Role.SUPERVISOR, await account(tx, Role.SUPERVISOR))
    page = await clinic.device(supervisor)
    await page.goto(f"{clinic.address}/leaves")
    await page.wait_for_selector("html[data-online=yes]")
    await expect(page.locator("tbody tr")).to_have_count(0)
    now = datetime.now(UTC)
    async with clinic.databases.care.transaction(clinic.room.therapist) as tx:  # and nobody is told of it
        span = (now + timedelta(days=2), now + timedelta(days=9))
        await leaves.take_leave(tx, clinic.room.therapist.account_id, *span, other.account_id, "")
    clinic.front.announce([Event(EventKind.DEVICES, account_id=supervisor.account_id)])  # their streams end
    await expect(page.locator("tbody tr")).to_have_count(1)


async def test_a_client_reads_who_answers_meanwhile_and_when_their_therapist_is_back(
    clinic: Clinic, axe_source: str
) -> None:
    other = await colleague(clinic)
    now = datetime.now(UTC)
    async with clinic.databases.care.transaction(clinic.room.therapist) as tx:
        who = clinic.room.therapist.account_id
        span = (now + timedelta(days=2), now + timedelta(days=9))
        leave_id = await leaves.take_leave(tx, who, *span, other.account_id, "")
    client = await clinic.device(clinic.room.client, 360)
    await client.goto(f"{clinic.address}/rooms/{clinic.room.id}")
    await expect(client.locator("#promise")).not_to_contain_text("will be away")
    async with clinic.databases.worker.transaction() as tx:
        await leave_steps.announce(tx, leave_id)
        name = await tx.one("SELECT display_name FROM accounts WHERE id = %s", (other.account_id,))
    assert name is not None
    await client.reload()
    await expect(client.locator("#promise")).to_contain_text("will be away from")
    await expect(client.locator("#promise")).to_contain_text(f"{name['display_name']} answers you meanwhile.")
    await accessible(client, axe_source)


async def test_after_two_broken_promises_the_client_asks_for_somebody_else(clinic: Clinic) -> None:
    me, room_id = clinic.room.client.account_id, clinic.room.id
    async with clinic.databases.care.transaction() as tx:
        await notify(tx, me, "rematch_offered", uuid4(), room_id)
    client = await clinic.device(clinic.room.client, 360, scripts=False)
    await client.goto(f"{clinic.address}/rooms/{room_id}")
    await client.get_by_role("link", name="Choose somebody else").click()
    await expect(client.locator(".note.soon")).to_contain_text("we are sorry")
    await client.get_by_role("button", name="Look for somebody else").click()
    await arrives(client, "/journey/people")
    therapist_page = await clinic.device(clinic.room.therapist)
    answer = await therapist_page.goto(f"{clinic.address}/rooms/{room_id}/change")
    assert answer is not None
    assert answer.status == 404
