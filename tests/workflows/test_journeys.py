"""A journey climbs the ladder of each wait in its time, whatever news is lost, repeated or late."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from stage import keep_history, replay, stored, worker
from temporalio import activity
from temporalio.client import WorkflowHandle
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment

from activities.shapes.journeys import Climbed, ClimbLadder
from domain.stages import Stage
from workflows.journeys import ClientJourney, ClientJourneyInput, JourneyChanged, StuckJourneys


class Rows:
    """The journey as activities meet it: rungs still to fire, and when each was."""

    def __init__(self, environment: WorkflowEnvironment) -> None:
        self._environment = environment
        self.version = 1
        self.rungs: list[datetime] = []
        self.fired: list[datetime] = []
        self.closed = False
        self.asked = 0

    @activity.defn
    async def climb_ladder(self, _: ClimbLadder) -> Climbed:
        self.asked += 1
        now = await self._environment.get_current_time()
        while self.rungs and self.rungs[0] <= now:
            self.rungs.pop(0)
            self.fired.append(now)
        return Climbed(self.version, self.rungs[0] if self.rungs else None, self.closed)


async def start(environment: WorkflowEnvironment) -> WorkflowHandle[ClientJourney, None]:
    client_id = uuid4()
    return await environment.client.start_workflow(
        ClientJourney.run,
        ClientJourneyInput(client_id),
        id=f"journey-{client_id}",
        task_queue="care",
        start_signal="journey_changed",
        start_signal_args=[JourneyChanged(1, Stage.INTAKE)],
    )


async def close(rows: Rows, handle: WorkflowHandle[ClientJourney, None]) -> None:
    rows.version, rows.closed = rows.version + 1, True
    await handle.signal(ClientJourney.journey_changed, JourneyChanged(rows.version, Stage.CLOSED))
    await handle.result()


async def test_nobody_acts_for_ten_days_and_every_rung_is_climbed_in_time(
    skipping: WorkflowEnvironment,
) -> None:
    rows, now = Rows(skipping), await skipping.get_current_time()
    due = [now + timedelta(days=days) for days in (1, 3, 7, 9)]
    rows.rungs = list(due)
    async with worker(skipping.client, ClientJourney, [rows.climb_ladder]):
        handle = await start(skipping)
        await skipping.sleep(timedelta(days=10))
        assert [
            timedelta() <= fired - at < timedelta(seconds=5)
            for fired, at in zip(rows.fired, due, strict=True)
        ] == [True] * 4
        await close(rows, handle)
        await keep_history(handle, "journeys-ten-silent-days")


async def test_a_stage_that_moves_leaves_the_old_ladder(skipping: WorkflowEnvironment) -> None:
    rows, now = Rows(skipping), await skipping.get_current_time()
    rows.rungs = [now + timedelta(days=1)]
    async with worker(skipping.client, ClientJourney, [rows.climb_ladder]):
        handle = await start(skipping)
        await skipping.sleep(timedelta(hours=2))
        rows.version, rows.rungs = 2, [now + timedelta(days=4)]
        await handle.signal(ClientJourney.journey_changed, JourneyChanged(2, Stage.CONSENTS))
        await skipping.sleep(timedelta(days=5))
        assert len(rows.fired) == 1
        assert rows.fired[0] >= now + timedelta(days=4)
        assert rows.asked == 3
        await close(rows, handle)
        await keep_history(handle, "journeys-moved-on")


async def test_repeated_and_reordered_news_asks_for_nothing(skipping: WorkflowEnvironment) -> None:
    rows = Rows(skipping)
    rows.version = 5
    async with worker(skipping.client, ClientJourney, [rows.climb_ladder]):
        handle = await start(skipping)
        await skipping.sleep(timedelta(minutes=1))
        for version in (5, 3, 5, 1):
            await handle.signal(ClientJourney.journey_changed, JourneyChanged(version, Stage.INTAKE))
        await skipping.sleep(timedelta(days=1))
        assert rows.asked == 1
        await close(rows, handle)


async def test_lost_news_is_healed_by_the_rows(skipping: WorkflowEnvironment) -> None:
    """The rows moved to a later rung and nobody said so: nothing fires early, and the later one is kept."""
    rows, now = Rows(skipping), await skipping.get_current_time()
    rows.rungs = [now + timedelta(days=1)]
    async with worker(skipping.client, ClientJourney, [rows.climb_ladder]):
        handle = await start(skipping)
        await skipping.sleep(timedelta(hours=1))
        rows.version, rows.rungs = 4, [now + timedelta(days=6)]
        await skipping.sleep(timedelta(days=7))
        assert len(rows.fired) == 1
        assert rows.fired[0] >= now + timedelta(days=6)
        assert (await handle.query(ClientJourney.get_state)).seen_version == 4
        await close(rows, handle)
        await keep_history(handle, "journeys-lost-news")


async def test_a_journey_that_is_over_starts_nothing(skipping: WorkflowEnvironment) -> None:
    rows = Rows(skipping)
    rows.closed = True
    async with worker(skipping.client, ClientJourney, [rows.climb_ladder]):
        await (await start(skipping)).result()
    assert rows.asked == 1


async def test_a_long_journey_starts_a_fresh_history_each_month(skipping: WorkflowEnvironment) -> None:
    rows = Rows(skipping)
    async with worker(skipping.client, ClientJourney, [rows.climb_ladder]):
        handle = await start(skipping)
        await skipping.sleep(timedelta(days=31))
        rows.version = 2
        await handle.signal(ClientJourney.journey_changed, JourneyChanged(2, Stage.CONSENTS))
        await skipping.sleep(timedelta(hours=1))
        again = skipping.client.get_workflow_handle(handle.id)
        assert (await again.describe()).run_id != handle.first_execution_run_id
        rows.version, rows.closed = 3, True
        await again.signal(ClientJourney.journey_changed, JourneyChanged(3, Stage.CLOSED))
        await again.result()


@pytest.mark.parametrize("name", stored("journeys"))
async def test_journeys_that_run_today_survive_this_version(name: str) -> None:
    await replay(ClientJourney, name)


async def test_the_look_for_missed_rungs_waits_for_postgres(skipping: WorkflowEnvironment) -> None:
    away = iter([True, True, False])

    @activity.defn
    async def climb_missed_ladders() -> int:
        if next(away):
            raise ApplicationError("unavailable", type="Unavailable")
        return 3

    async with worker(skipping.client, StuckJourneys, [climb_missed_ladders]):
        handle: WorkflowHandle[StuckJourneys, int] = await skipping.client.start_workflow(
            StuckJourneys.run, id="stuck-journeys", task_queue="care"
        )
        assert await handle.result() == 3
    await keep_history(handle, "stuck-journeys-postgres-away")


@pytest.mark.parametrize("name", stored("stuck-journeys"))
async def test_a_look_that_runs_today_survives_this_version(name: str) -> None:
    await replay(StuckJourneys, name)
