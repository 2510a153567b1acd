"""A payer that is silent for hours is asked again in its time, once at a time, and one answer ends it."""

import itertools
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from stage import keep_history, replay, stored, worker
from temporalio import activity
from temporalio.client import WorkflowHandle
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment

from activities.shapes.coverages import Asked, AskPayer
from workflows.coverages import (
    CoverageAsked,
    CoverageRecheck,
    CoverageVerification,
    CoverageVerificationInput,
)


class Row:
    """A payer that answers after `silent_for`, asked every hour; and who asked when."""

    def __init__(self, environment: WorkflowEnvironment, silent_for: timedelta = timedelta()) -> None:
        self._environment = environment
        self._silent_for = silent_for
        self.begun: datetime | None = None
        self.asked: list[tuple[int, datetime]] = []
        self.counted: list[int] = []
        self.dies_at: set[int] = set()
        self.promises = timedelta(hours=1)

    async def _next(self, attempt: int) -> Asked:
        now = await self._environment.get_current_time()
        self.begun = self.begun or now
        if now - self.begun >= self._silent_for:
            return Asked()
        return Asked(attempt + 1, now + self.promises)

    @activity.defn
    async def ask_payer(self, ask: AskPayer) -> Asked:
        self.asked.append((ask.attempt, await self._environment.get_current_time()))
        if ask.attempt in self.dies_at:
            raise ApplicationError("worker_gone")
        return await self._next(ask.attempt)

    @activity.defn
    async def count_interrupted(self, ask: AskPayer) -> Asked:
        self.counted.append(ask.attempt)
        now = await self._environment.get_current_time()
        return Asked(ask.attempt + 1, now + timedelta(seconds=90))


Handle = WorkflowHandle[CoverageVerification, None]


async def start(environment: WorkflowEnvironment, coverage_id: UUID) -> Handle:
    return await environment.client.start_workflow(
        CoverageVerification.run,
        CoverageVerificationInput(coverage_id, 1),
        id=f"coverage-{coverage_id}-1",
        task_queue="office",
    )


async def test_an_answer_at_once_ends_it(skipping: WorkflowEnvironment) -> None:
    row = Row(skipping)
    async with worker(
        skipping.client, CoverageVerification, [row.ask_payer, row.count_interrupted], "office"
    ):
        handle = await start(skipping, uuid4())
        await handle.result()
        await keep_history(handle, "coverages-answered-at-once")
    assert [attempt for attempt, _ in row.asked] == [1]


async def test_a_payer_down_for_six_hours_then_up_is_one_journey_and_one_answer(
    skipping: WorkflowEnvironment,
) -> None:
    row = Row(skipping, timedelta(hours=6))
    async with worker(
        skipping.client, CoverageVerification, [row.ask_payer, row.count_interrupted], "office"
    ):
        handle = await start(skipping, uuid4())
        await handle.result()
        await keep_history(handle, "coverages-down-six-hours")
    attempts = [attempt for attempt, _ in row.asked]
    assert attempts == list(range(1, len(attempts) + 1))
    times = [at for _, at in row.asked]
    assert times[-1] - times[0] >= timedelta(hours=6)
    assert all(later - earlier >= timedelta(hours=1) for earlier, later in itertools.pairwise(times))


async def test_a_worker_that_dies_in_the_middle_is_counted_and_the_payer_asked_again(
    skipping: WorkflowEnvironment,
) -> None:
    row = Row(skipping)
    row.dies_at = {1}
    async with worker(
        skipping.client, CoverageVerification, [row.ask_payer, row.count_interrupted], "office"
    ):
        handle = await start(skipping, uuid4())
        await handle.result()
        await keep_history(handle, "coverages-worker-died")
    assert [attempt for attempt, _ in row.asked] == [1, 2]
    assert row.counted == [1]


async def test_repeated_and_reordered_news_asks_nothing_twice(skipping: WorkflowEnvironment) -> None:
    row = Row(skipping, timedelta(hours=1, minutes=30))
    async with worker(
        skipping.client, CoverageVerification, [row.ask_payer, row.count_interrupted], "office"
    ):
        handle = await start(skipping, uuid4())
        for version in (2, 1, 2, 2):
            await handle.signal(CoverageVerification.coverage_asked, CoverageAsked(version, 1))
        await skipping.sleep(timedelta(minutes=5))
        state = await handle.query(CoverageVerification.get_state)
        assert state.attempt == 2
        await handle.signal(CoverageVerification.coverage_asked, CoverageAsked(3, 1))
        await handle.result()
    assert [attempt for attempt, _ in row.asked] == [1, 2, 3]


async def test_an_answer_that_came_by_itself_wakes_the_verification_before_its_time(
    skipping: WorkflowEnvironment,
) -> None:
    row = Row(skipping, timedelta(hours=30))
    row.promises = timedelta(days=2)
    async with worker(
        skipping.client, CoverageVerification, [row.ask_payer, row.count_interrupted], "office"
    ):
        handle = await start(skipping, uuid4())
        await skipping.sleep(timedelta(hours=30))
        await handle.signal(CoverageVerification.coverage_asked, CoverageAsked(2, 1))
        await handle.signal(CoverageVerification.coverage_asked, CoverageAsked(3, 1, look=True))
        await handle.result()
        await keep_history(handle, "coverages-late-answer")
    (_, first), (attempt, second) = row.asked
    assert (attempt, row.counted) == (2, [1])
    assert timedelta(hours=30) <= second - first < timedelta(hours=31)


async def test_the_look_at_what_is_due_is_one_activity_and_survives_a_failure(
    skipping: WorkflowEnvironment,
) -> None:
    looked: list[int] = []

    @activity.defn
    async def recheck_coverages() -> int:
        looked.append(1)
        if len(looked) == 1:
            raise ApplicationError("database_away")
        return 3

    async with worker(skipping.client, CoverageRecheck, [recheck_coverages], "office"):
        handle = await skipping.client.start_workflow(
            CoverageRecheck.run, id="coverage-recheck", task_queue="office"
        )
        assert await handle.result() == 3
        await keep_history(handle, "coverage_recheck-after-a-failure")
    assert len(looked) == 2


@pytest.mark.parametrize("name", stored("coverage_recheck"))
async def test_looks_that_run_today_survive_this_version(name: str) -> None:
    await replay(CoverageRecheck, name)


@pytest.mark.parametrize("name", stored("coverages"))
async def test_verifications_that_run_today_survive_this_version(name: str) -> None:
    await replay(CoverageVerification, name)
