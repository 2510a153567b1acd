"""What the clock audit asks for: the look at every promise each minute, and once a day the count of workflows."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any
from uuid import UUID

from temporalio import activity
from temporalio.client import Client

from records import clock_audits, working_hours
from records.database import Database, Transaction

_ROOM = "room-"
_OPEN_ROOMS = "WorkflowType = 'CareRoom' AND ExecutionStatus = 'Running'"


class ClockAuditActivities:
    """The audit. It reads and writes PostgreSQL; the Temporal client only lists ids of workflows."""

    def __init__(self, database: Database, client: Client) -> None:
        self._database = database
        self._client = client

    def all(self) -> list[Callable[..., Any]]:
        """The activities to register."""
        return [self.audit_clocks, self.audit_workflows]

    @activity.defn
    async def audit_clocks(self) -> int:
        """See to what came due, look, repair, leave a row of it. How many were repaired; a repeat finds them so."""
        await self._each(clock_audits.DUTIES)
        async with self._database.transaction() as tx:
            found = await clock_audits.look(tx)
        repaired = await self._each(clock_audits.REPAIRS)
        async with self._database.transaction() as tx:
            await clock_audits.record(tx, found, repaired)
        return repaired

    @activity.defn
    async def audit_workflows(self) -> int:
        """Tell every open room whose workflow is not running, and see to the day's duties. How many were told."""
        await self._extend_holidays()
        await self._each(clock_audits.DAILY_DUTIES)
        async with self._database.transaction() as tx:
            told = await clock_audits.told_rooms(tx)
        missing = sorted(told - await self._running_rooms())
        counted = 0
        for start in range(0, len(missing), clock_audits.BATCH):
            async with self._database.transaction() as tx:
                counted += await clock_audits.tell_rooms(tx, missing[start : start + clock_audits.BATCH])
        async with self._database.transaction() as tx:
            await clock_audits.record(tx, await clock_audits.look(tx), counted, counted)
        return counted

    async def _each(self, steps: Iterable[Callable[[Transaction], Awaitable[int]]]) -> int:
        """Take steps in a transaction each. The sum of what they counted."""
        counted = 0
        for step in steps:
            async with self._database.transaction() as tx:
                counted += await step(tx)
        return counted

    async def _extend_holidays(self) -> None:
        """A batch of calendars whose public holidays run out, each in a transaction; the rest have a year."""
        async with self._database.transaction() as tx:
            therapists = await working_hours.running_out(tx, clock_audits.BATCH)
        for therapist_id in therapists:
            async with self._database.transaction() as tx:
                await working_hours.extend_holidays(tx, therapist_id)

    async def _running_rooms(self) -> set[UUID]:
        """Ids of rooms with an open workflow, by visibility: no workflow is asked anything."""
        listed = self._client.list_workflows(_OPEN_ROOMS, page_size=1_000)
        return {UUID(found.id.removeprefix(_ROOM)) async for found in listed}
