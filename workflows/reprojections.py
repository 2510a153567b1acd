"""A change that moves running clocks, seen to its end: batch after batch, and once more for posts under way."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.shapes.reprojections import BatchReprojected, ReprojectBatch
    from workflows.alarms import long_history
    from workflows.policies import PROMISE

UNDER_WAY: Final = timedelta(seconds=5)
"""A post that was under way when the change was committed has ended by then. What takes longer, the audit finds."""


@dataclass(frozen=True, slots=True)
class ReprojectionInput:
    """Which one; and, carried over from the run before, whether the first pass is done."""

    reprojection_id: UUID
    last_pass: bool = False


@dataclass(frozen=True, slots=True)
class ReprojectionAsked:
    """It was asked for. What it is about stands in its row, and never changes."""

    version: int


@workflow.defn
class Reprojection:
    """One per change. Started again after its end, it finds nothing left to do."""

    @workflow.init
    def __init__(self, asked: ReprojectionInput) -> None:
        self._last_pass = asked.last_pass

    @workflow.run
    async def run(self, asked: ReprojectionInput) -> None:
        """Move every clock; then, once nobody can still be posting under the old state, those left behind."""
        if not self._last_pass:
            await self._pass(asked.reprojection_id)
            await workflow.sleep(UNDER_WAY)
            self._last_pass = True
        await self._pass(asked.reprojection_id)

    @workflow.signal
    def reprojection_asked(self, asked: ReprojectionAsked) -> None:
        """The start says everything already."""

    @workflow.query
    def get_last_pass(self) -> bool:
        """Whether the first pass is done."""
        return self._last_pass

    async def _pass(self, reprojection_id: UUID) -> None:
        """One transaction after the other, until none is left. How far it has come is in the row."""
        while await self._batch(reprojection_id):
            if long_history():
                workflow.continue_as_new(ReprojectionInput(reprojection_id, self._last_pass))

    async def _batch(self, reprojection_id: UUID) -> bool:
        ask = ReprojectBatch(reprojection_id, self._last_pass)
        done: BatchReprojected = await workflow.execute_activity(
            "reproject_batch", ask, result_type=BatchReprojected, **PROMISE
        )
        return done.goes_on
