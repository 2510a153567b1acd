"""From the card to the open room by pages, the facts moved by what the worker would run."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from arrivals import House, arrived, house, therapist_for
from factories import actor
from playwright.async_api import Page, expect

from activities.matches import MatchActivities
from activities.shapes.matches import MoveMatch
from domain.access import Actor, Role
from domain.eligibility import Benefit, EligibilityAnswer, Network, RejectedQuestion
from records import verifications
from records.eligibility_checks import ToAsk
from tests.browser.checks import accessible, arrives
from tests.browser.clinic import Clinic

if TYPE_CHECKING:
    from domain.ids import TherapistId

COVERED = EligibilityAnswer(
    benefits=(
        Benefit("1", service_types=("30", "MH")),
        Benefit("B", "IND", ("MH",), "27", Decimal("25"), network=Network.IN, messages=("TELEHEALTH",)),
    )
)
UNKNOWN_MEMBER = EligibilityAnswer(rejections=(RejectedQuestion("2100C", "75", "C"),))
ENDED = EligibilityAnswer(benefits=(Benefit("6", service_types=("30",)),))


async def payer_says(clinic: Clinic, me: Actor, answer: EligibilityAnswer) -> None:
    """What the verification's workflow does once the payer has answered."""
    async with clinic.worker.transaction() as tx:
        row = await tx.one(
            "SELECT id, verification FROM coverages WHERE client_id = %s AND ended_at IS NULL"
            " ORDER BY created_at DESC LIMIT 1",
            (me.account_id,),
        )
        assert row is not None
        asked = await verifications.open_attempt(tx, row["id"], row["verification"], 1)
    assert isinstance(asked, ToAsk)
    async with clinic.worker.transaction() as tx:
        await verifications.answered(tx, asked.check_id, answer, b"271")


async def search_moves(clinic: Clinic, me: Actor) -> None:
    """What the search's workflow does next."""
    worker = MatchActivities(clinic.worker)
    async with clinic.worker.transaction() as tx:
        row = await tx.one(
            "SELECT id, status FROM matches WHERE client_id = %s ORDER BY n DESC", (me.account_id,)
        )
    assert row is not None
    step = worker.rank_candidates if row["status"] == "ranking" else worker.offer_next
    await step(MoveMatch(row["id"]))


async def named(clinic: Clinic, found: House, name: str, **more: Any) -> TherapistId:
    """A therapist of this name whom Cigna lists."""
    therapist_id = await therapist_for(clinic.databases.care, found, **more)
    async with clinic.databases.care.transaction() as tx:
        await tx.run("UPDATE accounts SET display_name = %s WHERE id = %s", (name, therapist_id))
    return therapist_id


async def give_card(page: Page, member_id: str = "U1234567801") -> None:
    """The insurance card, typed."""
    await page.check("[name=kind][value=insurance]")
    await page.select_option("[name=payer]", "cigna")
    await page.fill("[name=member_id]", member_id)
    await page.check("[name=relationship][value=self]")
    await page.get_by_role("button", name="See what it costs").click()


@pytest.mark.parametrize("width", [390, 1280])
async def test_from_the_card_to_the_open_room(clinic: Clinic, axe_source: str, width: int) -> None:
    found = await house(clinic.databases.care)
    people = {name: await named(clinic, found, name) for name in ("Mei Lin", "Rafael Ortiz")}
    me = await arrived(clinic.databases.care)
    page = await clinic.device(me, width)
    await page.goto(f"{clinic.address}/journey")
    await page.get_by_role("link", name="Go on").click()
    await accessible(page, axe_source)
    await give_card(page)
    await expect(page.locator("h2").first).to_have_text("Cigna is being asked")
    await accessible(page, axe_source)

    await payer_says(clinic, me, COVERED)
    await expect(page.locator(".price").first).to_have_text("$25")
    await expect(page.locator(".cost")).to_contain_text("$65")
    await page.click("summary:has-text('How we worked this out')")
    await expect(page.locator("details li")).to_have_text(
        "Copay of $25, for mental health care, at a distance, in the network, for each visit."
    )
    await accessible(page, axe_source)
    await page.get_by_role("button", name="Agree and see who fits").click()

    await expect(page.locator("#matches")).to_contain_text("We are looking for therapists who fit you.")
    await search_moves(clinic, me)
    cards = page.locator(".candidate")
    await expect(cards).to_have_count(2)
    await expect(cards.first).to_contain_text("Works as you wished: exercises between messages")
    await accessible(page, axe_source)
    first = await cards.first.locator("b").inner_text()
    await page.get_by_role("button", name="Ask this therapist").click()
    await search_moves(clinic, me)
    await expect(page.locator("#offered h2")).to_have_text(f"{first} has been asked")
    await expect(page.locator("#offered")).to_contain_text("is asked; you need do nothing.")
    await accessible(page, axe_source)

    desk = await clinic.device(actor(Role.THERAPIST, people[first]))
    await desk.goto(f"{clinic.address}/offers")
    await expect(desk.locator("#places .count").last).to_have_text("1 waiting")
    await expect(desk.locator("article")).to_contain_text("in New York")
    await accessible(desk, axe_source)
    await desk.get_by_role("button", name="Accept").click()
    await expect(desk.locator(".toast")).to_contain_text("The room is open")
    await arrives(page, "/rooms/*")
    await expect(page.locator("h1")).to_have_text(first)


async def test_an_offer_that_is_declined_goes_to_the_next_and_the_client_reads_so(clinic: Clinic) -> None:
    found = await house(clinic.databases.care)
    people = {name: await named(clinic, found, name) for name in ("Mei Lin", "Rafael Ortiz")}
    async with clinic.databases.care.transaction() as tx:
        await tx.run("UPDATE therapists SET accepting = false WHERE id <> ALL (%s)", (list(people.values()),))
    me = await arrived(clinic.databases.care)
    page = await clinic.device(me, 390, scripts=False)
    await page.goto(f"{clinic.address}/journey/cover")
    await page.check("[name=kind][value=self_pay]")
    await page.get_by_role("button", name="See what it costs").click()
    await expect(page.locator(".price")).to_have_text("$65")
    await page.get_by_role("button", name="Agree and see who fits").click()
    await search_moves(clinic, me)
    await page.reload()
    first = await page.locator(".candidate b").first.inner_text()
    await page.get_by_role("button", name="Ask this therapist").click()
    await search_moves(clinic, me)
    desk = await clinic.device(actor(Role.THERAPIST, people[first]))
    await desk.goto(f"{clinic.address}/offers")
    await desk.get_by_role("button", name="Not this time").click()
    await expect(desk.locator(".empty")).to_contain_text("No offers now")
    await search_moves(clinic, me)
    await page.goto(f"{clinic.address}/journey/people")
    (second,) = people.keys() - {first}
    await expect(page.locator("#offered h2")).to_have_text(f"{second} has been asked")
    await expect(page.locator("#offered .note")).to_have_text(f"{first} cannot take you now.")


async def test_with_nobody_who_fits_a_person_looks_and_says_by_when(clinic: Clinic, axe_source: str) -> None:
    await house(clinic.databases.care)
    me = await arrived(clinic.databases.care, state="TX")
    page = await clinic.device(me, 390)
    await page.goto(f"{clinic.address}/journey/cover")
    await page.check("[name=kind][value=self_pay]")
    await page.get_by_role("button", name="See what it costs").click()
    await page.get_by_role("button", name="Agree and see who fits").click()
    await search_moves(clinic, me)
    await expect(page.locator("#matches h2")).to_have_text("A person is looking for you")
    await expect(page.locator("#matches")).to_contain_text("You hear from us by")
    await accessible(page, axe_source)


async def test_a_wrong_number_is_put_right_on_the_same_card(clinic: Clinic, axe_source: str) -> None:
    await house(clinic.databases.care)
    me = await arrived(clinic.databases.care)
    page = await clinic.device(me, 390)
    await page.goto(f"{clinic.address}/journey/cover")
    await give_card(page, "U0000000075")
    await payer_says(clinic, me, UNKNOWN_MEMBER)
    await expect(page.get_by_role("alert")).to_contain_text("did not find this member number")
    await page.get_by_role("link", name="Look at the card again").click()
    assert await page.input_value("[name=member_id]") == "U0000000075"
    await accessible(page, axe_source)
    await page.fill("[name=member_id]", "U1234567801")
    await page.get_by_role("button", name="See what it costs").click()
    await expect(page.locator("h2").first).to_have_text("Cigna is being asked")
    async with clinic.databases.care.transaction() as tx:
        rows = await tx.all("SELECT verification FROM coverages WHERE client_id = %s", (me.account_id,))
    assert [row["verification"] for row in rows] == [2]
    await payer_says(clinic, me, COVERED)
    await expect(page.locator(".price").first).to_have_text("$25")


async def test_a_plan_that_ended_leaves_paying_oneself_one_press_away(clinic: Clinic) -> None:
    await house(clinic.databases.care)
    me = await arrived(clinic.databases.care)
    page = await clinic.device(me, 390)
    await page.goto(f"{clinic.address}/journey/cover")
    await give_card(page)
    await payer_says(clinic, me, ENDED)
    await expect(page.get_by_role("alert")).to_contain_text("Cigna does not cover this now")
    await page.get_by_role("button", name="Pay myself").click()
    await expect(page.locator(".price")).to_have_text("$65")


async def test_what_the_card_lacks_is_named_and_what_was_typed_stays(clinic: Clinic) -> None:
    await house(clinic.databases.care)
    me = await arrived(clinic.databases.care)
    page = await clinic.device(me, 390, scripts=False)
    await page.goto(f"{clinic.address}/journey/cover")
    await page.get_by_role("button", name="See what it costs").click()
    await expect(page.locator("#kind-error")).to_be_visible()
    await page.check("[name=kind][value=insurance]")
    await page.select_option("[name=payer]", "cigna")
    await page.check("[name=relationship][value=spouse]")
    await page.fill("[name=group_number]", "3340001")
    await page.get_by_role("button", name="See what it costs").click()
    await expect(page.locator("#member_id-error")).to_contain_text("Please fill this in")
    await expect(page.locator("#subscriber_name-error")).to_contain_text("Please fill this in")
    await expect(page.locator("#letters-error")).to_contain_text("Please fill this in")
    assert await page.input_value("[name=group_number]") == "3340001"
    await page.check("[name=kind][value=sponsor]")
    await page.fill("[name=sponsor_code]", "NOT-A-CODE")
    await page.get_by_role("button", name="See what it costs").click()
    await expect(page.locator("#sponsor_code-error")).to_contain_text("not known")


async def test_cover_and_people_wait_for_what_comes_before_them(clinic: Clinic) -> None:
    await house(clinic.databases.care)
    me = await arrived(clinic.databases.care, measures=False)
    page = await clinic.device(me, 390)
    for path in ("cover", "estimate", "people"):
        await page.goto(f"{clinic.address}/journey/{path}")
        assert page.url.rsplit("/", 1)[-1] in ("cover", "journey"), path
