"""A billable week ends in its time, is reminded of, attested or lapsed, whatever news is lost or repeated."""

from contextlib import suppress
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from stage import keep_history, replay, stored, worker
from temporalio import activity
from temporalio.client import WorkflowHandle
from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment

from activities.shapes.messaging_sessions import RemindClinician, SessionRef, SessionStanding
from domain.messaging_sessions import Reminder, SessionState
from workflows.messaging_sessions import MessagingSession, MessagingSessionChanged, MessagingSessionInput

WEEK, FORTNIGHT = timedelta(days=7), timedelta(days=14)


class Row:
    """The session's row as activities meet it, at the skipped time."""

    def __init__(self, environment: WorkflowEnvironment, opened_at: datetime) -> None:
        self._environment = environment
        self.opened_at = opened_at
        self.version, self.state = 1, SessionState.OPEN
        self.calls: list[str] = []

    def standing(self) -> SessionStanding:
        ends = self.opened_at + WEEK
        return SessionStanding(self.version, self.state, self.opened_at, ends, ends + FORTNIGHT)

    def told(self) -> MessagingSessionChanged:
        now = self.standing()
        return MessagingSessionChanged(
            now.version, 1, now.state, now.window_ends_at, now.lapses_at, now.opened_at
        )

    def move(self, state: SessionState) -> None:
        self.version, self.state = self.version + 1, state

    @activity.defn
    async def read_session(self, _: SessionRef) -> SessionStanding:
        self.calls.append("read")
        return self.standing()

    @activity.defn
    async def end_window(self, _: SessionRef) -> SessionStanding:
        self.calls.append("end")
        now = await self._environment.get_current_time()
        if self.state is SessionState.OPEN and now >= self.standing().window_ends_at:
            self.move(SessionState.AWAITING_ATTESTATION)
        return self.standing()

    @activity.defn
    async def remind_clinician(self, ask: RemindClinician) -> SessionStanding:
        self.calls.append(ask.which.value)
        return self.standing()

    @activity.defn
    async def lapse_session(self, _: SessionRef) -> SessionStanding:
        self.calls.append("lapse")
        now = await self._environment.get_current_time()
        if self.state is SessionState.AWAITING_ATTESTATION and now >= self.standing().lapses_at:
            self.move(SessionState.LAPSED)
        return self.standing()

    @property
    def activities(self) -> list[object]:
        return [self.read_session, self.end_window, self.remind_clinician, self.lapse_session]


async def start(
    environment: WorkflowEnvironment, row: Row, *, told: bool = True
) -> WorkflowHandle[MessagingSession, None]:
    """Started with the session's instants; not `told`: as it was started before those were sent along."""
    room_id, now = uuid4(), row.standing()
    instants = (now.opened_at, now.window_ends_at, now.lapses_at) if told else ()
    return await environment.client.start_workflow(
        MessagingSession.run,
        MessagingSessionInput(room_id, 1, *instants),
        id=f"messaging-{room_id}-1",
        task_queue="office",
        start_signal="messaging_session_changed",
        start_signal_args=[row.told()],
    )


async def test_nobody_attests_and_it_lapses_after_both_reminders(skipping: WorkflowEnvironment) -> None:
    row = Row(skipping, await skipping.get_current_time())
    async with worker(skipping.client, MessagingSession, row.activities, "office"):  # type: ignore[arg-type]
        handle = await start(skipping, row)
        await handle.result()
        await keep_history(handle, "messaging_sessions-told-lapsed")
    assert row.state is SessionState.LAPSED
    assert row.calls == ["end", Reminder.SECOND_DAY.value, Reminder.LAST_DAY.value, "lapse"]


async def test_an_attestation_ends_it_and_nothing_more_is_reminded(skipping: WorkflowEnvironment) -> None:
    row = Row(skipping, await skipping.get_current_time())
    async with worker(skipping.client, MessagingSession, row.activities, "office"):  # type: ignore[arg-type]
        handle = await start(skipping, row)
        await skipping.sleep(WEEK + timedelta(hours=1))
        row.move(SessionState.ATTESTED)
        await handle.signal(MessagingSession.messaging_session_changed, row.told())
        await handle.result()
        await keep_history(handle, "messaging_sessions-told-attested")
    assert row.calls == ["end"]


async def test_a_lost_attestation_is_found_on_the_row(skipping: WorkflowEnvironment) -> None:
    row = Row(skipping, await skipping.get_current_time())
    async with worker(skipping.client, MessagingSession, row.activities, "office"):  # type: ignore[arg-type]
        handle = await start(skipping, row)
        await skipping.sleep(WEEK + timedelta(hours=1))
        row.move(SessionState.ATTESTED)
        await handle.result()
    assert row.calls == ["end", Reminder.SECOND_DAY.value]


async def test_repeated_and_old_news_change_nothing(skipping: WorkflowEnvironment) -> None:
    row = Row(skipping, await skipping.get_current_time())
    first = row.told()
    async with worker(skipping.client, MessagingSession, row.activities, "office"):  # type: ignore[arg-type]
        handle = await start(skipping, row)
        await skipping.sleep(WEEK + timedelta(hours=1))
        for _ in range(3):
            await handle.signal(MessagingSession.messaging_session_changed, first)
        assert await handle.query(MessagingSession.get_state) is SessionState.AWAITING_ATTESTATION
        row.move(SessionState.ATTESTED)
        await handle.signal(MessagingSession.messaging_session_changed, row.told())
        with suppress(RPCError):  # the repeat may come after the end
            await handle.signal(MessagingSession.messaging_session_changed, row.told())
        await handle.result()
    assert row.calls.count("end") == 1


async def test_started_without_its_instants_it_reads_them_from_the_row(skipping: WorkflowEnvironment) -> None:
    row = Row(skipping, await skipping.get_current_time())
    async with worker(skipping.client, MessagingSession, row.activities, "office"):  # type: ignore[arg-type]
        handle = await start(skipping, row, told=False)
        await skipping.sleep(WEEK + timedelta(hours=1))
        row.move(SessionState.ATTESTED)
        await handle.result()
    assert row.calls == ["read", "end", Reminder.SECOND_DAY.value]


async def test_started_again_by_its_last_news_it_does_nothing(skipping: WorkflowEnvironment) -> None:
    row = Row(skipping, await skipping.get_current_time())
    row.move(SessionState.ATTESTED)
    async with worker(skipping.client, MessagingSession, row.activities, "office"):  # type: ignore[arg-type]
        handle = await start(skipping, row)
        await handle.result()
    assert row.calls == []


async def test_started_again_by_its_first_news_it_asks_the_row_and_ends(
    skipping: WorkflowEnvironment,
) -> None:
    row = Row(skipping, await skipping.get_current_time() - WEEK)
    first, row.state, row.version = row.told(), SessionState.ATTESTED, 3
    room_id, now = uuid4(), row.standing()
    async with worker(skipping.client, MessagingSession, row.activities, "office"):  # type: ignore[arg-type]
        handle = await skipping.client.start_workflow(
            MessagingSession.run,
            MessagingSessionInput(room_id, 1, now.opened_at, now.window_ends_at, now.lapses_at),
            id=f"messaging-{room_id}-1",
            task_queue="office",
            start_signal="messaging_session_changed",
            start_signal_args=[first],
        )
        await handle.result()
    assert row.calls == ["end"]


@pytest.mark.parametrize("name", stored("messaging_sessions"))
async def test_sessions_that_run_today_survive_this_version(name: str) -> None:
    await replay(MessagingSession, name)
