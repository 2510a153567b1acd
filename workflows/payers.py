"""What the calendar brings for the office, looked for by a Schedule."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from workflows.policies import RECORD


@workflow.defn
class OfficeCalendar:
    """Each half hour. Payers become what they are from today on; who loses sponsored sessions soon is told."""

    @workflow.run
    async def run(self) -> int:
        """How many payers changed and how many clients were told."""
        changed: int = await workflow.execute_activity("apply_payer_changes", result_type=int, **RECORD)
        told: int = await workflow.execute_activity("tell_credits_run_out", result_type=int, **RECORD)
        return changed + told
