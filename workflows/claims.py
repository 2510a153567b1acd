"""A batch of claims: built, handed in once, followed by its reports until it is settled or a person takes it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError

with workflow.unsafe.imports_passed_through():
    from activities.shapes.claims import BatchRef, BatchStanding
    from domain.claim_batches import BatchState
    from workflows.alarms import long_history
    from workflows.policies import PAYER, RECORD

FIRST_RETRY = timedelta(seconds=5)
LONGEST_RETRY = timedelta(minutes=30)
GIVE_UP_SENDING = timedelta(hours=24)
REFUSED_FOR_GOOD = "ConfigurationRefused"


@dataclass(frozen=True, slots=True)
class ClaimBatchInput:
    """Which batch; and, carried over from the run before, how long the last wait for the mailbox was."""

    batch_id: UUID
    version: int = 0
    wait_seconds: int = 0


@dataclass(frozen=True, slots=True)
class BatchChanged:
    """The batch as it stands in `version`."""

    version: int
    state: BatchState = BatchState.BUILDING


@workflow.defn
class ClaimBatch:
    """One per batch. The rows in PostgreSQL are the truth: every step starts from what they say."""

    @workflow.init
    def __init__(self, batch: ClaimBatchInput) -> None:
        self._version = batch.version
        self._wait_seconds = batch.wait_seconds
        self._news = False

    @workflow.run
    async def run(self, batch: ClaimBatchInput) -> None:
        """Build, send, then read the mailbox and look after the claims until nothing is left to wait for."""
        self._ref = BatchRef(batch.batch_id)
        standing = await self._build()
        if standing.state is BatchState.READY:
            standing = await self._send(workflow.now())
        while standing.state is BatchState.SENT:
            await self._wait(standing)
            await self._read_mailbox()
            standing = await self._review()
            if long_history() and standing.state is BatchState.SENT:
                workflow.continue_as_new(ClaimBatchInput(batch.batch_id, self._version, self._wait_seconds))

    @workflow.signal
    def batch_changed(self, news: BatchChanged) -> None:
        """News of the batch: look at it now. What is not newer than what is known changes nothing."""
        if news.version > self._version:
            self._version = news.version
            self._news = True

    @workflow.query
    def get_version(self) -> int:
        """The newest version of the batch that the workflow knows of."""
        return self._version

    def _learn(self, standing: BatchStanding) -> BatchStanding:
        self._version = max(self._version, standing.version)
        return standing

    async def _build(self) -> BatchStanding:
        return self._learn(
            await workflow.execute_activity("build_batch", self._ref, result_type=BatchStanding, **RECORD)
        )

    async def _send(self, since: datetime) -> BatchStanding:
        """Hand the file in, again with back-off while the house is down, for a day at most."""
        retry = FIRST_RETRY
        while True:
            try:
                return self._learn(
                    await workflow.execute_activity(
                        "send_batch", self._ref, result_type=BatchStanding, **PAYER
                    )
                )
            except ActivityError as error:
                if _is_final(error) or workflow.now() - since >= GIVE_UP_SENDING:
                    return await self._hand_over()
            await workflow.sleep(retry)
            retry = min(2 * retry, LONGEST_RETRY)

    async def _wait(self, standing: BatchStanding) -> None:
        """Until it is time to look at the mailbox: soon after a report, then at twice the wait each time."""
        if self._wait_seconds:
            self._wait_seconds = min(2 * self._wait_seconds, standing.poll_limit_seconds)
        else:
            self._wait_seconds = standing.poll_seconds
        try:
            await workflow.wait_condition(lambda: self._news, timeout=timedelta(seconds=self._wait_seconds))
        except TimeoutError:
            return
        self._news = False

    async def _read_mailbox(self) -> None:
        """A mailbox that cannot be read now is read at the next turn; the claims' own timers go on."""
        try:
            found = await workflow.execute_activity(
                "read_mailbox", self._ref, result_type=BatchStanding, **PAYER
            )
        except ActivityError:
            return
        if found.reports:
            self._wait_seconds = 0
        self._learn(found)

    async def _review(self) -> BatchStanding:
        return self._learn(
            await workflow.execute_activity("review_batch", self._ref, result_type=BatchStanding, **RECORD)
        )

    async def _hand_over(self) -> BatchStanding:
        return self._learn(
            await workflow.execute_activity("hand_over_batch", self._ref, result_type=BatchStanding, **RECORD)
        )


def _is_final(error: ActivityError) -> bool:
    """Address or credentials are refused: asking again cannot help."""
    return isinstance(error.cause, ApplicationError) and error.cause.type == REFUSED_FOR_GOOD
