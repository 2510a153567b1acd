"""A room's promises: wait for the clock's next alarm or for news of the clock, and ring."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.shapes.rooms import Fired, FireRung, RungOutcome
    from workflows.alarms import CLOCKS_DIFFER_BY, LazyTimer, a_month_since, long_history
    from workflows.policies import PROMISE


@dataclass(frozen=True, slots=True)
class CareRoomInput:
    """Which room; and, carried over from the run before, the clock as last told."""

    room_id: UUID
    room_version: int = 0
    clock_id: UUID | None = None
    next_alarm_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ClockChanged:
    """The room's clock as it stands in `version`: when to look next, or None when nothing is owed."""

    version: int
    clock_id: UUID | None = None
    next_alarm_at: datetime | None = None
    closed: bool = False


@dataclass(frozen=True, slots=True)
class RoomState:
    """What the workflow knows; the row in PostgreSQL is the truth."""

    room_version: int
    clock_id: UUID | None
    next_alarm_at: datetime | None


@workflow.defn
class CareRoom:
    """One per room. It holds one lazy timer, never cancelled: a timer that fires for nothing is cheaper."""

    @workflow.init
    def __init__(self, room: CareRoomInput) -> None:
        self._room_id = room.room_id
        self._version = room.room_version
        self._clock_id = room.clock_id
        self._next_alarm_at = room.next_alarm_at
        self._closed = False
        self._timer = LazyTimer()

    @workflow.run
    async def run(self, room: CareRoomInput) -> None:
        """Ring each alarm in its time until the room closes; start a fresh history each month."""
        started_at = workflow.now()
        while not self._closed:
            if self._alarm_is_due():
                await self._ring()
            elif self._should_renew(started_at):
                workflow.continue_as_new(
                    CareRoomInput(room.room_id, self._version, self._clock_id, self._next_alarm_at)
                )
            else:
                await self._wait()

    @workflow.signal
    def clock_changed(self, news: ClockChanged) -> None:
        """News of the clock. What is not newer than what is known changes nothing."""
        if news.version <= self._version:
            return
        self._version = news.version
        self._clock_id = news.clock_id
        self._next_alarm_at = news.next_alarm_at
        self._closed = news.closed

    @workflow.query
    def get_state(self) -> RoomState:
        """The clock as the workflow knows it."""
        return RoomState(self._version, self._clock_id, self._next_alarm_at)

    def _alarm_is_due(self) -> bool:
        return self._next_alarm_at is not None and self._next_alarm_at <= workflow.now()

    async def _ring(self) -> None:
        """Ask the row what is due. News that came meanwhile wins over the answer to the older question."""
        version, clock_id = self._version, self._clock_id
        assert clock_id is not None  # noqa: S101  an alarm belongs to a clock
        fired = await workflow.execute_activity(
            "fire_rung", FireRung(self._room_id, clock_id), result_type=Fired, **PROMISE
        )
        if self._version != version:
            return
        self._next_alarm_at = fired.next_alarm_at
        if fired.outcome is RungOutcome.TOO_EARLY and self._alarm_is_due():
            self._next_alarm_at = workflow.now() + CLOCKS_DIFFER_BY

    async def _wait(self) -> None:
        """Until the alarm, or news of the clock."""
        seen = (self._version, self._closed)
        await self._timer.wait(self._next_alarm_at, lambda: (self._version, self._closed) != seen)

    def _should_renew(self, started_at: datetime) -> bool:
        """Monthly while nothing is owed, so that no alarm is carried over; but no history may grow too long."""
        return long_history() or (self._next_alarm_at is None and a_month_since(started_at))
