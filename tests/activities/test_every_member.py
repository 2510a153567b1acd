"""Every behaviour of the payer sandbox, on both transports: how it ends, who must act, what the client reads, and how
often the payer was asked. Retries keep the standard delays, on a clock that does not wait; a quarter of an hour is
the longest here, so that the silent ones end.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

import httpx
import pytest
from arrivals import arrived, give_insurance, house, permit
from asking import Clocked, Counting, coverage, told, told_to_client, verify
from factories import account

from domain.access import Actor, Role
from integrations.clearinghouse.core import CoreAccount, CoreClearingHouse
from integrations.clearinghouse.http import Exchange
from integrations.clearinghouse.port import ClearingHouse
from integrations.clearinghouse.raw import RawClearingHouse
from records import eligibility_worklist
from records.eligibility_worklist import Decision, Resolution

if TYPE_CHECKING:
    from conftest import Databases

SHORT = {"give_up_after_seconds": 900}
ACCOUNT = CoreAccount("kindroom", "secret", "KINDROOM", "SANDBOX")
ACTIVE = "is active for mental health"
PERSON = "A person in our billing office"


class Ends(NamedTuple):
    """How a member's verification ends. `owner` None: nobody has to act."""

    status: str
    owner: str | None
    questions: int
    reason: str
    sentence: str


MEMBERS = {
    "01": Ends("active", None, 1, "plan_active", ACTIVE),
    "02": Ends("active", None, 1, "plan_active", ACTIVE),
    "03": Ends("active", None, 1, "plan_active", ACTIVE),
    "04": Ends("inactive", "client", 1, "plan_inactive", "this plan is not active"),
    "05": Ends("needs_information", "client", 1, "aaa_75", "did not find this member number"),
    "06": Ends("active", None, 2, "plan_active", ACTIVE),
    "07": Ends("needs_information", "client", 1, "aaa_58", "another date of birth"),
    "08": Ends("manual_review", "billing", 1, "aaa_51", PERSON),
    "09": Ends("active", None, 4, "plan_active", ACTIVE),
    "10": Ends("active", None, 2, "plan_active", ACTIVE),
    "11": Ends("manual_review", "billing", 4, "timed_out", PERSON),
    "12": Ends("manual_review", "billing", 4, "down", PERSON),
    "13": Ends("manual_review", "billing", 3, "malformed", PERSON),
    "14": Ends("active", None, 1, "plan_active", ACTIVE),
    "15": Ends("active", None, 1, "plan_active", ACTIVE),
    "16": Ends("active", None, 2, "plan_active", ACTIVE),
    "17": Ends("active", None, 1, "plan_active", ACTIVE),
    "18": Ends("active", None, 1, "plan_active", ACTIVE),
    "19": Ends("needs_information", "client", 1, "other_payer_first", "another insurance pays first"),
    "20": Ends("needs_information", "client", 1, "aaa_75", "did not find this member number"),
    "21": Ends("active", None, 1, "plan_active", ACTIVE),
    "22": Ends("needs_information", "client", 1, "aaa_72", "did not find this member number"),
}


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient() as client:
        yield client


def connected(transport: str, client: httpx.AsyncClient, url: str, deadline_s: float) -> ClearingHouse:
    exchange = Exchange(client, url, deadline_s)
    return RawClearingHouse(exchange) if transport == "raw" else CoreClearingHouse(exchange, ACCOUNT)


@pytest.mark.parametrize("transport", ["raw", "core"])
async def test_every_member_ends_in_the_right_state_with_the_right_person_told(
    databases: "Databases", client: httpx.AsyncClient, own_sandbox_url: str, transport: str
) -> None:
    found = await house(databases.care, retry=SHORT)
    async with databases.care.transaction() as tx:
        clerk = await account(tx, Role.BILLING)
    block = f"U{datetime.now(UTC):%H%M%S%f}"

    async def seen(suffix: str) -> tuple[str, Ends]:
        """As one client goes through it, and what everybody was told of it."""
        expected = MEMBERS[suffix]
        me = await arrived(databases.care)
        coverage_id = await give_insurance(databases.care, found, me, block + suffix)
        # Nobody but the member that is slow on purpose runs into the deadline, however busy the machine.
        asking = Counting(connected(transport, client, own_sandbox_url, 0.3 if suffix == "11" else 20))
        await verify(Clocked(databases.worker), asking, coverage_id)
        row = await coverage(databases.worker, coverage_id)
        sentence = told_to_client(row)
        assert await told(databases.worker, me.account_id) == ["coverage_answered"], suffix
        await _matches_its_journey(databases, me, row["status"])
        return suffix, Ends(
            row["status"],
            row["owner"],
            len(asking.questions),
            row["reasons"][0],
            expected.sentence if expected.sentence in sentence else sentence,
        )

    assert dict(await asyncio.gather(*map(seen, MEMBERS))) == MEMBERS
    of_the_office = [ends for ends in MEMBERS.values() if ends.owner == "billing"]
    assert await told(databases.worker, clerk) == ["coverage_waits"] * len(of_the_office)
    await _worklist_names(databases, {ends.owner for ends in MEMBERS.values() if ends.owner})


async def _matches_its_journey(databases: "Databases", me: Actor, status: str) -> None:
    waits = {
        "active": "candidates",
        "inactive": "other_coverage",
        "needs_information": "coverage_details",
        "manual_review": "coverage_review",
    }
    async with databases.worker.transaction() as tx:
        row = await tx.one("SELECT wait FROM clients WHERE id = %s", (me.account_id,))
    assert row == {"wait": waits[status]}


async def _worklist_names(databases: "Databases", owners: set[str]) -> None:
    async with databases.billing.transaction() as tx:
        rows = await eligibility_worklist.worklist(tx)
    assert len(rows) == sum(ends.status != "active" for ends in MEMBERS.values())
    assert {row.owner for row in rows if row.owner} == owners
    kinds = {row.row["reasons"][0]: row.work.value for row in rows}
    assert kinds == {
        "plan_inactive": "other_cover",
        "aaa_75": "client_details",
        "aaa_58": "client_details",
        "aaa_72": "client_details",
        "other_payer_first": "client_details",
        "aaa_51": "enrolment",
        "timed_out": "payer_silent",
        "down": "payer_silent",
        "malformed": "payer_silent",
    }


async def test_a_member_known_only_as_a_dependent_is_found_once_the_client_says_whose_plan_it_is(
    databases: "Databases", client: httpx.AsyncClient, own_sandbox_url: str
) -> None:
    found = await house(databases.care)
    me = await arrived(databases.care)
    coverage_id = await give_insurance(databases.care, found, me, f"U{datetime.now(UTC):%H%M%S%f}20")
    asking, clock = Counting(connected("raw", client, own_sandbox_url, 20)), Clocked(databases.worker)
    await verify(clock, asking, coverage_id)
    corrected = {
        "relationship": "child",
        "subscriber_name": "Maria Okafor",
        "subscriber_born": datetime(1970, 5, 1, tzinfo=UTC).date(),
    }
    async with databases.care.transaction(me) as tx:
        how = Resolution(Decision.ASK_AGAIN, corrected)
        await eligibility_worklist.resolve(tx, await permit(tx, me), coverage_id, how)
    await verify(clock, asking, coverage_id, n=2)
    row = await coverage(databases.worker, coverage_id)
    assert (row["status"], len(asking.questions)) == ("active", 2)
    assert (b"HL*4*3*23*0" in asking.questions[0], b"HL*4*3*23*0" in asking.questions[1]) == (False, True)


async def test_a_payer_that_takes_several_service_types_answers_all_in_one(
    databases: "Databases", client: httpx.AsyncClient, own_sandbox_url: str
) -> None:
    found = await house(databases.care)
    async with databases.care.transaction() as tx:
        await tx.run("UPDATE payers SET settings = settings || '{\"service_types_per_request\": 3}'")
    me = await arrived(databases.care)
    coverage_id = await give_insurance(databases.care, found, me, f"U{datetime.now(UTC):%H%M%S%f}01")
    asking = Counting(connected("raw", client, own_sandbox_url, 20))
    await verify(Clocked(databases.worker), asking, coverage_id)
    (question,) = asking.questions
    assert [f"EQ*{each}~".encode() in question for each in ("MH", "98", "30")] == [True, True, True]
    assert (await coverage(databases.worker, coverage_id))["status"] == "active"


async def test_a_plan_that_the_payer_ends_in_retrospect_is_found_by_asking_again(
    databases: "Databases", client: httpx.AsyncClient, own_sandbox_url: str
) -> None:
    found = await house(databases.care)
    me = await arrived(databases.care)
    coverage_id = await give_insurance(databases.care, found, me, f"U{datetime.now(UTC):%H%M%S%f}21")
    asking, clock = Counting(connected("raw", client, own_sandbox_url, 20)), Clocked(databases.worker)
    await verify(clock, asking, coverage_id)
    assert (await coverage(databases.worker, coverage_id))["status"] == "active"
    days = timedelta(days=32)
    await client.post(f"{own_sandbox_url}/control/clock", json={"seconds": days.total_seconds()})
    clock.passes(days)
    assert await clock.activities(asking).recheck_coverages() == 1
    await verify(clock, asking, coverage_id, n=2)
    row = await coverage(databases.worker, coverage_id)
    assert (row["status"], row["owner"], row["reasons"]) == ("inactive", "client", ["plan_inactive"])
    assert row["active_to"] < (clock.now - days).date(), "before the day on which the payer said yes"
    assert await told(databases.worker, me.account_id) == ["coverage_answered", "coverage_ended"]
    async with databases.worker.transaction() as tx:
        waits = await tx.one("SELECT wait FROM clients WHERE id = %s", (me.account_id,))
    assert waits == {"wait": "other_coverage"}


async def test_a_payer_down_for_six_hours_then_up_is_one_journey_with_one_answer(
    databases: "Databases", client: httpx.AsyncClient, own_sandbox_url: str
) -> None:
    found = await house(databases.care)
    me = await arrived(databases.care)
    coverage_id = await give_insurance(databases.care, found, me, f"U{datetime.now(UTC):%H%M%S%f}01")
    asking, clock = Counting(connected("raw", client, own_sandbox_url, 20)), Clocked(databases.worker)
    down = clock.now
    await client.post(f"{own_sandbox_url}/control/faults", json={"fault": "down"})
    try:
        silent = await verify(clock, asking, coverage_id, most=13)
    finally:
        await client.delete(f"{own_sandbox_url}/control/faults", params={"fault": "down"})
    assert clock.now - down > timedelta(hours=6)
    row = await coverage(databases.worker, coverage_id)
    assert (row["status"], row["owner"], row["reasons"]) == ("verifying", "payer", ["down"])
    clock.passes(timedelta(hours=1))
    assert len(await verify(clock, asking, coverage_id, first=len(silent) + 1)) == 1
    row = await coverage(databases.worker, coverage_id)
    assert (row["status"], row["verification"], len(asking.questions)) == ("active", 1, len(silent) + 1)
    assert await told(databases.worker, me.account_id) == ["coverage_answered"]
    async with databases.worker.transaction() as tx:
        asked = await tx.all("SELECT payload FROM outbox WHERE kind = 'coverage_asked'")
        settled = await tx.all("SELECT 1 AS once FROM audit_events WHERE action = 'settle_coverage'")
    assert (len(asked), len(settled)) == (1, 1)
