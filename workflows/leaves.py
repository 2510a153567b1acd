"""A therapist's leave: cover is looked for, clients are told, rooms go over and come back. Or it is called off."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.shapes.leaves import LeaveStanding, MoveLeave
    from domain.leaves import LeaveStep
    from workflows.alarms import CLOCKS_DIFFER_BY, a_month_since, long_history
    from workflows.policies import PROMISE

LOOK_AGAIN: Final = timedelta(days=1)
"""Without news the row is read once a day: news that was lost costs a day at most."""
ALL_ROOMS: Final[dict[str, Any]] = {**PROMISE, "start_to_close_timeout": timedelta(seconds=60)}
"""A step touches every room of a therapist, so it takes longer than a rung."""


@dataclass(frozen=True, slots=True)
class TherapistLeaveInput:
    """Which leave; and, carried over, the version last told."""

    leave_id: UUID
    version: int = 0


@dataclass(frozen=True, slots=True)
class LeaveChanged:
    """The leave, its days or its cover changed; how it stands is in its row."""

    version: int


@workflow.defn
class TherapistLeave:
    """One per leave. What people decide is in the row first; this waits, and asks the row what is due."""

    @workflow.init
    def __init__(self, leave: TherapistLeaveInput) -> None:
        self._leave_id = leave.leave_id
        self._version = leave.version
        self._standing: LeaveStanding | None = None

    @workflow.run
    async def run(self, leave: TherapistLeaveInput) -> None:
        """Cover, word to the clients, hand-over, return; at any time it may be other days, or none."""
        started_at = workflow.now()
        now = await self._do("read_leave")
        while now.step is not LeaveStep.OVER:
            if long_history() or a_month_since(started_at):
                workflow.continue_as_new(TherapistLeaveInput(leave.leave_id, self._version))
            match now.step:
                case LeaveStep.PROPOSE_COVER:
                    now = await self._do("propose_cover")
                case LeaveStep.ANNOUNCE:
                    now = await self._do("announce_leave")
                case LeaveStep.HAND_OVER:
                    now = await self._do("hand_over_rooms")
                case LeaveStep.HAND_BACK:
                    now = await self._do("hand_back_rooms")
                case _:
                    await self._news_or(now.at)
                    now = await self._do("read_leave")

    @workflow.signal
    def leave_changed(self, news: LeaveChanged) -> None:
        """News of the leave. What is not newer than what is known changes nothing."""
        self._version = max(self._version, news.version)

    @workflow.query
    def get_state(self) -> LeaveStanding | None:
        """The leave as the workflow knows it."""
        return self._standing

    async def _do(self, name: str) -> LeaveStanding:
        """One step. News that came while the row was read, and is newer than it, stays to be looked at."""
        heard = self._version
        standing: LeaveStanding = await workflow.execute_activity(
            name, MoveLeave(self._leave_id), result_type=LeaveStanding, **ALL_ROOMS
        )
        self._standing = standing
        if self._version == heard or self._version < standing.version:
            self._version = standing.version
        return standing

    async def _news_or(self, at: datetime | None) -> None:
        """Until somebody decides something, or the next step is due. The database's clock may be a little behind."""
        known = self._standing.version if self._standing else 0
        limit = LOOK_AGAIN if at is None else min(LOOK_AGAIN, at - workflow.now())
        try:
            await workflow.wait_condition(lambda: self._version > known, timeout=max(limit, CLOCKS_DIFFER_BY))
        except TimeoutError:
            return
