"""The yardstick for rungs: as little as a durable alarm can be. Used by `bench.clocks_at_once`."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from workflows.policies import PROMISE

QUEUE = "yardstick"


@dataclass(frozen=True, slots=True)
class OneTimerInput:
    """What to ring, and when."""

    id: UUID
    at: datetime


@workflow.defn
class OneTimer:
    """One timer, one activity."""

    @workflow.run
    async def run(self, alarm: OneTimerInput) -> None:
        """Wait, and have one row written."""
        await workflow.sleep(max(alarm.at - workflow.now(), timedelta()))
        await workflow.execute_activity("write_one_row", alarm.id, **PROMISE)
