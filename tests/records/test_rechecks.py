"""A cover that stands is asked about again in its time, once; what its end touches is raised, nobody is forgotten."""

import asyncio
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from arrivals import PRACTICE, permit
from asking import Clocked, told
from factories import account, actor
from insured import ACTIVE, Insured, insured, rejected
from office import attested_week, insured_room, open_office

from domain.access import Actor, Role
from domain.eligibility import Benefit, EligibilityAnswer, Network
from integrations.clearinghouse.fake import FakeClearingHouse
from integrations.clearinghouse.port import ReportKind
from records import (
    batch_gathering,
    clock_audits,
    coverage_endings,
    coverages,
    eligibility_worklist,
    rechecks,
    service_lines,
    verifications,
)
from records.eligibility_worklist import Decision, Resolution
from records.practice import set_practice

if TYPE_CHECKING:
    from conftest import Databases

WITH_A_COPAY = EligibilityAnswer(
    benefits=(*ACTIVE.benefits, Benefit("B", "IND", ("MH",), "27", Decimal("12.00"), network=Network.IN))
)
MONTH = timedelta(days=32)
SAMPLES = Path(__file__).parents[1] / "samples" / "x12"


def ended_on(day: date) -> EligibilityAnswer:
    return EligibilityAnswer(benefits=(Benefit("6", service_types=("30",)),), plan_end=day)


async def test_a_cover_is_asked_about_each_month_and_stays_in_force_meanwhile(databases: "Databases") -> None:
    one = await insured(databases)
    await one.answered(ACTIVE)
    before = await told(databases.worker, one.me.account_id)
    assert await one.rechecked() == 0
    one.clock.passes(MONTH)
    assert sum(await asyncio.gather(one.rechecked(), one.rechecked())) == 1, "two workers look at once"
    assert await one.rechecked() == 0, "the question is on its way"
    asked = await one.row()
    assert (asked["status"], asked["asking"], asked["verification"]) == ("active", True, 2)
    async with databases.worker.transaction() as tx:
        assert (await coverages.active_coverage(tx, one.me.account_id, one.clock.now.date()) or {})["asking"]
        assert await coverages.retell(tx) == 1
        waits = await tx.one("SELECT wait, wait_since FROM clients WHERE id = %s", (one.me.account_id,))
    await one.answered(ACTIVE)
    again = await one.row()
    assert (again["status"], again["asking"], again["owner"]) == ("active", False, None)
    assert again["answered_at"] > asked["answered_at"]
    assert again["status_at"] == asked["status_at"]
    async with databases.worker.transaction() as tx:
        assert waits == await tx.one(
            "SELECT wait, wait_since FROM clients WHERE id = %s", (one.me.account_id,)
        )
    assert await told(databases.worker, one.me.account_id) == before, "a yes repeated is no news"
    assert await one.rechecked() == 0
    one.clock.passes(MONTH)
    assert await one.rechecked() == 1
    await one.answered(WITH_A_COPAY)
    assert await told(databases.worker, one.me.account_id) == [*before, "cost_changed"]


async def test_a_cover_in_doubt_stays_in_force_and_somebody_acts(databases: "Databases") -> None:
    one = await insured(databases)
    async with databases.care.transaction() as tx:
        clerk = await account(tx, Role.BILLING)
    await one.answered(ACTIVE)
    one.clock.passes(MONTH)
    await one.rechecked()
    await one.answered(rejected("75", "C"))
    assert await one.standing() == ("active", "client", "aaa_75")
    assert (await told(databases.worker, one.me.account_id))[-1] == "coverage_in_doubt"
    async with databases.billing.transaction(actor(Role.BILLING, clerk)) as tx:
        (work,) = await eligibility_worklist.worklist(tx)
        assert (work.owner, work.work, work.row["due_at"] > one.clock.now) == (
            "client",
            "client_details",
            True,
        )
    one.clock.passes(MONTH)
    assert await one.rechecked() == 0, "a wrong question is not repeated by itself"
    async with databases.care.transaction(one.me) as tx:
        how = Resolution(Decision.ASK_AGAIN, {"member_id": "U1234567809"})
        await eligibility_worklist.resolve(tx, await permit(tx, one.me), one.coverage_id, how)
    one.verification += 1
    await one.answered(ACTIVE)
    assert await one.standing() == ("active", None, "plan_active")


async def test_a_payer_that_asks_for_ten_days_is_asked_after_ten_days(databases: "Databases") -> None:
    one = await insured(databases)
    assert (await one.answered(rejected("42", "X"))).at is None
    assert await one.standing() == ("manual_review", "billing", "aaa_42")
    one.clock.passes(timedelta(days=9))
    assert await one.rechecked() == 0
    one.clock.passes(timedelta(days=1))
    assert await one.rechecked() == 1
    await one.answered(ACTIVE)
    assert await one.standing() == ("active", None, "plan_active")


async def test_an_answer_that_is_to_come_by_itself_is_waited_for_then_a_person_asks(
    databases: "Databases",
) -> None:
    one = await insured(databases)
    following = await one.answered(rejected("42", "Y"))
    assert following.at == one.clock.now + timedelta(days=2)
    assert await one.standing() == ("verifying", "payer", "aaa_42")
    one.clock.passes(timedelta(days=2))
    async with one.clock.transaction() as tx:
        assert (
            await verifications.open_attempt(tx, one.coverage_id, 1, following.attempt) == verifications.DONE
        )
        checks = await tx.all("SELECT attempt FROM eligibility_checks")
    assert await one.standing() == ("manual_review", "billing", "aaa_42")
    assert len(checks) == 1, "not asked again"


async def test_an_answer_that_comes_by_itself_is_taken_once_and_followed(databases: "Databases") -> None:
    one = await insured(databases)
    following = await one.answered(rejected("42", "Y"))
    async with one.clock.transaction() as tx:
        check = await tx.one("SELECT trace FROM eligibility_checks")
    assert check is not None
    carved_out = (SAMPLES / "271_active_mh.x12").read_bytes()
    echo = next(part for part in carved_out.split(b"~") if part.strip().startswith(b"TRN*2"))
    mailbox = FakeClearingHouse(b"", b"")
    for _ in range(2):  # a clearing house that puts it there twice
        late = carved_out.replace(echo.split(b"*")[2], check["trace"].encode())
        mailbox.put_report(ReportKind.ELIGIBILITY_271, late, one.clock.now)
    assert await one.clock.activities(mailbox).recheck_coverages() == 0
    assert await one.standing() == ("verifying", "payer", "carve_out")
    async with one.clock.transaction() as tx:
        notes = await tx.all("SELECT payload FROM outbox WHERE kind = 'coverage_asked' ORDER BY id")
        reports = await tx.all("SELECT state FROM clearinghouse_reports")
        woken = await verifications.interrupted(tx, one.coverage_id, 1, 1)
    assert [note["payload"] for note in notes] == [{"n": 1}, {"n": 1, "look": True}]
    assert reports == [{"state": "posted"}, {"state": "posted"}]
    assert (woken.attempt, woken.at) == (following.attempt, one.clock.now)
    await one.answered(ACTIVE, attempt=2)
    assert await one.standing() == ("active", None, "plan_active")
    async with one.clock.transaction() as tx:
        payers = await tx.all("SELECT payer_number FROM eligibility_checks ORDER BY attempt")
    assert [row["payer_number"] for row in payers] == ["62308", "87726"]
    assert (await told(databases.worker, one.me.account_id)).count("coverage_answered") == 1


async def test_without_the_practices_details_an_alarm_rings_and_setting_them_is_enough(
    databases: "Databases",
) -> None:
    one = await insured(databases)
    async with databases.care.transaction() as tx:
        chief = await account(tx, Role.ADMINISTRATOR)
    await _forget_the_practice(databases)
    async with one.clock.transaction() as tx:
        assert await verifications.open_attempt(tx, one.coverage_id, 1, 1) == verifications.DONE
    assert await one.standing() == ("manual_review", "administrator", "practice_not_set")
    assert await told(databases.worker, chief) == ["clearing_house_alarm"]
    async with databases.care.transaction() as tx:
        assert (await clock_audits.health(tx)).blocked_covers == 1
    assert await one.rechecked() == 0
    async with databases.care.transaction() as tx:
        await set_practice(tx, PRACTICE)
    one.clock.passes(timedelta(minutes=15))
    assert await one.rechecked() == 1
    await one.answered(ACTIVE)
    assert await one.standing() == ("active", None, "plan_active")


async def _forget_the_practice(databases: "Databases") -> None:
    import psycopg

    async with await psycopg.AsyncConnection.connect(databases.owner_dsn) as owner:
        await owner.execute("UPDATE policies SET superseded_at = now() WHERE name = 'practice'")


async def test_nothing_is_asked_without_the_clients_leave_and_giving_it_is_enough(
    databases: "Databases",
) -> None:
    one = await insured(databases)
    await _release(databases, one.me.account_id, "now()")
    async with one.clock.transaction() as tx:
        assert await verifications.open_attempt(tx, one.coverage_id, 1, 1) == verifications.DONE
        checks = await tx.all("SELECT 1 AS there FROM eligibility_checks")
    assert checks == []
    assert await one.standing() == ("needs_information", "client", "release_needed")
    assert (await one.row())["task"] == "release"
    assert await one.rechecked() == 0
    await _release(databases, one.me.account_id, "NULL")
    assert await one.rechecked() == 1


async def _release(databases: "Databases", client_id: UUID, withdrawn_at: str) -> None:
    import psycopg

    async with await psycopg.AsyncConnection.connect(databases.owner_dsn) as owner:
        await owner.execute(
            f"UPDATE consents SET withdrawn_at = {withdrawn_at}"
            " WHERE client_id = %s AND document = 'release_of_benefits'",
            (client_id,),
        )


async def test_a_plan_that_ended_weeks_ago_raises_claims_lines_room_client_and_office(
    databases: "Databases",
) -> None:
    office = await open_office(databases)
    async with databases.care.transaction() as tx:
        clerk = await account(tx, Role.BILLING)
    where = await insured_room(databases, office)
    await attested_week(databases, where, days_ago=20)
    async with databases.billing.transaction(actor(Role.BILLING, clerk)) as tx:
        assert len((await batch_gathering.prepare(tx)).batch_ids) == 1
    await attested_week(databases, where, days_ago=9)
    one = await _in_care(databases, where.client)
    assert await one.rechecked() == 1
    last_day = (one.clock.now - timedelta(days=17)).date()
    await one.answered(ended_on(last_day))

    row = await one.row()
    assert (row["status"], row["owner"], row["active_to"]) == ("inactive", "client", last_day)
    async with databases.billing.transaction(actor(Role.BILLING, clerk)) as tx:
        touched = (await coverage_endings.touched(tx, [one.coverage_id]))[one.coverage_id]
        (claim,) = await coverage_endings.claims_after(tx, one.coverage_id)
        held = await tx.one("SELECT state, holds FROM service_lines ORDER BY service_date DESC LIMIT 1")
        room = await tx.one("SELECT state FROM rooms WHERE id = %s", (where.id,))
        (work,) = await eligibility_worklist.worklist(tx)
    assert (touched.lines, touched.claims, str(touched.charge)) == (1, 1, "120.00")
    assert (work.owner, work.work, work.touched) == ("billing", "ended", touched)
    assert claim["service_to"] > last_day
    assert held == {"state": "held", "holds": ["coverage_not_active"]}
    assert room == {"state": "open"}, "care goes on"
    for who, what in (
        (where.client.account_id, "coverage_ended"),
        (where.therapist.account_id, "room_cover_ended"),
        (clerk, "cover_ended_back"),
    ):
        assert (await told(databases.worker, who)).count(what) == 1, what
    async with databases.worker.transaction() as tx:
        await service_lines.look_again(tx)
        assert (await tx.one("SELECT state FROM service_lines ORDER BY service_date DESC")) == {
            "state": "held"
        }
        await tx.run("UPDATE coverages SET active_to = %s", (claim["service_to"],))
        touched = (await coverage_endings.touched(tx, [one.coverage_id]))[one.coverage_id]
    assert (touched.lines, touched.claims) == (1, 0), "the week of the last covered day is covered"
    one.clock.passes(timedelta(days=4))
    await one.rechecked()
    await one.rechecked()
    assert (await told(databases.worker, clerk)).count("cover_overdue") == 1


async def _in_care(databases: "Databases", client: Actor) -> Insured:
    async with databases.worker.transaction() as tx:
        row = await tx.one("SELECT id FROM coverages WHERE client_id = %s", (client.account_id,))
        await tx.run("UPDATE clients SET stage = 'in_care' WHERE id = %s", (client.account_id,))
        await tx.run(
            "UPDATE coverages SET answered_at = created_at WHERE client_id = %s", (client.account_id,)
        )
    assert row is not None
    return Insured(client, row["id"], Clocked(databases.worker))


async def test_a_claim_denied_for_cover_has_the_payer_asked_anew(databases: "Databases") -> None:
    office = await open_office(databases)
    where = await insured_room(databases, office)
    await attested_week(databases, where)
    clerk = actor(Role.BILLING)
    async with databases.billing.transaction(clerk) as tx:
        await batch_gathering.prepare(tx)
    one = await _in_care(databases, where.client)
    await one.rechecked()
    await one.answered(ACTIVE)
    assert await one.rechecked() == 0
    async with databases.worker.transaction() as tx:
        claim = await tx.one("SELECT id FROM claims")
        assert claim is not None
        assert await rechecks.claim_denied(tx, claim["id"])
    one.clock.passes(timedelta(minutes=15))
    assert await one.rechecked() == 1
    await one.answered(ended_on((one.clock.now - timedelta(days=20)).date()))
    assert (await one.standing())[:2] == ("inactive", "client")
