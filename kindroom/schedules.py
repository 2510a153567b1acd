"""Temporal Schedules: what happens by the clock of the clinic rather than by anybody's deed. No arguments."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

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

from workflows.clocks import ClockAudit, WorkflowAudit
from workflows.coverages import CoverageRecheck
from workflows.journeys import StuckJourneys
from workflows.licences import LicenceWatch
from workflows.matches import OutcomeCount
from workflows.media import MediaSweep
from workflows.payers import OfficeCalendar
from workflows.policies import CARE_QUEUE, MEDIA_QUEUE, OFFICE_QUEUE


@dataclass(frozen=True, slots=True)
class Recurring:
    """A workflow that starts again and again. `id` is the schedule's, and the beginning of its workflows' ids."""

    id: str
    run: Callable[..., Any]
    every: timedelta
    queue: str = CARE_QUEUE


CLOCK_AUDIT: Final = Recurring("clock-audit", ClockAudit.run, timedelta(minutes=1))
WORKFLOW_AUDIT: Final = Recurring("workflow-audit", WorkflowAudit.run, timedelta(days=1))
LICENCE_WATCH: Final = Recurring("licence-watch", LicenceWatch.run, timedelta(minutes=1))
STUCK_JOURNEYS: Final = Recurring("stuck-journeys", StuckJourneys.run, timedelta(minutes=10))
MEDIA_SWEEP: Final = Recurring("media-sweep", MediaSweep.run, timedelta(days=1), MEDIA_QUEUE)
COVERAGE_RECHECK: Final = Recurring(
    "coverage-recheck", CoverageRecheck.run, timedelta(minutes=15), OFFICE_QUEUE
)
OFFICE_CALENDAR: Final = Recurring("office-calendar", OfficeCalendar.run, timedelta(minutes=30), OFFICE_QUEUE)
OUTCOME_COUNT: Final = Recurring("outcome-count", OutcomeCount.run, timedelta(days=1))
SCHEDULES: Final = (
    OUTCOME_COUNT,
    OFFICE_CALENDAR,
    COVERAGE_RECHECK,
    CLOCK_AUDIT,
    WORKFLOW_AUDIT,
    LICENCE_WATCH,
    STUCK_JOURNEYS,
    MEDIA_SWEEP,
)


async def ensure_schedules(client: Client) -> None:
    """Create what is missing, and run it once. Safe to call from every worker at every start."""
    for recurring in SCHEDULES:
        try:
            await client.create_schedule(recurring.id, _schedule(recurring), trigger_immediately=True)
        except ScheduleAlreadyRunningError:
            continue


def _schedule(recurring: Recurring) -> Schedule:
    """Never two at once; what was missed in the last five minutes is made up for."""
    return Schedule(
        action=ScheduleActionStartWorkflow(
            recurring.run, id=recurring.id, task_queue=recurring.queue, task_timeout=timedelta(seconds=2)
        ),
        spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=recurring.every)]),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=timedelta(minutes=5)),
    )
