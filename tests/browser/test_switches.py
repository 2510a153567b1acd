"""A client changes therapist without a script; the office ends a licence and the room closes: in real browsers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from factories import account, actor, agrees_to_care, therapist
from playwright.async_api import expect

from domain.access import Actor, Role
from records import licence_watch, offers
from tests.browser.checks import arrives
from tests.browser.clinic import Clinic


async def says_yes(clinic: Clinic) -> tuple[Actor, UUID]:
    """Another therapist is asked, as the search would, and accepts: who, and the new room."""
    async with clinic.databases.care.transaction() as tx:
        other = actor(Role.THERAPIST, await therapist(tx))
    offer_id = uuid4()
    async with clinic.databases.worker.transaction() as tx:
        match = await tx.one(
            "UPDATE matches SET status = 'offering', choice = %s RETURNING *", ([other.account_id],)
        )
        assert match is not None
        await tx.insert(
            "offers",
            id=offer_id,
            match_id=match["id"],
            client_id=match["client_id"],
            therapist_id=other.account_id,
            n=1,
            state="open",
            offered_at=tx.now,
            expires_at=tx.now + timedelta(hours=4),
        )
    async with clinic.databases.care.transaction(other) as tx:
        accepted = await offers.accept(tx, offer_id)
    assert accepted.room_id is not None
    return other, accepted.room_id


async def test_a_client_changes_therapist_and_the_note_goes_over(clinic: Clinic) -> None:
    old = f"{clinic.address}/rooms/{clinic.room.id}"
    async with clinic.databases.care.transaction(clinic.room.client) as tx:
        await agrees_to_care(tx, clinic.room.client.account_id)
    client = await clinic.device(clinic.room.client, 360, scripts=False)
    await client.goto(f"{clinic.address}/journey")
    await client.get_by_role("link", name="Choose another therapist").click()
    await client.get_by_label("The next therapist may read what we wrote here").check()
    await client.get_by_label("Why, if you like to say").fill("Somebody older, please.")
    await client.get_by_role("button", name="Look for somebody else").click()
    await arrives(client, "/journey/people")
    await client.goto(f"{old}/change")
    await expect(client.locator("#reason")).to_have_value("Somebody older, please.")
    await expect(client.locator("[name=share_history]")).to_be_checked()
    await client.goto(old)
    await expect(client.locator("#text")).to_be_visible()  # meanwhile nothing is taken away

    other, room_id = await says_yes(clinic)
    await client.goto(f"{clinic.address}/journey/people")
    await arrives(client, f"/rooms/{room_id}")
    await client.goto(f"{clinic.address}/journey")
    await client.get_by_role("link", name="Your earlier room with").click()
    await arrives(client, f"/rooms/{clinic.room.id}")
    await expect(client.locator(".composer.closed")).to_contain_text("You can read it at any time.")
    next_page = await clinic.device(other, scripts=False)
    await next_page.goto(old)
    await expect(next_page.locator(".composer.closed")).to_contain_text("You can read it at any time.")

    left = await clinic.device(clinic.room.therapist, scripts=False)
    await left.goto(f"{clinic.address}/inbox")
    await left.get_by_role("link", name="Hand-over note").click()
    await left.get_by_role("textbox", name="Note").fill("Walks help.")
    await left.get_by_role("button", name="Hand it over").click()
    await arrives(left, "/transfers/*")
    await next_page.goto(left.url)
    await expect(next_page.locator("main")).to_contain_text("Walks help.")


async def test_the_office_ends_a_licence_the_room_closes_and_a_renewal_opens_it(clinic: Clinic) -> None:
    mine, room = clinic.room.therapist.account_id, f"{clinic.address}/rooms/{clinic.room.id}"
    async with clinic.databases.care.transaction() as tx:
        office = actor(Role.ADMINISTRATOR, await account(tx, Role.ADMINISTRATOR))
        await therapist(tx)
    admin = await clinic.device(office, 360, scripts=False)
    await admin.goto(f"{clinic.address}/licences")
    await admin.locator(f"tbody a[href='/licences/{mine}']").click()
    await admin.locator("summary").click()
    today = datetime.now(UTC).date()
    await admin.get_by_label("Ends early: from this day").fill((today - timedelta(days=2)).isoformat())
    await admin.get_by_role("button", name="End it").click()
    await expect(admin.locator("#history + .table-frame")).to_contain_text("Suspended")
    await licence_watch.watch(clinic.databases.worker)

    therapist_page = await clinic.device(clinic.room.therapist, scripts=False)
    await therapist_page.goto(room)
    closed = therapist_page.locator(".composer.closed")
    await expect(closed).to_contain_text("Your licence does not reach New York")
    await expect(closed).to_contain_text("A licensed colleague answers meanwhile.")
    client = await clinic.device(clinic.room.client, 360, scripts=False)
    await client.goto(room)
    await expect(client.locator("#promise")).to_contain_text("may not write to you while you are in New York")
    await expect(client.locator("#text")).to_be_visible()

    await admin.get_by_label("State").select_option("NY")
    await admin.get_by_label("Kind").select_option("state_licence")
    await admin.get_by_label("Number").fill("NY-2")
    await admin.get_by_label("Holds from").fill((today - timedelta(days=2)).isoformat())
    await admin.locator("#expires_on").fill((today + timedelta(days=700)).isoformat())
    await admin.get_by_role("button", name="Add licence").click()
    await expect(admin.locator("#history + .table-frame")).to_contain_text("NY-2")
    await therapist_page.goto(room)
    await expect(therapist_page.locator("#text")).to_be_visible()
