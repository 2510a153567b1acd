"""The licence watch: run by a Schedule, it sees to licences that end and to rooms they do not reach any more."""

from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from workflows.policies import RECORD

_ROUND = {**RECORD, "start_to_close_timeout": timedelta(minutes=10)}


@workflow.defn
class LicenceWatch:
    """Each minute. A room closes by the row that stands ahead of it; this tells people and finds cover."""

    @workflow.run
    async def run(self) -> int:
        """One look. How many things were done."""
        done: int = await workflow.execute_activity("watch_licences", result_type=int, **_ROUND)
        return done
