"""What long-lived workflows share: one timer that is never cancelled, and fresh histories in time."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from temporalio import workflow

RENEW_AFTER = timedelta(days=30)
RENEW_EVENTS = 1_000
CLOCKS_DIFFER_BY = timedelta(seconds=1)
"""How far the database's clock may lag behind ours: who is told "too early" asks again after this long."""


class LazyTimer:
    """One timer, moved forward and never cancelled: one that rings for nothing costs less than a cancellation."""

    def __init__(self) -> None:
        self._at: datetime | None = None

    async def wait(self, at: datetime | None, news: Callable[[], bool]) -> None:
        """Until `at`, or until an earlier timer rings (then look again), or until there is news."""
        if at is None:
            await workflow.wait_condition(news)
            return
        if self._at is None or self._at > at:
            self._at = at
            self._task = asyncio.create_task(self._ring(at))
        await workflow.wait_condition(lambda: news() or self._at is None)

    async def _ring(self, at: datetime) -> None:
        await workflow.sleep(at - workflow.now())
        if self._at == at:
            self._at = None


def long_history() -> bool:
    """Whether this run's history has grown enough to begin a new one."""
    info = workflow.info()
    grown = info.get_current_history_length() >= RENEW_EVENTS or info.is_continue_as_new_suggested()
    return grown and workflow.all_handlers_finished()


def a_month_since(started_at: datetime) -> bool:
    """Whether this run is a month old and has no handler in hand."""
    return workflow.now() - started_at >= RENEW_AFTER and workflow.all_handlers_finished()
