"""A change is worked off batch after batch, once more for posts under way, and to its end whatever is killed."""

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import pytest
from factories import actor, room
from stage import keep_history, replay, stored, worker
from temporalio import activity
from temporalio.client import WorkflowHandle
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment

from activities.reprojections import ReprojectionActivities
from activities.shapes.reprojections import BatchReprojected, ReprojectBatch
from domain.access import Role
from domain.policies import working_minutes
from records.response_policies import put_version
from workflows.reprojections import UNDER_WAY, Reprojection, ReprojectionAsked, ReprojectionInput

if TYPE_CHECKING:
    from conftest import Databases


class Clocks:
    """Batches that are left in each pass, and when which was asked for."""

    def __init__(self, environment: WorkflowEnvironment, first: int, last: int) -> None:
        self._environment = environment
        self._left = {False: first, True: last}
        self.asked: list[bool] = []
        self.seconds: list[float] = []
        self.dies_after_commit = 0

    @activity.defn
    async def reproject_batch(self, ask: ReprojectBatch) -> BatchReprojected:
        self.asked.append(ask.last_pass)
        self.seconds.append((await self._environment.get_current_time()).timestamp())
        self._left[ask.last_pass] -= 1
        if len(self.asked) == self.dies_after_commit:
            raise ApplicationError("unavailable", type="Unavailable")
        return BatchReprojected(self._left[ask.last_pass] > 0)


async def start(
    environment: WorkflowEnvironment, reprojection_id: UUID | None = None
) -> WorkflowHandle[Reprojection, None]:
    which = reprojection_id or uuid4()
    return await environment.client.start_workflow(
        Reprojection.run,
        ReprojectionInput(which),
        id=f"reprojection-{which}",
        task_queue="care",
        start_signal="reprojection_asked",
        start_signal_args=[ReprojectionAsked(1)],
    )


async def test_batches_run_until_none_is_left_and_once_more_after_five_seconds(
    skipping: WorkflowEnvironment,
) -> None:
    clocks = Clocks(skipping, first=3, last=1)
    async with worker(skipping.client, Reprojection, [clocks.reproject_batch]):
        handle = await start(skipping)
        await handle.result()
        await keep_history(handle, "reprojections-three-batches")
    assert clocks.asked == [False, False, False, True]
    assert clocks.seconds[3] - clocks.seconds[2] >= UNDER_WAY.total_seconds()


async def test_a_batch_whose_worker_died_after_the_commit_is_asked_for_again(
    skipping: WorkflowEnvironment,
) -> None:
    clocks = Clocks(skipping, first=3, last=1)
    clocks.dies_after_commit = 2
    async with worker(skipping.client, Reprojection, [clocks.reproject_batch]):
        handle = await start(skipping)
        await handle.result()
        await keep_history(handle, "reprojections-killed-in-a-batch")
    assert clocks.asked == [False, False, False, True]


async def test_news_that_comes_again_changes_nothing(skipping: WorkflowEnvironment) -> None:
    clocks = Clocks(skipping, first=1, last=1)
    async with worker(skipping.client, Reprojection, [clocks.reproject_batch]):
        handle = await start(skipping)
        for _ in range(3):
            await handle.signal(Reprojection.reprojection_asked, ReprojectionAsked(1))
        await handle.result()
    assert clocks.asked == [False, True]


async def test_a_long_work_goes_on_in_a_fresh_history_without_starting_anew(
    skipping: WorkflowEnvironment,
) -> None:
    clocks = Clocks(skipping, first=170, last=2)
    async with worker(skipping.client, Reprojection, [clocks.reproject_batch]):
        handle = await start(skipping)
        begun = (await handle.describe()).run_id
        await handle.result()
        history = await skipping.client.get_workflow_handle(handle.id, run_id=begun).fetch_history()
    assert clocks.asked == [False] * 170 + [True] * 2
    assert history.events[-1].HasField("workflow_execution_continued_as_new_event_attributes")


async def test_a_new_policy_reaches_the_rows_and_a_second_start_does_nothing(
    databases: "Databases", skipping: WorkflowEnvironment
) -> None:
    where = await room(databases.care)
    async with databases.care.transaction(actor(Role.SUPERVISOR)) as tx:
        await put_version(tx, working_minutes("welcome", 30))
        (asked,) = await tx.all("SELECT id FROM reprojections")
    work = ReprojectionActivities(databases.worker)
    async with worker(skipping.client, Reprojection, work.all()):
        for _ in range(2):
            await (await start(skipping, asked["id"])).result()
    async with databases.worker.transaction() as tx:
        (clock,) = await tx.all("SELECT * FROM response_clocks WHERE room_id = %s", (where.id,))
        kept = await tx.all("SELECT due_after FROM clock_projections")
        (row,) = await tx.all("SELECT total, done, moved, finished_at FROM reprojections")
    assert clock["due_at"] - clock["opened_at"] == timedelta(minutes=30)
    assert kept == [{"due_after": clock["due_at"]}]
    assert (row["total"], row["done"], row["moved"]) == (1, 1, 1)
    assert row["finished_at"] is not None


@pytest.mark.parametrize("name", stored("reprojections"))
async def test_stored_histories_still_replay(name: str) -> None:
    await replay(Reprojection, name)


def test_there_are_histories_to_replay() -> None:
    assert len(stored("reprojections")) >= 2
