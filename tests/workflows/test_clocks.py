"""The audits as workflows: an engine that is away is waited for, and stored histories replay."""

from typing import Any

import pytest
from stage import keep_history, replay, stored, worker
from temporalio import activity
from temporalio.client import WorkflowHandle
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment

from workflows.clocks import ClockAudit, WorkflowAudit

KINDS = {"ClockAudit": (ClockAudit, "clock-audit"), "WorkflowAudit": (WorkflowAudit, "workflow-audit")}


class Records:
    """PostgreSQL, away for the first asks."""

    def __init__(self, away: int) -> None:
        self.away = away

    def _repaired(self) -> int:
        self.away -= 1
        if self.away >= 0:
            raise ApplicationError("unavailable", type="Unavailable")
        return 7

    @activity.defn
    async def audit_clocks(self) -> int:
        return self._repaired()

    @activity.defn
    async def audit_workflows(self) -> int:
        return self._repaired()


@pytest.mark.parametrize("name", KINDS)
async def test_an_audit_waits_for_postgres_and_tells_what_it_repaired(
    skipping: WorkflowEnvironment, name: str
) -> None:
    kind, workflow_id = KINDS[name]
    records = Records(away=3)
    run: Any = kind.run
    async with worker(skipping.client, kind, [records.audit_clocks, records.audit_workflows]):
        handle: WorkflowHandle[Any, int] = await skipping.client.start_workflow(
            run, id=workflow_id, task_queue="care"
        )
        assert await handle.result() == 7
    await keep_history(handle, f"{workflow_id}-postgres-away")


@pytest.mark.parametrize("name", KINDS)
async def test_stored_histories_replay(name: str) -> None:
    kind, workflow_id = KINDS[name]
    names = stored(workflow_id)
    assert names
    for each in names:
        await replay(kind, each)
