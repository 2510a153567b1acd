"""Goals, check-ins and the therapist's record, as plain forms on the real records."""

from __future__ import annotations

from playwright.async_api import expect

from tests.browser.clinic import Clinic


async def test_a_goal_is_proposed_by_one_and_agreed_by_the_other(clinic: Clinic) -> None:
    client = await clinic.device(clinic.room.client)
    await client.goto(f"{clinic.address}/rooms/{clinic.room.id}/goals")
    await client.click("summary:has-text('Propose a goal')")
    await client.fill("[name=statement]", "Sleep through four nights a week")
    await client.get_by_role("button", name="Propose").click()
    await expect(client.locator("article .chip")).to_contain_text("Proposed by you")
    therapist = await clinic.device(clinic.room.therapist)
    await therapist.goto(f"{clinic.address}/rooms/{clinic.room.id}/goals")
    await therapist.get_by_role("button", name="Agree to this goal").click()
    await expect(therapist.locator("article .chip")).to_contain_text("Agreed")


async def test_a_check_in_is_asked_answered_and_read(clinic: Clinic) -> None:
    therapist = await clinic.device(clinic.room.therapist)
    await therapist.goto(f"{clinic.address}/rooms/{clinic.room.id}/goals")
    await therapist.get_by_role("button", name="Ask now").click()
    client = await clinic.device(clinic.room.client, 390)
    await client.goto(f"{clinic.address}/rooms/{clinic.room.id}/goals")
    await client.check("[name=value][value='6']")
    await client.fill("[name=words]", "Two good nights.")
    await client.get_by_role("button", name="Send").click()
    await therapist.reload()
    await expect(therapist.locator(".steps")).to_contain_text("6 of 10 Two good nights.")


async def test_the_record_stands_beside_the_room_for_the_therapist_alone(clinic: Clinic) -> None:
    therapist = await clinic.device(clinic.room.therapist)
    await therapist.goto(f"{clinic.address}/rooms/{clinic.room.id}")
    await therapist.click("summary:has-text('Enter a diagnosis')")
    await therapist.fill("[name=codes]", "F41.1")
    await therapist.get_by_role("button", name="Enter").click()
    await expect(therapist.locator(".side code")).to_have_text("F41.1")
    await therapist.click("summary:has-text('Write a DAP note')")
    await therapist.fill("#DAP-data", "Slept better.")
    await therapist.check(".side details[open] [name=sign]")
    await therapist.locator(".side details[open]").get_by_role("button", name="Save the note").click()
    await expect(therapist.locator(".side .chip")).to_contain_text("Signed")
    client = await clinic.device(clinic.room.client)
    await client.goto(f"{clinic.address}/rooms/{clinic.room.id}")
    await expect(client.locator(".side")).to_have_count(0)
    await expect(client.locator("body")).not_to_contain_text("F41.1")
