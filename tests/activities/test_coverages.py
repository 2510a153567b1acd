"""Real questions to the payer sandbox: how each member's verification ends, and how often the payer was asked."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import httpx
import pytest
from arrivals import SOON, House, arrived, give_insurance, house
from temporalio.testing import ActivityEnvironment

from activities.coverages import CoverageActivities
from activities.shapes.coverages import Asked, AskPayer
from domain.access import Actor
from domain.coverage import CoverageStatus
from domain.coverage_words import words
from domain.rejections import ClientTask
from integrations.clearinghouse.fake import FakeClearingHouse
from integrations.clearinghouse.http import Exchange
from integrations.clearinghouse.port import (
    ClearingHouse,
    ConfigurationRefused,
    Malformed,
    PayerDown,
    TimedOut,
)
from integrations.clearinghouse.raw import RawClearingHouse
from records import coverages
from records.coverages import told_of
from records.database import Row

if TYPE_CHECKING:
    from conftest import Databases


class Counting:
    """A clearing house that counts the questions put through it."""

    refuses_production = True

    def __init__(self, inner: ClearingHouse) -> None:
        self._inner = inner
        self.questions: list[bytes] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def check(self, x12_270: bytes) -> bytes:
        self.questions.append(x12_270)
        return await self._inner.check(x12_270)


@pytest.fixture
async def live(sandbox_url: str) -> AsyncIterator[Counting]:
    async with httpx.AsyncClient() as client:
        yield Counting(RawClearingHouse(Exchange(client, sandbox_url, deadline_s=2)))


async def verify(activities: CoverageActivities, coverage_id: UUID, n: int = 1, most: int = 12) -> int:
    """Attempt after attempt, as the workflow does; the number of attempts."""
    environment = ActivityEnvironment()
    asked = Asked(1, datetime.now(UTC))
    for count in range(1, most + 1):
        asked = await environment.run(activities.ask_payer, AskPayer(coverage_id, n, asked.next_attempt))
        if asked.next_at is None:
            return count
        await asyncio.sleep(max(0.0, (asked.next_at - datetime.now(UTC)).total_seconds()))
    return most


async def coverage(databases: "Databases", coverage_id: UUID) -> Row:
    async with databases.worker.transaction() as tx:
        return await coverages.find(tx, coverage_id)


def told_to_client(row: Row) -> str:
    task = ClientTask(row["task"]) if row["task"] else None
    return words(CoverageStatus(row["status"]), row["reasons"][0], task)


async def given(databases: "Databases", member_id: str) -> tuple[House, Actor, UUID]:
    found = await house(databases.care, retry=SOON)
    me = await arrived(databases.care)
    return found, me, await give_insurance(databases.care, found, me, member_id)


@pytest.mark.parametrize(
    ("suffix", "status", "owner", "questions", "reason", "sentence"),
    [
        ("01", "active", None, 1, "plan_active", "is active for mental health"),
        ("02", "active", None, 1, "plan_active", "is active for mental health"),
        ("03", "active", None, 1, "plan_active", "is active for mental health"),
        ("04", "inactive", "client", 1, "plan_inactive", "not active"),
        ("05", "needs_information", "client", 1, "aaa_75", "did not find this member number"),
        ("06", "active", None, 2, "plan_active", "is active for mental health"),
        ("07", "needs_information", "client", 1, "aaa_58", "date of birth"),
        ("08", "manual_review", "billing", 1, "aaa_51", "billing office"),
        ("09", "active", None, 4, "plan_active", "is active for mental health"),
        ("13", "manual_review", "billing", 3, "malformed", "billing office"),
        ("15", "active", None, 1, "plan_active", "is active for mental health"),
        ("16", "active", None, 2, "plan_active", "is active for mental health"),
        ("18", "active", None, 1, "plan_active", "is active for mental health"),
        ("19", "needs_information", "client", 1, "other_payer_first", "another insurance pays first"),
        ("22", "needs_information", "client", 1, "aaa_72", "member number"),
    ],
)
async def test_each_member_ends_in_a_state_that_somebody_owns(
    databases: "Databases",
    live: Counting,
    suffix: str,
    status: str,
    owner: str | None,
    questions: int,
    reason: str,
    sentence: str,
) -> None:
    _, me, coverage_id = await given(databases, f"U90000{datetime.now(UTC):%H%M%S}{suffix}")
    await verify(CoverageActivities(databases.worker, live), coverage_id)
    row = await coverage(databases, coverage_id)
    assert (row["status"], row["owner"], len(live.questions)) == (status, owner, questions)
    assert row["reasons"] == [reason]
    assert sentence in told_to_client(row)
    async with databases.care.transaction(me) as tx:
        told = await told_of(tx, row)
        client = await tx.one("SELECT stage, wait FROM clients WHERE id = %s", (me.account_id,))
        checks = await tx.all("SELECT outcome, raw_sealed FROM eligibility_checks ORDER BY attempt")
    assert (client or {})["stage"] == ("matching" if status == "active" else "coverage")
    assert (told["estimate"] is not None) == (status == "active")
    assert len(checks) == questions
    assert all(check["outcome"] for check in checks)


@pytest.mark.parametrize(
    ("suffix", "per_session", "confidence"),
    [("01", "10.00", "high"), ("02", "45.00", "high"), ("03", "0.00", "high"), ("18", "25.00", "low")],
)
async def test_the_estimate_is_read_from_the_answer(
    databases: "Databases", live: Counting, suffix: str, per_session: str, confidence: str
) -> None:
    _, me, coverage_id = await given(databases, f"U91000{datetime.now(UTC):%H%M%S}{suffix}")
    await verify(CoverageActivities(databases.worker, live), coverage_id)
    async with databases.care.transaction(me) as tx:
        told = await told_of(tx, await coverages.find(tx, coverage_id))
    found = told["estimate"]
    assert (found["per_session"], found["confidence"]) == (per_session, confidence)
    assert {s["service"]: s["answer"] for s in told["services"]}["psychiatric_emergency"] == "redirect"


async def test_a_payer_that_is_down_is_asked_again_and_nobody_else_has_to_act(
    databases: "Databases", live: Counting
) -> None:
    _, _, coverage_id = await given(databases, f"U92000{datetime.now(UTC):%H%M%S}12")
    await verify(CoverageActivities(databases.worker, live), coverage_id, most=3)
    row = await coverage(databases, coverage_id)
    assert (row["status"], row["owner"], row["reasons"]) == ("verifying", "payer", ["down"])
    assert len(live.questions) == 3
    assert "need not do anything" in told_to_client(row)


@pytest.mark.parametrize(("suffix", "reason"), [("12", "down"), ("13", "malformed")])
async def test_a_payer_that_never_answers_ends_with_a_person(
    databases: "Databases", live: Counting, suffix: str, reason: str
) -> None:
    found = await house(databases.care, retry={**SOON, "give_up_after_seconds": 0.4, "malformed_limit": 99})
    me = await arrived(databases.care)
    member_id = f"U98000{datetime.now(UTC):%H%M%S}{suffix}"
    coverage_id = await give_insurance(databases.care, found, me, member_id)
    await verify(CoverageActivities(databases.worker, live), coverage_id)
    row = await coverage(databases, coverage_id)
    assert (row["status"], row["owner"], row["reasons"]) == ("manual_review", "billing", [reason])
    assert "billing office" in told_to_client(row)
    async with databases.worker.transaction() as tx:
        checks = await tx.all("SELECT outcome FROM eligibility_checks ORDER BY attempt")
        client = await tx.one("SELECT wait FROM clients WHERE id = %s", (me.account_id,))
    assert len(checks) == len(live.questions) > 2
    assert client == {"wait": "coverage_review"}


async def test_a_carve_out_changes_who_pays_and_keeps_what_is_on_the_card(
    databases: "Databases", live: Counting
) -> None:
    found, _, coverage_id = await given(databases, f"U93000{datetime.now(UTC):%H%M%S}16")
    await verify(CoverageActivities(databases.worker, live), coverage_id)
    row = await coverage(databases, coverage_id)
    assert (row["payer_id"], row["card_payer_id"]) == (found.payers["optum"], found.payers["cigna"])


async def test_an_activity_run_twice_asks_once(databases: "Databases", live: Counting) -> None:
    _, _, coverage_id = await given(databases, f"U94000{datetime.now(UTC):%H%M%S}09")
    activities, environment = CoverageActivities(databases.worker, live), ActivityEnvironment()
    first = await environment.run(activities.ask_payer, AskPayer(coverage_id, 1, 1))
    again = await ActivityEnvironment().run(activities.ask_payer, AskPayer(coverage_id, 1, 1))
    counted = await ActivityEnvironment().run(activities.count_interrupted, AskPayer(coverage_id, 1, 1))
    assert first == again == counted
    assert first.next_attempt == 2
    assert len(live.questions) == 1


class Dying(FakeClearingHouse):
    """A clearing house in front of which the worker is killed."""

    async def check(self, x12_270: bytes) -> bytes:
        await super().check(x12_270)
        raise asyncio.CancelledError


async def test_a_worker_killed_after_the_question_is_counted_and_asks_at_most_once_more(
    databases: "Databases", live: Counting
) -> None:
    _, _, coverage_id = await given(databases, f"U95000{datetime.now(UTC):%H%M%S}01")
    dying = Dying(b"", b"")
    with pytest.raises(asyncio.CancelledError):
        await ActivityEnvironment().run(
            CoverageActivities(databases.worker, dying).ask_payer, AskPayer(coverage_id, 1, 1)
        )
    activities = CoverageActivities(databases.worker, live)
    for _ in range(2):
        asked = await ActivityEnvironment().run(activities.count_interrupted, AskPayer(coverage_id, 1, 1))
        assert asked.next_attempt == 2
    assert live.questions == []
    await ActivityEnvironment().run(activities.ask_payer, AskPayer(coverage_id, 1, 2))
    row = await coverage(databases, coverage_id)
    assert (row["status"], len(dying.asked), len(live.questions)) == ("active", 1, 1)


async def test_a_late_answer_after_a_new_cover_changes_nothing(
    databases: "Databases", live: Counting
) -> None:
    found, me, first = await given(databases, f"U96000{datetime.now(UTC):%H%M%S}01")
    second = await give_insurance(databases.care, found, me, f"U96100{datetime.now(UTC):%H%M%S}01")
    activities = CoverageActivities(databases.worker, live)
    assert await verify(activities, first) == 1
    assert live.questions == []
    await verify(activities, second)
    assert (await coverage(databases, first))["status"] == "verifying"
    assert (await coverage(databases, first))["ended_at"] is not None
    assert (await coverage(databases, second))["status"] == "active"


@pytest.mark.parametrize(
    ("failure", "status"),
    [
        (TimedOut(), "verifying"),
        (PayerDown(503), "verifying"),
        (Malformed(), "verifying"),
        (ConfigurationRefused(400), "manual_review"),
    ],
)
async def test_what_failed_decides_who_acts(databases: "Databases", failure: Any, status: str) -> None:
    _, _, coverage_id = await given(databases, "U9700000001")
    fake = FakeClearingHouse(b"", b"")
    fake.fail_next(failure)
    await ActivityEnvironment().run(
        CoverageActivities(databases.worker, fake).ask_payer, AskPayer(coverage_id, 1, 1)
    )
    assert (await coverage(databases, coverage_id))["status"] == status


async def test_a_name_that_x12_cannot_carry_goes_to_a_person(databases: "Databases") -> None:
    found = await house(databases.care, retry=SOON)
    me = await arrived(databases.care)
    coverage_id = await give_insurance(databases.care, found, me, "山田~~01")
    fake = FakeClearingHouse(b"", b"")
    await ActivityEnvironment().run(
        CoverageActivities(databases.worker, fake).ask_payer, AskPayer(coverage_id, 1, 1)
    )
    row = await coverage(databases, coverage_id)
    assert (row["status"], row["reasons"], fake.asked) == ("manual_review", ["question_unwritable"], [])
