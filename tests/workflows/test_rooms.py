"""A room rings its clock's alarms in time, whatever news is lost, repeated or late."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from stage import keep_history, replay, stored, worker
from temporalio import activity
from temporalio.client import WorkflowHandle
from temporalio.testing import WorkflowEnvironment

from activities.shapes.rooms import Fired, FireRung, RungOutcome
from workflows.rooms import CareRoom, CareRoomInput, ClockChanged


class Row:
    """The clock's row as activities meet it: alarms still to ring, and what rang when."""

    def __init__(self, environment: WorkflowEnvironment) -> None:
        self._environment = environment
        self.alarms: list[datetime] = []
        self.rung: list[datetime] = []
        self.asked: list[UUID] = []

    @activity.defn
    async def fire_rung(self, ask: FireRung) -> Fired:
        self.asked.append(ask.clock_id)
        now = await self._environment.get_current_time()
        if not self.alarms:
            return Fired(RungOutcome.SUPERSEDED)
        if self.alarms[0] > now:
            return Fired(RungOutcome.TOO_EARLY, self.alarms[0])
        while self.alarms and self.alarms[0] <= now:
            self.alarms.pop(0)
            self.rung.append(now)
        return Fired(RungOutcome.FIRED, self.alarms[0] if self.alarms else None)


async def start(environment: WorkflowEnvironment) -> WorkflowHandle[CareRoom, None]:
    room_id = uuid4()
    return await environment.client.start_workflow(
        CareRoom.run, CareRoomInput(room_id), id=f"room-{room_id}", task_queue="care"
    )


async def test_each_alarm_rings_in_its_time_and_none_early(skipping: WorkflowEnvironment) -> None:
    row = Row(skipping)
    now = await skipping.get_current_time()
    row.alarms = due = [now + timedelta(hours=h) for h in (3, 4, 30)]
    due = list(due)
    async with worker(skipping.client, CareRoom, [row.fire_rung]):
        handle = await start(skipping)
        await handle.signal(CareRoom.clock_changed, ClockChanged(1, uuid4(), due[0]))
        await skipping.sleep(timedelta(hours=31))
        assert [rang >= at for rang, at in zip(row.rung, due, strict=True)] == [True, True, True]
        assert all(rang - at < timedelta(seconds=5) for rang, at in zip(row.rung, due, strict=True))
        await handle.signal(CareRoom.clock_changed, ClockChanged(2, closed=True))
        await handle.result()
        await keep_history(handle, "rooms-three-rungs")


async def test_an_answer_in_time_rings_nothing_and_costs_no_activity(skipping: WorkflowEnvironment) -> None:
    row = Row(skipping)
    now = await skipping.get_current_time()
    async with worker(skipping.client, CareRoom, [row.fire_rung]):
        handle = await start(skipping)
        for turn in range(3):
            await handle.signal(
                CareRoom.clock_changed, ClockChanged(2 * turn + 1, uuid4(), now + timedelta(hours=4 + turn))
            )
            await handle.signal(CareRoom.clock_changed, ClockChanged(2 * turn + 2))
        await skipping.sleep(timedelta(days=2))
        assert row.asked == []
        await handle.signal(CareRoom.clock_changed, ClockChanged(9, closed=True))
        await handle.result()
        history = await handle.fetch_history()
        await keep_history(handle, "rooms-answered-in-time")
    kinds = [event.WhichOneof("attributes") for event in history.events]
    assert kinds.count("timer_started_event_attributes") <= 1
    assert kinds.count("timer_canceled_event_attributes") == 0


async def test_repeated_and_reordered_news_changes_nothing(skipping: WorkflowEnvironment) -> None:
    row = Row(skipping)
    now = await skipping.get_current_time()
    old, new = uuid4(), uuid4()
    row.alarms = [now + timedelta(hours=5)]
    async with worker(skipping.client, CareRoom, [row.fire_rung]):
        handle = await start(skipping)
        await handle.signal(CareRoom.clock_changed, ClockChanged(4, new, now + timedelta(hours=5)))
        for _ in range(3):
            await handle.signal(CareRoom.clock_changed, ClockChanged(4, new, now + timedelta(hours=5)))
            await handle.signal(CareRoom.clock_changed, ClockChanged(3, old, now + timedelta(minutes=1)))
        await skipping.sleep(timedelta(hours=6))
        assert row.asked == [new]
        await handle.signal(CareRoom.clock_changed, ClockChanged(5, closed=True))
        await handle.result()


async def test_an_alarm_that_moved_earlier_rings_earlier(skipping: WorkflowEnvironment) -> None:
    row = Row(skipping)
    now = await skipping.get_current_time()
    clock = uuid4()
    row.alarms = [now + timedelta(hours=1)]
    async with worker(skipping.client, CareRoom, [row.fire_rung]):
        handle = await start(skipping)
        await handle.signal(CareRoom.clock_changed, ClockChanged(1, clock, now + timedelta(days=3)))
        await skipping.sleep(timedelta(minutes=1))
        await handle.signal(CareRoom.clock_changed, ClockChanged(2, clock, now + timedelta(hours=1)))
        await skipping.sleep(timedelta(hours=2))
        assert len(row.rung) == 1
        assert row.rung[0] < now + timedelta(hours=1, seconds=5)
        await handle.signal(CareRoom.clock_changed, ClockChanged(3, closed=True))
        await handle.result()
        await keep_history(handle, "rooms-moved-earlier")


async def test_a_lost_signal_is_healed_by_the_row(skipping: WorkflowEnvironment) -> None:
    """The workflow was never told that the alarm moved later: the row answers too early, and when."""
    row = Row(skipping)
    now = await skipping.get_current_time()
    row.alarms = [now + timedelta(hours=9)]
    async with worker(skipping.client, CareRoom, [row.fire_rung]):
        handle = await start(skipping)
        await handle.signal(CareRoom.clock_changed, ClockChanged(1, uuid4(), now + timedelta(hours=1)))
        await skipping.sleep(timedelta(hours=10))
        assert len(row.asked) == 2
        assert row.rung[0] >= now + timedelta(hours=9)
        await handle.signal(CareRoom.clock_changed, ClockChanged(2, closed=True))
        await handle.result()


async def test_a_quiet_room_starts_a_fresh_history_each_month(skipping: WorkflowEnvironment) -> None:
    row = Row(skipping)
    now = await skipping.get_current_time()
    async with worker(skipping.client, CareRoom, [row.fire_rung]):
        handle = await start(skipping)
        await handle.signal(CareRoom.clock_changed, ClockChanged(1, uuid4(), now + timedelta(hours=1)))
        await skipping.sleep(timedelta(days=31))
        await handle.signal(CareRoom.clock_changed, ClockChanged(2))
        await skipping.sleep(timedelta(days=1))
        await handle.signal(CareRoom.clock_changed, ClockChanged(3))
        state = await handle.query(CareRoom.get_state)
        assert state.room_version == 3
        again = skipping.client.get_workflow_handle(handle.id)
        assert (await again.describe()).run_id != handle.first_execution_run_id
        await again.signal(CareRoom.clock_changed, ClockChanged(4, closed=True))


@pytest.mark.parametrize("name", stored("rooms"))
async def test_rooms_that_run_today_survive_this_version(name: str) -> None:
    await replay(CareRoom, name)
