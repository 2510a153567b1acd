"""The licence watch as a workflow: an engine that is away is waited for, and stored histories replay."""

from stage import keep_history, replay, stored, worker
from temporalio import activity
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment

from workflows.licences import LicenceWatch

ID = "licence-watch"


async def test_the_watch_waits_for_postgres_and_tells_what_it_did(skipping: WorkflowEnvironment) -> None:
    away = iter([True, True, False])

    @activity.defn
    async def watch_licences() -> int:
        if next(away):
            raise ApplicationError("unavailable", type="Unavailable")
        return 3

    async with worker(skipping.client, LicenceWatch, [watch_licences]):
        handle = await skipping.client.start_workflow(LicenceWatch.run, id=ID, task_queue="care")
        assert await handle.result() == 3
    await keep_history(handle, f"{ID}-postgres-away")


async def test_stored_histories_replay() -> None:
    names = stored(ID)
    assert names
    for each in names:
        await replay(LicenceWatch, each)
