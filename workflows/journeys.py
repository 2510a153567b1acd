"""A client's journey: each wait has an owner, a due time and a ladder, until care ends."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.shapes.journeys import Climbed, ClimbLadder
    from domain.stages import Stage
    from workflows.alarms import CLOCKS_DIFFER_BY, a_month_since, long_history
    from workflows.policies import PROMISE, RECORD

"""The least wait before a rung that should be due is asked for again: clocks of two engines differ."""


@dataclass(frozen=True, slots=True)
class ClientJourneyInput:
    """Whose journey; and, carried over from the run before, the version last told."""

    client_id: UUID
    version: int = 0


@dataclass(frozen=True, slots=True)
class JourneyChanged:
    """The journey moved: where it stands in `version`, since when it waits, and whether it is paused."""

    version: int
    stage: Stage | None = None
    since: datetime | None = None
    paused: bool = False


@dataclass(frozen=True, slots=True)
class JourneyState:
    """What the workflow knows; the rows in PostgreSQL are the truth."""

    told_version: int
    seen_version: int
    next_rung_at: datetime | None


@workflow.defn
class ClientJourney:
    """One per client. News only wakes it: what is due, and of what, it reads from the rows each time."""

    @workflow.init
    def __init__(self, journey: ClientJourneyInput) -> None:
        self._client_id = journey.client_id
        self._told = journey.version
        self._seen = 0
        self._next_rung_at: datetime | None = None

    @workflow.run
    async def run(self, journey: ClientJourneyInput) -> None:
        """Climb the ladder of each wait in its time, until care ends."""
        started_at = workflow.now()
        while True:
            standing = await self._climb()
            if standing.closed:
                return
            if long_history() or a_month_since(started_at):
                workflow.continue_as_new(ClientJourneyInput(journey.client_id, self._told))
            await self._wait()

    @workflow.signal
    def journey_changed(self, news: JourneyChanged) -> None:
        """News of the journey. What is not newer than what is known changes nothing."""
        self._told = max(self._told, news.version)

    @workflow.query
    def get_state(self) -> JourneyState:
        """The journey as the workflow knows it."""
        return JourneyState(self._told, self._seen, self._next_rung_at)

    async def _climb(self) -> Climbed:
        """Fire what is due. The rows may be ahead of the news; news that comes meanwhile is looked at after."""
        told = self._told
        standing: Climbed = await workflow.execute_activity(
            "climb_ladder", ClimbLadder(self._client_id), result_type=Climbed, **PROMISE
        )
        self._seen = max(told, standing.version)
        self._next_rung_at = standing.next_rung_at
        return standing

    async def _wait(self) -> None:
        """Until the next rung, or news."""
        timeout = None
        if self._next_rung_at is not None:
            timeout = max(self._next_rung_at - workflow.now(), CLOCKS_DIFFER_BY)
        with suppress(asyncio.TimeoutError):
            await workflow.wait_condition(lambda: self._told > self._seen, timeout=timeout)


@workflow.defn
class StuckJourneys:
    """Every ten minutes, by a Schedule: a rung is climbed though its workflow was lost or sleeps by an older policy."""

    @workflow.run
    async def run(self) -> int:
        """Climb what was missed; of how many journeys. It should be zero."""
        missed: int = await workflow.execute_activity("climb_missed_ladders", result_type=int, **RECORD)
        return missed
