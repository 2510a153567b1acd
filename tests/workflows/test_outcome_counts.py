"""Outcomes are counted therapist after therapist, from where the last turn ended, until none is left."""

from uuid import UUID, uuid4

import pytest
from stage import keep_history, replay, stored, worker
from temporalio import activity
from temporalio.testing import WorkflowEnvironment

from activities.shapes.matches import CountOutcomes, OutcomesCounted
from workflows.matches import OutcomeCount

LAST = [UUID(int=50), UUID(int=100), None]


class Charts:
    """Two turns, and nobody in the third."""

    def __init__(self) -> None:
        self.asked: list[UUID | None] = []

    @activity.defn
    async def count_outcomes(self, ask: CountOutcomes) -> OutcomesCounted:
        self.asked.append(ask.after)
        return OutcomesCounted(LAST[len(self.asked) - 1])


async def test_each_turn_goes_on_after_the_one_before(skipping: WorkflowEnvironment) -> None:
    charts = Charts()
    async with worker(skipping.client, OutcomeCount, [charts.count_outcomes]):
        handle = await skipping.client.start_workflow(
            OutcomeCount.run, id=f"outcome-count-{uuid4()}", task_queue="care"
        )
        await handle.result()
        await keep_history(handle, "outcome_counts-three-turns")
    assert charts.asked == [None, *LAST[:2]]


@pytest.mark.parametrize("name", stored("outcome_counts"))
async def test_counts_that_go_on_today_survive_this_version(name: str) -> None:
    await replay(OutcomeCount, name)
