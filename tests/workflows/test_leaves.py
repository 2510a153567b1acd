"""A leave goes its way over weeks, whatever is changed, called off, told twice or never told."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from stage import ASIDE, keep_history, replay, stored, worker
from temporalio import activity
from temporalio.client import WorkflowHandle
from temporalio.testing import WorkflowEnvironment

from activities.shapes.leaves import LeaveStanding, MoveLeave
from domain.leaves import LeaveFacts, LeaveStep, next_step
from workflows.leaves import LeaveChanged, TherapistLeave, TherapistLeaveInput

DAY = timedelta(days=1)


class Row:
    """A leave's row as activities meet it: what is on record, and which step was done when."""

    def __init__(self, environment: WorkflowEnvironment, starts_at: datetime, ends_at: datetime) -> None:
        self._environment = environment
        self.version = 1
        self.starts_at, self.ends_at = starts_at, ends_at
        self.cover_due_at: datetime | None = starts_at - 30 * DAY
        self.cover_answered_at: list[datetime] = []  # when offers run out, one after the other
        self.done: list[tuple[LeaveStep, datetime]] = []
        self.read = 0
        self.asked: set[UUID] = set()
        self.cancelled = False

    @property
    def steps(self) -> list[LeaveStep]:
        return [step for step, _ in self.done]

    def handlers(self) -> list[object]:
        return [
            self.read_leave,
            self.propose_cover,
            self.announce_leave,
            self.hand_over_rooms,
            self.hand_back_rooms,
        ]

    @activity.defn
    async def read_leave(self, ask: MoveLeave) -> LeaveStanding:
        self.read += 1
        return await self._standing(ask)

    @activity.defn
    async def propose_cover(self, ask: MoveLeave) -> LeaveStanding:
        self.cover_due_at = self.cover_answered_at.pop(0) if self.cover_answered_at else None
        return await self._did(LeaveStep.PROPOSE_COVER, ask)

    @activity.defn
    async def announce_leave(self, ask: MoveLeave) -> LeaveStanding:
        return await self._did(LeaveStep.ANNOUNCE, ask)

    @activity.defn
    async def hand_over_rooms(self, ask: MoveLeave) -> LeaveStanding:
        return await self._did(LeaveStep.HAND_OVER, ask)

    @activity.defn
    async def hand_back_rooms(self, ask: MoveLeave) -> LeaveStanding:
        return await self._did(LeaveStep.HAND_BACK, ask)

    async def _did(self, step: LeaveStep, ask: MoveLeave) -> LeaveStanding:
        self.done.append((step, await self._environment.get_current_time()))
        return await self._standing(ask)

    async def _standing(self, ask: MoveLeave) -> LeaveStanding:
        self.asked.add(ask.leave_id)
        facts = LeaveFacts(
            self.starts_at,
            self.ends_at,
            self.cover_due_at,
            announced=LeaveStep.ANNOUNCE in self.steps,
            begun=LeaveStep.HAND_OVER in self.steps,
            returned=LeaveStep.HAND_BACK in self.steps,
            cancelled=self.cancelled,
        )
        due = next_step(facts, await self._environment.get_current_time())
        return LeaveStanding(self.version, due.step, due.at)


Handle = WorkflowHandle[TherapistLeave, None]


async def start(environment: WorkflowEnvironment) -> Handle:
    leave_id = uuid4()
    return await environment.client.start_workflow(
        TherapistLeave.run, TherapistLeaveInput(leave_id), id=f"leave-{leave_id}", task_queue="care"
    )


async def row_of(environment: WorkflowEnvironment, ahead: timedelta, lasts: timedelta) -> Row:
    now = await environment.get_current_time()
    return Row(environment, now + ahead, now + ahead + lasts)


async def test_three_weeks_of_leave_from_the_search_for_cover_to_the_return(
    skipping: WorkflowEnvironment,
) -> None:
    row = await row_of(skipping, 10 * DAY, 21 * DAY)
    asked = await skipping.get_current_time()
    row.cover_answered_at = [asked + 1 * DAY, asked + 2 * DAY]
    async with worker(skipping.client, TherapistLeave, row.handlers()):  # type: ignore[arg-type]
        handle = await start(skipping)
        await handle.result()
        await keep_history(handle, "leaves-three-weeks")
    assert row.steps == [LeaveStep.PROPOSE_COVER] * 3 + [
        LeaveStep.ANNOUNCE,
        LeaveStep.HAND_OVER,
        LeaveStep.HAND_BACK,
    ]
    due = [asked, asked + DAY, asked + 2 * DAY, row.starts_at - 7 * DAY, row.starts_at, row.ends_at]
    late = [at - when for (_, at), when in zip(row.done, due, strict=True)]
    assert all(timedelta() <= each < timedelta(seconds=10) for each in late), late


async def test_a_leave_that_is_soon_is_told_at_once(skipping: WorkflowEnvironment) -> None:
    row = await row_of(skipping, 1 * DAY, 2 * DAY)
    async with worker(skipping.client, TherapistLeave, row.handlers()):  # type: ignore[arg-type]
        handle = await start(skipping)
        await handle.result()
    assert row.steps == [
        LeaveStep.PROPOSE_COVER,
        LeaveStep.ANNOUNCE,
        LeaveStep.HAND_OVER,
        LeaveStep.HAND_BACK,
    ]
    assert row.done[1][1] - row.done[0][1] < timedelta(minutes=1)


async def test_called_off_midway_it_ends_and_does_nothing_more(skipping: WorkflowEnvironment) -> None:
    row = await row_of(skipping, 20 * DAY, 21 * DAY)
    async with worker(skipping.client, TherapistLeave, row.handlers()):  # type: ignore[arg-type]
        handle = await start(skipping)
        await skipping.sleep(15 * DAY + ASIDE)
        row.cancelled, row.version = True, 2
        await handle.signal(TherapistLeave.leave_changed, LeaveChanged(2))
        await handle.result()
        await keep_history(handle, "leaves-called-off")
    assert row.steps == [LeaveStep.PROPOSE_COVER, LeaveStep.ANNOUNCE]


async def test_back_early_hands_the_rooms_back_at_once(skipping: WorkflowEnvironment) -> None:
    row = await row_of(skipping, 1 * DAY, 21 * DAY)
    async with worker(skipping.client, TherapistLeave, row.handlers()):  # type: ignore[arg-type]
        handle = await start(skipping)
        await skipping.sleep(5 * DAY + ASIDE)
        row.ends_at, row.version = await skipping.get_current_time(), 2
        await handle.signal(TherapistLeave.leave_changed, LeaveChanged(2))
        await handle.result()
    assert row.steps[-1] is LeaveStep.HAND_BACK
    assert row.done[-1][1] - row.ends_at < timedelta(minutes=1)


async def test_repeated_and_reordered_news_changes_nothing(skipping: WorkflowEnvironment) -> None:
    row = await row_of(skipping, 20 * DAY, 2 * DAY)
    async with worker(skipping.client, TherapistLeave, row.handlers()):  # type: ignore[arg-type]
        handle = await start(skipping)
        await skipping.sleep(timedelta(hours=1))
        row.version = 5
        await handle.signal(TherapistLeave.leave_changed, LeaveChanged(5))
        await skipping.sleep(timedelta(hours=1))
        read = row.read
        for version in (3, 5, 4, 1, 5):
            await handle.signal(TherapistLeave.leave_changed, LeaveChanged(version))
        await skipping.sleep(timedelta(hours=1))
        assert row.read == read
        assert row.steps == [LeaveStep.PROPOSE_COVER]
        await handle.terminate()


async def test_news_that_was_lost_costs_a_day_at_most(skipping: WorkflowEnvironment) -> None:
    row = await row_of(skipping, 20 * DAY, 2 * DAY)
    async with worker(skipping.client, TherapistLeave, row.handlers()):  # type: ignore[arg-type]
        handle = await start(skipping)
        await skipping.sleep(timedelta(hours=1))
        row.cancelled, row.version = True, 2  # and nobody says so
        await skipping.sleep(timedelta(days=1))
        await handle.result()
    assert row.steps == [LeaveStep.PROPOSE_COVER]


async def test_a_leave_far_ahead_starts_a_fresh_history_each_month(skipping: WorkflowEnvironment) -> None:
    row = await row_of(skipping, 80 * DAY, 2 * DAY)
    async with worker(skipping.client, TherapistLeave, row.handlers()):  # type: ignore[arg-type]
        handle = await start(skipping)
        await skipping.sleep(40 * DAY + ASIDE)
        again = skipping.client.get_workflow_handle(handle.id)
        assert (await again.describe()).run_id != handle.first_execution_run_id
        row.cancelled, row.version = True, 2
        await again.signal(TherapistLeave.leave_changed, LeaveChanged(2))
        await again.result()
    assert row.steps == []
    assert handle.id == f"leave-{row.asked.pop()}"
    assert not row.asked


async def test_started_again_after_its_end_it_does_nothing(skipping: WorkflowEnvironment) -> None:
    row = await row_of(skipping, 1 * DAY, 2 * DAY)
    async with worker(skipping.client, TherapistLeave, row.handlers()):  # type: ignore[arg-type]
        await (await start(skipping)).result()
        done = list(row.done)
        await (await start(skipping)).result()
    assert row.done == done


@pytest.mark.parametrize("name", stored("leaves"))
async def test_leaves_that_run_today_survive_this_version(name: str) -> None:
    await replay(TherapistLeave, name)
