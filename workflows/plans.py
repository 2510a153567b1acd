"""A room's care plan: check-ins in their time, reminders, and the ladder when answers stay away."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.shapes.plans import KeepCheckIns, Kept
    from workflows.alarms import CLOCKS_DIFFER_BY, LazyTimer, a_month_since, long_history
    from workflows.policies import PROMISE


@dataclass(frozen=True, slots=True)
class CarePlanInput:
    """Which room; and, carried over from the run before, the plan as last told."""

    room_id: UUID
    version: int = 0
    next_alarm_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PlanChanged:
    """The plan as it stands in `version`: when to look next, or None when nothing is due any more."""

    version: int
    next_check_in_at: datetime | None = None
    next_alarm_at: datetime | None = None
    closed: bool = False


@dataclass(frozen=True, slots=True)
class PlanState:
    """What the workflow knows; the row in PostgreSQL is the truth."""

    version: int
    next_alarm_at: datetime | None


@workflow.defn
class CarePlan:
    """One per room. Each alarm asks the row what is due; one lazy timer, never cancelled."""

    @workflow.init
    def __init__(self, plan: CarePlanInput) -> None:
        self._version = plan.version
        self._next_alarm_at = plan.next_alarm_at
        self._closed = False
        self._timer = LazyTimer()

    @workflow.run
    async def run(self, plan: CarePlanInput) -> None:
        """Keep the check-ins until the room closes; start a fresh history each month."""
        started_at = workflow.now()
        while not self._closed:
            if long_history() or a_month_since(started_at):  # the alarm is carried over: nothing is missed
                workflow.continue_as_new(CarePlanInput(plan.room_id, self._version, self._next_alarm_at))
            if self._alarm_is_due():
                await self._keep_check_ins(plan.room_id)
            else:
                await self._wait()

    @workflow.signal
    def plan_changed(self, news: PlanChanged) -> None:
        """News of the plan. What is not newer than what is known changes nothing."""
        if news.version <= self._version:
            return
        self._version = news.version
        self._next_alarm_at = news.next_alarm_at
        self._closed = news.closed

    @workflow.query
    def get_state(self) -> PlanState:
        """The plan as the workflow knows it."""
        return PlanState(self._version, self._next_alarm_at)

    def _alarm_is_due(self) -> bool:
        return self._next_alarm_at is not None and self._next_alarm_at <= workflow.now()

    async def _keep_check_ins(self, room_id: UUID) -> None:
        """Ask the row what is due. News that came meanwhile wins over the answer to the older question."""
        version = self._version
        kept = await workflow.execute_activity(
            "keep_check_ins", KeepCheckIns(room_id), result_type=Kept, **PROMISE
        )
        if self._version != version:
            return
        self._next_alarm_at = kept.next_alarm_at
        if self._alarm_is_due():  # the database's clock is behind ours: ask again when it has caught up
            self._next_alarm_at = workflow.now() + CLOCKS_DIFFER_BY

    async def _wait(self) -> None:
        """Until the alarm, or news of the plan."""
        seen = (self._version, self._closed)
        await self._timer.wait(self._next_alarm_at, lambda: (self._version, self._closed) != seen)
