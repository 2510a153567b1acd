"""AAA 79: a payer is asked once about a member whom it knows, so that whoever can put it right hears of it."""

from typing import TYPE_CHECKING, Any

from arrivals import house
from asking import told, told_to_client
from factories import account
from insured import ACTIVE, Insured, insured, rejected

from domain.access import Role
from domain.eligibility import EligibilityAnswer
from records import coverages, eligibility_worklist, verifications
from records.eligibility_checks import ToAsk

if TYPE_CHECKING:
    from conftest import Databases

REFUSED = rejected("79", loop="2100A")


async def two(databases: "Databases") -> tuple[Insured, Insured]:
    """A member whom the payer knows, and one whom it refuses."""
    found = await house(databases.care)
    known, refused = await insured(databases, found), await insured(databases, found, "U7654321005")
    await known.answered(ACTIVE)
    await refused.answered(REFUSED)
    return known, refused


async def questions(one: Insured) -> list[dict[str, Any]]:
    async with one.clock.transaction() as tx:
        return await tx.all(
            "SELECT outcome, reason, tried, raw_sealed FROM eligibility_checks WHERE coverage_id = %s"
            " ORDER BY attempt",
            (one.coverage_id,),
        )


async def test_a_payer_that_knows_another_member_leaves_the_number_to_the_client(
    databases: "Databases",
) -> None:
    known, refused = await two(databases)
    probe = await refused.opened(2)
    assert isinstance(probe, ToAsk)
    assert (probe.member_id, probe.payer_number) == ("U1234567801", "62308")
    async with refused.clock.transaction() as tx:
        await verifications.answered(tx, probe.check_id, ACTIVE, b"what is said of the other")
    assert await refused.standing() == ("needs_information", "client", "aaa_79")
    assert "did not find this member number" in told_to_client(await refused.row())
    assert await told(databases.worker, refused.me.account_id) == ["coverage_answered"]
    assert await known.standing() == ("active", None, "plan_active"), "nothing is decided about the other"
    _, second = await questions(refused)
    assert (second["tried"], second["raw_sealed"]) == (["other_member"], None)
    async with databases.worker.transaction() as tx:
        answer = (await coverages.told_of(tx, await coverages.find(tx, refused.coverage_id)))["answer"]
        seen = await tx.all("SELECT 1 AS there FROM audit_events WHERE action = 'ask_payer'")
    assert answer is None
    assert len(seen) == 3


async def test_a_payer_that_refuses_another_member_too_is_the_offices_alarm(databases: "Databases") -> None:
    _, refused = await two(databases)
    async with databases.care.transaction() as tx:
        chief = await account(tx, Role.ADMINISTRATOR)
    assert (await refused.answered(REFUSED, attempt=2)).at is None
    assert await refused.standing() == ("manual_review", "administrator", "aaa_79")
    assert await told(databases.worker, chief) == ["clearing_house_alarm"]
    async with databases.worker.transaction() as tx:
        (work,) = await eligibility_worklist.worklist(tx)
    assert work.work == "alarm"


async def test_silence_about_the_other_member_is_not_asked_again(databases: "Databases") -> None:
    _, refused = await two(databases)
    assert isinstance(await refused.opened(2), ToAsk)
    async with refused.clock.transaction() as tx:
        following = await verifications.interrupted(tx, refused.coverage_id, 1, 2)
    assert following == verifications.DONE
    assert await refused.standing() == ("manual_review", "administrator", "aaa_79")


async def test_where_nobody_is_known_the_alarm_rings_at_once(databases: "Databases") -> None:
    one = await insured(databases)
    following = await one.answered(REFUSED)
    assert (following.attempt, following.at) == (2, one.clock.now)
    assert await one.opened(2) == verifications.DONE
    assert await one.standing() == ("manual_review", "administrator", "aaa_79")
    assert len(await questions(one)) == 1


async def test_a_payer_that_takes_several_service_types_is_asked_once(databases: "Databases") -> None:
    one = await insured(databases)
    async with databases.care.transaction() as tx:
        await tx.run("UPDATE payers SET settings = settings || '{\"service_types_per_request\": 3}'")
    asked = await one.opened()
    assert isinstance(asked, ToAsk)
    assert asked.service_types == ("MH", "98", "30")
    async with one.clock.transaction() as tx:
        following = await verifications.answered(tx, asked.check_id, EligibilityAnswer(), b"271")
    assert following == verifications.DONE, "no broader question is left"
    assert await one.standing() == ("manual_review", "billing", "nothing_said")
