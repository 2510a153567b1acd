"""A messaging session: its window ends, its attestation is awaited and reminded of, or it lapses."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.shapes.messaging_sessions import RemindClinician, SessionRef, SessionStanding
    from domain.messaging_sessions import Reminder, SessionState, Window, reminders
    from workflows.alarms import CLOCKS_DIFFER_BY
    from workflows.policies import RECORD

OVER = (SessionState.ATTESTED, SessionState.LAPSED)


@dataclass(frozen=True, slots=True)
class MessagingSessionInput:
    """The n-th session of a room, and its instants; without them (older starts) they are read from the row."""

    room_id: UUID
    n: int
    opened_at: datetime | None = None
    window_ends_at: datetime | None = None
    lapses_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class MessagingSessionChanged:
    """The session as it stands in `version`."""

    version: int
    n: int
    state: SessionState
    window_ends_at: datetime
    lapses_at: datetime
    opened_at: datetime | None = None


@workflow.defn
class MessagingSession:
    """One per window. The row in PostgreSQL is the truth: each step is asked of it, and told by it."""

    def __init__(self) -> None:
        self._version = 0
        self._state = SessionState.OPEN

    @workflow.run
    async def run(self, session: MessagingSessionInput) -> None:
        """Collect until the window ends, then await the attestation, with reminders, until it lapses."""
        self._ref = SessionRef(session.room_id, session.n)
        window = _told(session) or await self._read()
        while self._state is SessionState.OPEN:
            await self._over_or(window.ends_at)
            await self._end_window()
        for at, which in reminders(window):
            if await self._over_or(at):
                break
            await self._remind(which)
        while not await self._over_or(window.lapses_at):
            await self._lapse()

    @workflow.signal
    def messaging_session_changed(self, news: MessagingSessionChanged) -> None:
        """News of the session. What is not newer than what is known changes nothing."""
        self._learn(news.version, news.state)

    @workflow.query
    def get_state(self) -> SessionState:
        """Where the session stands, as the workflow knows it."""
        return self._state

    def _learn(self, version: int, state: SessionState) -> None:
        if version > self._version:
            self._version, self._state = version, state

    async def _over_or(self, at: datetime) -> bool:
        """Wait until then, or until the session is over; whether it is."""
        wait = max(at - workflow.now(), timedelta())
        if wait and self._state not in OVER:
            try:
                await workflow.wait_condition(lambda: self._state in OVER, timeout=wait)
            except TimeoutError:
                return False
        return self._state in OVER

    async def _read(self) -> Window:
        found = await workflow.execute_activity(
            "read_session", self._ref, result_type=SessionStanding, **RECORD
        )
        self._learn(found.version, found.state)
        return Window(found.opened_at, found.window_ends_at, found.lapses_at)

    async def _end_window(self) -> None:
        found = await workflow.execute_activity(
            "end_window", self._ref, result_type=SessionStanding, **RECORD
        )
        self._learn(found.version, found.state)
        if self._state is SessionState.OPEN:  # the database's clock is behind ours
            await workflow.sleep(CLOCKS_DIFFER_BY)

    async def _remind(self, which: Reminder) -> None:
        ask = RemindClinician(self._ref.room_id, self._ref.n, which)
        found = await workflow.execute_activity(
            "remind_clinician", ask, result_type=SessionStanding, **RECORD
        )
        self._learn(found.version, found.state)

    async def _lapse(self) -> None:
        found = await workflow.execute_activity(
            "lapse_session", self._ref, result_type=SessionStanding, **RECORD
        )
        self._learn(found.version, found.state)
        if self._state not in OVER:
            await workflow.sleep(CLOCKS_DIFFER_BY)


def _told(session: MessagingSessionInput) -> Window | None:
    if session.opened_at is None or session.window_ends_at is None or session.lapses_at is None:
        return None
    return Window(session.opened_at, session.window_ends_at, session.lapses_at)
