"""A batch is built and sent once, followed until it is settled, and given to a person when it must be."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from stage import keep_history, replay, stored, worker
from temporalio import activity
from temporalio.client import WorkflowHandle
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment

from activities.shapes.claims import BatchRef, BatchStanding
from domain.claim_batches import BatchState
from workflows.claims import BatchChanged, ClaimBatch, ClaimBatchInput


class Desk:
    """The batch's rows and the clearing house as activities meet them."""

    def __init__(self, environment: WorkflowEnvironment) -> None:
        self._environment = environment
        self.ended_at: datetime | None = None
        self.version, self.state = 1, BatchState.BUILDING
        self.refuses = False
        self.failures: list[str] = []  # error types of the next calls to the house
        self.empty_mailboxes = 3
        self.calls: list[str] = []

    def standing(self, reports: int = 0) -> BatchStanding:
        return BatchStanding(self.version, self.state, 60, 3_600, reports)

    def move(self, state: BatchState) -> None:
        self.version, self.state = self.version + 1, state

    def _fail(self) -> None:
        if self.failures:
            kind = self.failures.pop(0)
            raise ApplicationError("clearing_house", type=kind)

    @activity.defn
    async def build_batch(self, _: BatchRef) -> BatchStanding:
        self.calls.append("build")
        if self.state is BatchState.BUILDING:
            self.move(BatchState.REFUSED if self.refuses else BatchState.READY)
        return self.standing()

    @activity.defn
    async def send_batch(self, _: BatchRef) -> BatchStanding:
        self.calls.append("send")
        self._fail()
        self.move(BatchState.SENT)
        return self.standing()

    @activity.defn
    async def read_mailbox(self, _: BatchRef) -> BatchStanding:
        self.calls.append("read")
        self._fail()
        self.empty_mailboxes -= 1
        return self.standing(reports=int(self.empty_mailboxes < 0))

    @activity.defn
    async def review_batch(self, _: BatchRef) -> BatchStanding:
        if self.empty_mailboxes < 0 and self.state is BatchState.SENT:
            self.move(BatchState.SETTLED)
            self.ended_at = await self._environment.get_current_time()
        return self.standing()

    @activity.defn
    async def hand_over_batch(self, _: BatchRef) -> BatchStanding:
        self.calls.append("hand over")
        self.move(BatchState.WITH_PERSON)
        self.ended_at = await self._environment.get_current_time()
        return self.standing()

    @property
    def activities(self) -> list[object]:
        return [self.build_batch, self.send_batch, self.read_mailbox, self.review_batch, self.hand_over_batch]


async def start(environment: WorkflowEnvironment) -> WorkflowHandle[ClaimBatch, None]:
    batch_id = uuid4()
    return await environment.client.start_workflow(
        ClaimBatch.run,
        ClaimBatchInput(batch_id),
        id=f"claims-{batch_id}",
        task_queue="office",
        start_signal="batch_changed",
        start_signal_args=[BatchChanged(1)],
    )


async def test_a_batch_goes_out_once_and_is_followed_to_its_end(skipping: WorkflowEnvironment) -> None:
    desk = Desk(skipping)
    began = await skipping.get_current_time()
    async with worker(skipping.client, ClaimBatch, desk.activities, "office"):  # type: ignore[arg-type]
        handle = await start(skipping)
        await handle.result()
        await keep_history(handle, "claims-settled")
    assert desk.calls == ["build", "send", "read", "read", "read", "read"]
    assert desk.ended_at is not None
    # The news of the start is looked at at once; then after two, four and eight minutes.
    assert timedelta(minutes=14) <= desk.ended_at - began < timedelta(minutes=15)


async def test_a_refused_file_is_not_sent(skipping: WorkflowEnvironment) -> None:
    desk = Desk(skipping)
    desk.refuses = True
    async with worker(skipping.client, ClaimBatch, desk.activities, "office"):  # type: ignore[arg-type]
        await (await start(skipping)).result()
    assert desk.calls == ["build"]


async def test_a_house_down_for_hours_gets_the_file_when_it_is_back(skipping: WorkflowEnvironment) -> None:
    desk = Desk(skipping)
    desk.failures = ["PayerDown"] * 15
    async with worker(skipping.client, ClaimBatch, desk.activities, "office"):  # type: ignore[arg-type]
        handle = await start(skipping)
        await handle.result()
        await keep_history(handle, "claims-house-down")
    assert desk.calls.count("send") == 16
    assert desk.state is BatchState.SETTLED


async def test_after_a_day_of_failures_a_person_takes_over(skipping: WorkflowEnvironment) -> None:
    desk = Desk(skipping)
    desk.failures = ["PayerDown"] * 500
    began = await skipping.get_current_time()
    async with worker(skipping.client, ClaimBatch, desk.activities, "office"):  # type: ignore[arg-type]
        await (await start(skipping)).result()
    assert desk.calls[-1] == "hand over"
    assert desk.ended_at is not None
    assert timedelta(hours=24) <= desk.ended_at - began < timedelta(hours=25)


async def test_refused_credentials_are_not_tried_again(skipping: WorkflowEnvironment) -> None:
    desk = Desk(skipping)
    desk.failures = ["ConfigurationRefused"]
    async with worker(skipping.client, ClaimBatch, desk.activities, "office"):  # type: ignore[arg-type]
        handle = await start(skipping)
        await handle.result()
        await keep_history(handle, "claims-handed-over")
    assert desk.calls == ["build", "send", "hand over"]


async def test_a_mailbox_that_cannot_be_read_is_read_at_the_next_turn(skipping: WorkflowEnvironment) -> None:
    desk = Desk(skipping)
    async with worker(skipping.client, ClaimBatch, desk.activities, "office"):  # type: ignore[arg-type]
        handle = await start(skipping)
        while "read" not in desk.calls:
            await skipping.sleep(1)
        desk.failures = ["TimedOut", "PayerDown"]
        await handle.result()
    assert desk.state is BatchState.SETTLED
    assert desk.calls.count("read") == 6


async def test_news_is_looked_at_now_and_old_news_never(skipping: WorkflowEnvironment) -> None:
    desk = Desk(skipping)
    desk.empty_mailboxes = 40
    async with worker(skipping.client, ClaimBatch, desk.activities, "office"):  # type: ignore[arg-type]
        handle = await start(skipping)
        await skipping.sleep(timedelta(hours=12))
        before = desk.calls.count("read")
        for version in (1, 2, 3, 3):
            await handle.signal(ClaimBatch.batch_changed, BatchChanged(version, BatchState.SENT))
        await skipping.sleep(timedelta(seconds=5))
        assert desk.calls.count("read") - before <= 1
        desk.version = 9
        desk.empty_mailboxes = 0
        await handle.signal(ClaimBatch.batch_changed, BatchChanged(9, BatchState.SENT))
        began = await skipping.get_current_time()
        await handle.result()
    assert desk.ended_at is not None
    assert desk.ended_at - began < timedelta(minutes=5)


async def test_a_batch_started_again_after_its_end_does_nothing(skipping: WorkflowEnvironment) -> None:
    desk = Desk(skipping)
    desk.move(BatchState.SETTLED)
    async with worker(skipping.client, ClaimBatch, desk.activities, "office"):  # type: ignore[arg-type]
        await (await start(skipping)).result()
    assert desk.calls == ["build"]


async def test_a_month_of_waiting_starts_a_fresh_history(skipping: WorkflowEnvironment) -> None:
    desk = Desk(skipping)
    desk.empty_mailboxes = 110
    async with worker(skipping.client, ClaimBatch, desk.activities, "office"):  # type: ignore[arg-type]
        handle = await start(skipping)
        await handle.result()
        again = skipping.client.get_workflow_handle(handle.id)
        assert (await again.describe()).run_id != handle.first_execution_run_id
    assert desk.calls.count("send") == 1


@pytest.mark.parametrize("name", stored("claims"))
async def test_batches_that_run_today_survive_this_version(name: str) -> None:
    await replay(ClaimBatch, name)
