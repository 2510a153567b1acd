"""A roster worked off, batch after batch, whatever is killed meanwhile."""

from dataclasses import dataclass
from uuid import UUID

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.shapes.rosters import RowsTaken, TakeRows
    from workflows.alarms import long_history
    from workflows.policies import RECORD


@dataclass(frozen=True, slots=True)
class RosterIntakeInput:
    """Which one. How far it has come is in its row."""

    roster_id: UUID


@dataclass(frozen=True, slots=True)
class RosterSent:
    """It was sent. What is in it stands in its row, and never changes."""

    version: int


@workflow.defn
class RosterIntake:
    """One per roster. Started again after its end, it finds nothing left to do."""

    @workflow.run
    async def run(self, asked: RosterIntakeInput) -> None:
        """Take every row."""
        while await self._batch(asked.roster_id):
            if long_history():
                workflow.continue_as_new(asked)

    @workflow.signal
    def roster_sent(self, sent: RosterSent) -> None:
        """The start says everything already."""

    async def _batch(self, roster_id: UUID) -> bool:
        taken: RowsTaken = await workflow.execute_activity(
            "take_roster_rows", TakeRows(roster_id), result_type=RowsTaken, **RECORD
        )
        return taken.goes_on
