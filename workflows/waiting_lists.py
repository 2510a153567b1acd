"""A waiting list assigned at once: asked for at the match desk, worked out where charts may be read."""

from dataclasses import dataclass
from uuid import UUID

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.shapes.waiting_lists import AssignWaitingList
    from workflows.policies import RECORD


@dataclass(frozen=True, slots=True)
class WaitingListInput:
    """Which run."""

    run_id: UUID


@dataclass(frozen=True, slots=True)
class WaitingListAsked:
    """It was asked for. What it is about stands in its row."""

    version: int


@workflow.defn
class WaitingListRun:
    """One per request. Started again after its end, it finds nothing left to do."""

    def __init__(self) -> None:
        self._done = False

    @workflow.run
    async def run(self, asked: WaitingListInput) -> None:
        """Assign, once."""
        await workflow.execute_activity("assign_waiting_list", AssignWaitingList(asked.run_id), **RECORD)
        self._done = True

    @workflow.signal
    def waiting_list_asked(self, asked: WaitingListAsked) -> None:
        """The start says everything already."""

    @workflow.query
    def get_done(self) -> bool:
        """Whether it is worked out."""
        return self._done
