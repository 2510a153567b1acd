"""Before a claim file is made, cover is looked at again: what no payer confirmed lately waits for its yes, and each
week goes to the cover of its own days.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from asking import Clocked, told
from factories import Room, actor
from office import Office, attested_week, covered, insured_room, open_office

from domain.access import Role
from domain.eligibility import Benefit, EligibilityAnswer, RejectedQuestion
from integrations.clearinghouse.fake import FakeClearingHouse
from records import batch_gathering, coverages, eligibility_worklist, service_lines, verifications
from records.batch_gathering import Prepared
from records.eligibility_checks import ToAsk

if TYPE_CHECKING:
    from conftest import Databases

YES = EligibilityAnswer(benefits=(Benefit("1", service_types=("MH",)),))
GONE = EligibilityAnswer(benefits=(Benefit("6", service_types=("30",)),))
UNKNOWN = EligibilityAnswer(rejections=(RejectedQuestion("2100C", "75", "C"),))


@dataclass
class Billed:
    """A client with an attested week and a cover of whose yes the test decides how old it is."""

    databases: "Databases"
    office: Office
    where: Room
    clock: Clocked

    async def confirmed(self, days_ago: int) -> datetime:
        """The payer last said yes so many days ago."""
        async with self.databases.worker.transaction() as tx:
            at = tx.now - timedelta(days=days_ago)
            await tx.run(
                "UPDATE coverages SET answered_at = %s WHERE client_id = %s",
                (at, self.where.client.account_id),
            )
        return at

    async def cover(self) -> dict[str, Any]:
        async with self.databases.worker.transaction() as tx:
            row = await tx.one(
                "SELECT * FROM coverages WHERE client_id = %s ORDER BY created_at LIMIT 1",
                (self.where.client.account_id,),
            )
        assert row is not None
        return row

    async def prepared(self, *, dry_run: bool = False) -> Prepared:
        async with self.databases.billing.transaction(actor(Role.BILLING)) as tx:
            return await batch_gathering.prepare(tx, dry_run=dry_run)

    async def line(self) -> dict[str, Any]:
        """The newest line, as the office lists it."""
        async with self.databases.billing.transaction(actor(Role.BILLING)) as tx:
            rows = await service_lines.listing(tx, state=None, payer_id=None, limit=9, offset=0)
        return rows[-1]

    async def rechecked(self) -> int:
        return await self.clock.activities(FakeClearingHouse(b"", b"")).recheck_coverages()

    async def answered(self, answer: EligibilityAnswer) -> None:
        cover = await self.cover()
        async with self.clock.transaction() as tx:
            asked = await verifications.open_attempt(tx, cover["id"], cover["verification"], 1)
        assert isinstance(asked, ToAsk), asked
        async with self.clock.transaction() as tx:
            await verifications.answered(tx, asked.check_id, answer, b"271")


@pytest.fixture
async def billed(databases: "Databases") -> Billed:
    office = await open_office(databases)
    where = await insured_room(databases, office)
    await attested_week(databases, where)
    async with databases.worker.transaction() as tx:
        await tx.run("UPDATE clients SET stage = 'in_care' WHERE id = %s", (where.client.account_id,))
    return Billed(databases, office, where, Clocked(databases.worker))


async def test_a_line_whose_cover_was_not_confirmed_lately_waits_for_one_yes_and_is_ready_again(
    billed: Billed,
) -> None:
    assert (await billed.line())["state"] == "unbilled"
    last_yes = await billed.confirmed(days_ago=50)
    tried = await billed.prepared(dry_run=True)
    assert (tried.claims, tried.held, (await billed.line())["state"]) == (0, 1, "unbilled")
    prepared = await billed.prepared()
    assert (prepared.claims, prepared.held) == (0, 1)
    held = await billed.line()
    assert (held["state"], held["holds"]) == ("held", ["cover_not_confirmed"])
    assert held["confirmed_on"] == last_yes.date()
    assert await billed.rechecked() == 1
    assert await billed.rechecked() == 0, "the question is on its way"
    assert (await billed.prepared()).claims == 0
    await billed.answered(YES)
    assert (await billed.line())["state"] == "unbilled", "by itself"
    assert await billed.rechecked() == 0
    assert (await billed.prepared()).claims == 1


@pytest.mark.parametrize(
    ("answer", "work", "owner"),
    [(GONE, "ended", "billing"), (UNKNOWN, "client_details", "client")],
)
async def test_after_a_no_the_line_stays_held_and_the_cover_is_in_the_worklist(
    billed: Billed, answer: EligibilityAnswer, work: str, owner: str
) -> None:
    await billed.confirmed(days_ago=50)
    await billed.prepared()
    assert await billed.rechecked() == 1
    await billed.answered(answer)
    assert await billed.rechecked() == 0
    assert (await billed.prepared()).claims == 0
    assert (await billed.line())["holds"] == ["coverage_not_active"]
    async with billed.databases.billing.transaction(actor(Role.BILLING)) as tx:
        (item,) = await eligibility_worklist.worklist(tx)
    assert (item.work, item.owner) == (work, owner)


async def test_a_claim_that_an_edit_stopped_does_not_leave_while_its_line_is_held(billed: Billed) -> None:
    async with billed.databases.care.transaction() as tx:
        await tx.run("UPDATE payers SET filing_limit_days = 1")
    assert (await billed.prepared()).stopped == 1
    async with billed.databases.care.transaction() as tx:
        await tx.run("UPDATE payers SET filing_limit_days = 90")
    await billed.confirmed(days_ago=50)
    prepared = await billed.prepared()
    assert (prepared.claims, prepared.stopped, prepared.held) == (0, 0, 1)


async def _another_cover(billed: Billed, other: Office, days_ago: int) -> UUID:
    """The client gave it so many days ago; it was answered at once, and ended the one before it."""
    client = billed.where.client
    async with billed.databases.care.transaction(client) as tx:
        at = tx.now - timedelta(days=days_ago)
        await tx.run("UPDATE coverages SET ended_at = %s WHERE client_id = %s", (at, client.account_id))
        card = {"member_id": "U7654321001", "relationship": "self"}
        new_id = await covered(tx, other, client.account_id, card)
        await tx.run("UPDATE coverages SET created_at = %s, answered_at = %s WHERE id = %s", (at, at, new_id))
    return new_id


async def test_an_older_week_goes_to_the_cover_of_its_days_and_not_to_the_newest(billed: Billed) -> None:
    before = await billed.cover()
    other = await open_office(billed.databases, number="87726", code="optum")
    await _another_cover(billed, other, days_ago=5)
    await attested_week(billed.databases, billed.where, days_ago=20)
    async with billed.databases.worker.transaction() as tx:
        rows = await tx.all("SELECT coverage_id, payer_id, state FROM service_lines ORDER BY service_date")
    expected = {"coverage_id": before["id"], "payer_id": billed.office.payer_id, "state": "unbilled"}
    assert rows == [expected, expected]


async def _replaced_and_not_confirmed(billed: Billed) -> dict[str, Any]:
    """The line waits for the payer of the cover before. The cover that stands, as it is."""
    other = await open_office(billed.databases, number="87726", code="optum")
    new = await _another_cover(billed, other, days_ago=5)
    async with billed.databases.worker.transaction() as tx:
        await tx.run(
            "UPDATE coverages SET answered_at = %s WHERE ended_at IS NOT NULL", (tx.now - timedelta(days=50),)
        )
        await tx.run("UPDATE coverages SET active_from = %s WHERE id = %s", (tx.now.date(), new))
        stands = await coverages.find(tx, new)
    assert (await billed.prepared()).claims == 0
    assert (await billed.line())["holds"] == ["cover_not_confirmed"]
    assert await billed.rechecked() == 1
    assert await billed.rechecked() == 0
    return stands


async def _untouched(billed: Billed, stands: dict[str, Any]) -> None:
    async with billed.databases.worker.transaction() as tx:
        assert await coverages.find(tx, stands["id"]) == stands
        assert await coverages.retell(tx) == 0
    assert "coverage_ended" not in await told(billed.databases.worker, billed.where.client.account_id)


async def test_a_cover_that_was_replaced_is_asked_about_for_its_own_weeks(billed: Billed) -> None:
    stands = await _replaced_and_not_confirmed(billed)
    await billed.answered(YES)
    assert (await billed.line())["state"] == "unbilled"
    assert (await billed.cover())["ended_at"] is not None
    await _untouched(billed, stands)
    assert (await billed.prepared()).claims == 1


@pytest.mark.parametrize("answer", [GONE, UNKNOWN])
async def test_a_no_about_a_replaced_cover_is_the_offices(billed: Billed, answer: EligibilityAnswer) -> None:
    stands = await _replaced_and_not_confirmed(billed)
    await billed.answered(answer)
    assert (await billed.line())["holds"] == ["coverage_not_active"]
    assert await billed.rechecked() == 0
    await _untouched(billed, stands)
    async with billed.databases.billing.transaction(actor(Role.BILLING)) as tx:
        (item,) = await eligibility_worklist.worklist(tx)
    assert (item.work, item.owner, item.touched.lines) == ("ended", "billing", 1)


async def test_what_the_old_cover_no_longer_pays_goes_to_the_new_one_if_it_reaches_back(
    billed: Billed,
) -> None:
    before = await billed.cover()
    other = await open_office(billed.databases, number="87726", code="optum")
    new = await _another_cover(billed, other, days_ago=1)
    async with billed.databases.care.transaction() as tx:
        last_covered = tx.now.date() - timedelta(days=30)
        await tx.insert(
            "payer_credentials",
            therapist_id=billed.where.therapist.account_id,
            payer_id=other.payer_id,
            active_from=last_covered - timedelta(days=900),
        )
        await tx.run(
            "UPDATE coverages SET status = 'inactive', active_to = %s WHERE id = %s",
            (last_covered, before["id"]),
        )
        await tx.run(
            "UPDATE coverages SET active_from = %s WHERE id = %s", (tx.now.date() - timedelta(days=2), new)
        )
    assert (await billed.prepared()).claims == 0, "in force on these days was neither"
    async with billed.databases.care.transaction() as tx:
        await tx.run("UPDATE coverages SET active_from = %s WHERE id = %s", (last_covered, new))
    assert (await billed.prepared()).claims == 1
    async with billed.databases.worker.transaction() as tx:
        claim = await tx.one("SELECT payer_id FROM claims")
    assert claim == {"payer_id": other.payer_id}
