"""Payers are asked as the workflow asks them, on a clock that moves to the next attempt instead of waiting for it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID

from temporalio.testing import ActivityEnvironment

from activities.coverages import CoverageActivities
from activities.shapes.coverages import Asked, AskPayer
from domain.access import Actor
from domain.coverage import CoverageStatus
from domain.coverage_words import words
from domain.rejections import ClientTask
from integrations.clearinghouse.port import ClearingHouse
from records import coverages
from records.database import Database, Row, Transaction


class Counting:
    """A clearing house that keeps the questions put through it."""

    refuses_production = True

    def __init__(self, inner: ClearingHouse) -> None:
        self._inner = inner
        self.questions: list[bytes] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def check(self, x12_270: bytes) -> bytes:
        self.questions.append(x12_270)
        return await self._inner.check(x12_270)


@dataclass
class Clocked:
    """A database whose transactions happen when the test says."""

    inner: Database
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    @asynccontextmanager
    async def transaction(self, actor: Actor | None = None) -> AsyncIterator[Transaction]:
        async with self.inner.transaction(actor, at=self.now) as tx:
            yield tx

    def passes(self, span: timedelta) -> None:
        self.now += span

    def activities(self, house: Any) -> CoverageActivities:
        """The worker's, on this clock."""
        return CoverageActivities(cast("Database", self), house)


async def verify(
    clock: Clocked, house: Any, coverage_id: UUID, n: int = 1, *, first: int = 1, most: int = 60
) -> list[datetime]:
    """Attempt after attempt until nothing more is to be asked; when each of them was looked at."""
    activities, environment = clock.activities(house), ActivityEnvironment()
    asked, times = Asked(first, clock.now), []
    while asked.next_at is not None and len(times) < most:
        clock.now = max(clock.now, asked.next_at)
        times.append(clock.now)
        asked = await environment.run(activities.ask_payer, AskPayer(coverage_id, n, asked.next_attempt))
    return times


async def coverage(database: Database, coverage_id: UUID) -> Row:
    async with database.transaction() as tx:
        return await coverages.find(tx, coverage_id)


def told_to_client(row: Row) -> str:
    """The sentence that the client reads."""
    task = ClientTask(row["task"]) if row["task"] else None
    return words(CoverageStatus(row["status"]), row["reasons"][0], task)


async def told(database: Database, account_id: UUID) -> list[str]:
    """What somebody was told, in order."""
    async with database.transaction() as tx:
        rows = await tx.all(
            "SELECT template FROM notices WHERE account_id = %s ORDER BY created_at, id", (account_id,)
        )
    return [row["template"] for row in rows]
