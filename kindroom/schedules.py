"""Temporal Schedules: what happens by the clock of the clinic rather than by anybody's deed. No arguments."""

from datetime import timedelta

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
)

from workflows.clocks import ClockAudit
from workflows.policies import CARE_QUEUE

CLOCK_AUDIT = "clock-audit"


async def ensure_schedules(client: Client) -> None:
    """Create what is missing. Safe to call from every worker at every start."""
    schedule = Schedule(
        action=ScheduleActionStartWorkflow(
            ClockAudit.run, id=CLOCK_AUDIT, task_queue=CARE_QUEUE, task_timeout=timedelta(seconds=2)
        ),
        spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=timedelta(minutes=1))]),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=timedelta(minutes=5)),
    )
    try:
        await client.create_schedule(CLOCK_AUDIT, schedule)
    except ScheduleAlreadyRunningError:
        return
