"""Real questions to the payer sandbox: the estimate in its answers, workers that die, answers that come too late."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import httpx
import pytest
from arrivals import House, arrived, give_insurance, house
from asking import Clocked, Counting, coverage, verify
from temporalio.testing import ActivityEnvironment

from activities.coverages import CoverageActivities
from activities.shapes.coverages import AskPayer
from domain.access import Actor
from integrations.clearinghouse.fake import FakeClearingHouse
from integrations.clearinghouse.http import Exchange
from integrations.clearinghouse.port import (
    ConfigurationRefused,
    Malformed,
    PayerDown,
    TimedOut,
)
from integrations.clearinghouse.raw import RawClearingHouse
from records import coverages
from records.coverages import told_of

if TYPE_CHECKING:
    from conftest import Databases


@pytest.fixture
async def live(sandbox_url: str) -> AsyncIterator[Counting]:
    async with httpx.AsyncClient() as client:
        yield Counting(RawClearingHouse(Exchange(client, sandbox_url, deadline_s=2)))


async def given(databases: "Databases", member_id: str) -> tuple[House, Actor, UUID]:
    found = await house(databases.care)
    me = await arrived(databases.care)
    return found, me, await give_insurance(databases.care, found, me, member_id)


@pytest.mark.parametrize(
    ("suffix", "per_session", "confidence"),
    [("01", "10.00", "high"), ("02", "45.00", "high"), ("03", "0.00", "high"), ("18", "25.00", "low")],
)
async def test_the_estimate_is_read_from_the_answer(
    databases: "Databases", live: Counting, suffix: str, per_session: str, confidence: str
) -> None:
    _, me, coverage_id = await given(databases, f"U91000{datetime.now(UTC):%H%M%S}{suffix}")
    await verify(Clocked(databases.worker), live, coverage_id)
    async with databases.care.transaction(me) as tx:
        told = await told_of(tx, await coverages.find(tx, coverage_id))
    found = told["estimates"]["non_prescriber"]
    assert (found["per_session"], found["confidence"]) == (per_session, confidence)
    assert {s["service"]: s["answer"] for s in told["services"]}["psychiatric_emergency"] == "redirect"


async def test_a_carve_out_changes_who_pays_and_keeps_what_is_on_the_card(
    databases: "Databases", live: Counting
) -> None:
    found, _, coverage_id = await given(databases, f"U93000{datetime.now(UTC):%H%M%S}16")
    await verify(Clocked(databases.worker), live, coverage_id)
    row = await coverage(databases.worker, coverage_id)
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
    row = await coverage(databases.worker, coverage_id)
    assert (row["status"], len(dying.asked), len(live.questions)) == ("active", 1, 1)


async def test_a_late_answer_after_a_new_cover_changes_nothing(
    databases: "Databases", live: Counting
) -> None:
    found, me, first = await given(databases, f"U96000{datetime.now(UTC):%H%M%S}01")
    second = await give_insurance(databases.care, found, me, f"U96100{datetime.now(UTC):%H%M%S}01")
    clock = Clocked(databases.worker)
    assert len(await verify(clock, live, first)) == 1
    assert live.questions == []
    await verify(clock, live, second)
    assert (await coverage(databases.worker, first))["status"] == "verifying"
    assert (await coverage(databases.worker, first))["ended_at"] is not None
    assert (await coverage(databases.worker, second))["status"] == "active"


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
    assert (await coverage(databases.worker, coverage_id))["status"] == status


async def test_a_name_that_x12_cannot_carry_goes_to_a_person(databases: "Databases") -> None:
    found = await house(databases.care)
    me = await arrived(databases.care)
    coverage_id = await give_insurance(databases.care, found, me, "山田~~01")
    fake = FakeClearingHouse(b"", b"")
    await ActivityEnvironment().run(
        CoverageActivities(databases.worker, fake).ask_payer, AskPayer(coverage_id, 1, 1)
    )
    row = await coverage(databases.worker, coverage_id)
    assert (row["status"], row["reasons"], fake.asked) == ("manual_review", ["question_unwritable"], [])
