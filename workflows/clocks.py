"""The clock audit: run by a Schedule, it finds promises that should have rung and tells them again."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from workflows.policies import RECORD


@workflow.defn
class ClockAudit:
    """Belt to the outbox's braces. Its count of repairs should be zero."""

    @workflow.run
    async def run(self) -> int:
        """Repair by outbox notes; how many were needed."""
        repaired: int = await workflow.execute_activity("audit_clocks", result_type=int, **RECORD)
        return repaired
