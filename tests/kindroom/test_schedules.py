"""The schedules on the real server, triggered: the audit runs, repairs, and starts a room's workflow that was lost."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from factories import room
from temporalio.client import Client, ScheduleOverlapPolicy
from temporalio.worker import Worker

from activities.clock_audits import ClockAuditActivities
from activities.rooms import RoomActivities
from encryption.key_files import KeyFile
from kindroom.dispatcher import Dispatcher
from kindroom.embedded.temporal import EmbeddedTemporal
from kindroom.schedules import CLOCK_AUDIT, SCHEDULES, WORKFLOW_AUDIT, ensure_schedules
from kindroom.temporal import connect
from kindroom.workflow_runner import RUNNER
from records.database import Row
from workflows.clocks import ClockAudit, WorkflowAudit
from workflows.policies import CARE_QUEUE
from workflows.rooms import CareRoom

if TYPE_CHECKING:
    from conftest import Databases


@pytest.fixture
async def client(tmp_path: Path, databases: "Databases") -> AsyncIterator[Client]:
    """The real server, and a worker that audits and keeps rooms."""
    async with EmbeddedTemporal(tmp_path / "temporal") as server:
        client = await connect(server.address, server.namespace, KeyFile(tmp_path / "codec.json"))
        async with Worker(
            client,
            task_queue=CARE_QUEUE,
            workflows=[ClockAudit, WorkflowAudit, CareRoom],
            activities=[
                *ClockAuditActivities(databases.worker, client).all(),
                *RoomActivities(databases.worker).all(),
            ],
            workflow_runner=RUNNER,
        ):
            yield client


async def runs(databases: "Databases", *, counted: bool) -> list[Row]:
    async with databases.worker.transaction() as tx:
        return await tx.all(
            "SELECT * FROM clock_audit_runs WHERE (missing_workflows IS NOT NULL) = %s ORDER BY id",
            (counted,),
        )


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(30):
        while not await holds():  # noqa: ASYNC110  other processes set no Event of ours
            await asyncio.sleep(0.05)


async def test_schedules_skip_what_overlaps_make_up_for_minutes_and_run_at_once(
    databases: "Databases", client: Client
) -> None:
    await ensure_schedules(client)
    await ensure_schedules(client)  # of a second worker
    for recurring in SCHEDULES:
        schedule = (await client.get_schedule_handle(recurring.id).describe()).schedule
        assert schedule.policy.overlap is ScheduleOverlapPolicy.SKIP
        assert schedule.policy.catchup_window == timedelta(minutes=5)
        assert [spec.every for spec in schedule.spec.intervals] == [recurring.every]

    async def both_ran() -> bool:
        return bool(await runs(databases, counted=True) and await runs(databases, counted=False))

    await until(both_ran)


async def test_each_minute_a_late_alarm_is_told_again_and_rings(
    databases: "Databases", client: Client
) -> None:
    await ensure_schedules(client)

    async def ran() -> bool:
        return bool(await runs(databases, counted=False))

    await until(ran)
    where = await room(databases.care, at=datetime.now(UTC) - timedelta(days=2))
    async with databases.worker.transaction() as tx:
        await tx.run("DELETE FROM outbox")  # lost on its way
    await client.get_schedule_handle(CLOCK_AUDIT.id).trigger()

    async def repaired() -> bool:
        return [row["repaired"] for row in await runs(databases, counted=False)][1:] == [1]

    await until(repaired)
    await Dispatcher(databases.worker, client).send_batch()

    async def rung() -> bool:
        async with databases.worker.transaction() as tx:
            row = await tx.one("SELECT next_alarm_at FROM response_clocks WHERE room_id = %s", (where.id,))
        return row == {"next_alarm_at": None}

    await until(rung)


async def test_each_day_a_room_whose_workflow_was_lost_gets_it_back(
    databases: "Databases", client: Client
) -> None:
    there, lost = [await room(databases.care, at=datetime.now(UTC) - timedelta(minutes=9)) for _ in range(2)]
    async with databases.worker.transaction() as tx:
        await tx.run("DELETE FROM outbox WHERE subject_id = %s OR kind <> 'clock_changed'", (lost.id,))
    dispatcher = Dispatcher(databases.worker, client)
    await dispatcher.send_batch()
    await ensure_schedules(client)

    async def counted() -> bool:
        return bool(await runs(databases, counted=True))

    await until(counted)
    assert [row["missing_workflows"] for row in await runs(databases, counted=True)] == [1]
    await dispatcher.send_batch()

    async def both() -> bool:  # Temporal lists a workflow a moment after it has started it
        found = {each.id async for each in client.list_workflows("WorkflowType = 'CareRoom'")}
        return found == {f"room-{there.id}", f"room-{lost.id}"}

    await until(both)
    await client.get_schedule_handle(WORKFLOW_AUDIT.id).trigger()

    async def counted_again() -> bool:
        return [row["missing_workflows"] for row in await runs(databases, counted=True)] == [1, 0]

    await until(counted_again)
