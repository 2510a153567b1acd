"""A waiting list's run: worked out once, tried again after a failure, and a second start finds nothing left."""

from uuid import uuid4

import pytest
from stage import keep_history, replay, stored, worker
from temporalio import activity
from temporalio.testing import WorkflowEnvironment

from activities.shapes.waiting_lists import AssignWaitingList
from workflows.waiting_lists import WaitingListAsked, WaitingListInput, WaitingListRun


class Desk:
    """Whose database is away the first time."""

    def __init__(self) -> None:
        self.tried: list[AssignWaitingList] = []

    @activity.defn
    async def assign_waiting_list(self, ask: AssignWaitingList) -> None:
        self.tried.append(ask)
        if len(self.tried) == 1:
            raise ConnectionError


async def test_a_run_is_worked_out_although_the_database_was_away(skipping: WorkflowEnvironment) -> None:
    desk, run_id = Desk(), uuid4()
    async with worker(skipping.client, WaitingListRun, [desk.assign_waiting_list]):
        handle = await skipping.client.start_workflow(
            WaitingListRun.run,
            WaitingListInput(run_id),
            id=f"waiting-{run_id}",
            task_queue="care",
            start_signal="waiting_list_asked",
            start_signal_args=[WaitingListAsked(1)],
        )
        await handle.result()
        assert await handle.query(WaitingListRun.get_done)
        await keep_history(handle, "waiting_lists-database-away")
    assert desk.tried == [AssignWaitingList(run_id)] * 2


@pytest.mark.parametrize("name", stored("waiting_lists"))
async def test_runs_that_go_on_today_survive_this_version(name: str) -> None:
    await replay(WaitingListRun, name)
