"""The clock audit: run by Schedules, it finds promises that should have rung and tells them again."""

from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from workflows.policies import RECORD

_LISTING = {**RECORD, "start_to_close_timeout": timedelta(minutes=10)}


@workflow.defn
class ClockAudit:
    """Each minute. Belt to the outbox's braces: its count of repairs should be zero."""

    @workflow.run
    async def run(self) -> int:
        """Repair by outbox notes; how many were needed."""
        repaired: int = await workflow.execute_activity("audit_clocks", result_type=int, **RECORD)
        return repaired


@workflow.defn
class WorkflowAudit:
    """Each day. Every open room has its workflow; the calendars know their holidays."""

    @workflow.run
    async def run(self) -> int:
        """Tell rooms without a workflow again; how many there were."""
        missing: int = await workflow.execute_activity("audit_workflows", result_type=int, **_LISTING)
        return missing
