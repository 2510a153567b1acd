"""Thirteen weeks of a care plan in seconds, on the real rows: asked in time, once, and silent in a pause."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from factories import Room, actor, room
from stage import keep_history, replay, stored, worker
from temporalio import activity
from temporalio.client import WorkflowHandle
from temporalio.testing import WorkflowEnvironment

from activities.shapes.plans import KeepCheckIns, Kept
from domain.access import Role
from records import check_ins, plans, screening
from workflows.plans import CarePlan, CarePlanInput, PlanChanged

if TYPE_CHECKING:
    from conftest import Databases


class Rows:
    """The plan's activity on the real rows, at the skipped time."""

    def __init__(self, databases: "Databases", environment: WorkflowEnvironment) -> None:
        self._databases, self._environment = databases, environment
        self.calls = 0

    @activity.defn
    async def keep_check_ins(self, ask: KeepCheckIns) -> Kept:
        self.calls += 1
        now = await self._environment.get_current_time()
        async with self._databases.worker.transaction(at=now) as tx:
            kept = await check_ins.keep(tx, ask.room_id)
        return Kept(kept.asked, kept.missed, kept.reminded, kept.step, kept.next_alarm_at)


async def news(databases: "Databases", where: Room, version: int) -> PlanChanged:
    async with databases.worker.transaction() as tx:
        plan = await plans.plan_row(tx, where.id)
        return PlanChanged(version, plan["next_check_in_at"], await plans.next_alarm(tx, plan))


async def start(environment: WorkflowEnvironment, where: Room) -> WorkflowHandle[CarePlan, None]:
    return await environment.client.start_workflow(
        CarePlan.run, CarePlanInput(where.id), id=f"plan-{where.id}", task_queue="care"
    )


async def asked(databases: "Databases") -> int:
    async with databases.worker.transaction() as tx:
        row = await tx.one("SELECT count(*) AS n FROM check_ins")
    assert row is not None
    n: int = row["n"]
    return n


async def alliance(databases: "Databases", at: datetime) -> None:
    """This site asks about the bond with the therapist, in words of its own."""
    words = {
        "title": "How we work",
        "stem": "Lately:",
        "licence": "By leave of its owner",
        "items": [{"text": f"Question {n}?"} for n in range(1, 13)],
        "options": [{"value": n, "text": f"Answer {n}"} for n in range(1, 6)],
    }
    async with databases.care.transaction(actor(Role.ADMINISTRATOR), at=at) as tx:
        await screening.bring(tx, "WAI-SR", words)
        await screening.switch(tx, ["WAI-SR"])


async def weeks_with(databases: "Databases", measure: str) -> list[int]:
    """The check-ins that a questionnaire went along with."""
    async with databases.worker.transaction() as tx:
        rows = await tx.all("SELECT n FROM check_ins WHERE %s = ANY (measures) ORDER BY n", (measure,))
    return [row["n"] for row in rows]


async def test_thirteen_weeks_make_thirteen_check_ins(
    databases: "Databases", skipping: WorkflowEnvironment
) -> None:
    now = await skipping.get_current_time()
    await alliance(databases, now)
    where = await room(databases.care, at=now)
    rows = Rows(databases, skipping)
    async with worker(skipping.client, CarePlan, [rows.keep_check_ins]):
        handle = await start(skipping, where)
        await handle.signal(CarePlan.plan_changed, await news(databases, where, 1))
        await skipping.sleep(timedelta(weeks=13, days=1))
        assert await asked(databases) == 13
        assert await weeks_with(databases, "WAI-SR") == [3, 8]
        assert await weeks_with(databases, "PHQ-9") == [1, 4, 7, 10, 13]
        latest = skipping.client.get_workflow_handle(handle.id)
        await latest.signal(CarePlan.plan_changed, PlanChanged(99, closed=True))
        await latest.result()
        await keep_history(latest, "plans-last-of-thirteen-weeks")
        first = skipping.client.get_workflow_handle(handle.id, run_id=handle.first_execution_run_id)
        await keep_history(first, "plans-first-month")


async def test_weeks_of_a_pause_are_skipped(databases: "Databases", skipping: WorkflowEnvironment) -> None:
    now = await skipping.get_current_time()
    where = await room(databases.care, at=now)
    async with databases.care.transaction(where.client) as tx:
        await tx.insert(
            "pauses",
            id=uuid4(),
            room_id=where.id,
            reason="client",
            starts_at=now + timedelta(weeks=4, days=1),
            ends_at=now + timedelta(weeks=6, days=1),
        )
    async with worker(skipping.client, CarePlan, [Rows(databases, skipping).keep_check_ins]):
        handle = await start(skipping, where)
        await handle.signal(CarePlan.plan_changed, await news(databases, where, 1))
        await skipping.sleep(timedelta(weeks=13, days=1))
        assert await asked(databases) == 11


async def test_repeated_reordered_and_lost_news_ask_nothing_twice(
    databases: "Databases", skipping: WorkflowEnvironment
) -> None:
    now = await skipping.get_current_time()
    where = await room(databases.care, at=now)
    told = await news(databases, where, 5)
    stale = PlanChanged(4, next_alarm_at=datetime(2020, 1, 1, tzinfo=UTC))
    rows = Rows(databases, skipping)
    async with worker(skipping.client, CarePlan, [rows.keep_check_ins]):
        handle = await start(skipping, where)
        for message in (told, stale, told, told, stale):
            await handle.signal(CarePlan.plan_changed, message)
        await skipping.sleep(timedelta(days=1))
        assert rows.calls == 0
        await skipping.sleep(timedelta(days=8))  # the news of the next check-in is lost; the row tells it
        await skipping.sleep(timedelta(days=7))
        assert await asked(databases) == 2
        state = await handle.query(CarePlan.get_state)
        assert state.version == 5
        await handle.signal(CarePlan.plan_changed, PlanChanged(6, closed=True))
        await handle.result()
        await keep_history(handle, "plans-lost-news")


@pytest.mark.parametrize("name", stored("plans"))
async def test_plans_that_run_today_survive_this_version(name: str) -> None:
    await replay(CarePlan, name)
