"""The answer to a risk flag: people are paged by the wall clock until a named clinician closes it."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.shapes.risk import Paged, PageDue
    from domain.risk import FlagState, Urgency
    from workflows.alarms import CLOCKS_DIFFER_BY
    from workflows.policies import PROMISE

"""The least wait before a page that should be due is asked for again: clocks of two engines differ."""


@dataclass(frozen=True, slots=True)
class RiskResponseInput:
    """Which flag."""

    flag_id: UUID


@dataclass(frozen=True, slots=True)
class RiskChanged:
    """The flag as it stands in `version`."""

    version: int
    state: FlagState | None = None
    urgency: Urgency | None = None


@dataclass(frozen=True, slots=True)
class RiskStanding:
    """What the workflow knows; the row in PostgreSQL is the truth."""

    told_version: int
    seen_version: int
    next_at: datetime | None


@workflow.defn
class RiskResponse:
    """One per flag. It ignores calendars, pauses and holds; it decides nothing, it calls people."""

    @workflow.init
    def __init__(self, _: RiskResponseInput) -> None:
        self._told = 0
        self._seen = 0
        self._next_at: datetime | None = None

    @workflow.run
    async def run(self, flag: RiskResponseInput) -> None:
        """Page what is due, wait for the next rung or for news, until the flag is closed."""
        while not (await self._page(flag.flag_id)).closed:
            await self._wait()

    @workflow.signal
    def risk_changed(self, news: RiskChanged) -> None:
        """News of the flag. What is not newer than what is known changes nothing."""
        self._told = max(self._told, news.version)

    @workflow.query
    def get_state(self) -> RiskStanding:
        """The flag as the workflow knows it."""
        return RiskStanding(self._told, self._seen, self._next_at)

    async def _page(self, flag_id: UUID) -> Paged:
        told = self._told
        standing: Paged = await workflow.execute_activity(
            "page_due", PageDue(flag_id), result_type=Paged, **PROMISE
        )
        self._seen = max(told, standing.version)
        self._next_at = standing.next_at
        return standing

    async def _wait(self) -> None:
        """Until the next rung, the end of the time to answer, or news."""
        timeout = None if self._next_at is None else max(self._next_at - workflow.now(), CLOCKS_DIFFER_BY)
        with suppress(asyncio.TimeoutError):
            await workflow.wait_condition(lambda: self._told > self._seen, timeout=timeout)
