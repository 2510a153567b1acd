"""One verification of a cover: ask the payer, ask again when it is silent or sends us on, until it is answered.
And the look, every quarter of an hour, at which covers are to be verified anew.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from temporalio import workflow
from temporalio.exceptions import ActivityError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities.shapes.coverages import Asked, AskPayer
    from workflows.alarms import long_history
    from workflows.policies import PAYER, RECORD


@dataclass(frozen=True, slots=True)
class CoverageVerificationInput:
    """Which cover, which verification of it; and, carried over, the next attempt and its time."""

    coverage_id: UUID
    n: int
    attempt: int = 1
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CoverageAsked:
    """This verification is wanted. The row says whether it still is, so a repeat changes nothing.

    `look`: something has come meanwhile, so that the next attempt may be due before its time.
    """

    version: int
    n: int
    look: bool = False


@dataclass(frozen=True, slots=True)
class VerificationState:
    """The attempt that is under way or comes next, and when."""

    attempt: int
    at: datetime | None


@workflow.defn
class CoverageVerification:
    """One per verification: two questions are never on the way at once, and an answer ends it."""

    @workflow.init
    def __init__(self, ask: CoverageVerificationInput) -> None:
        self._attempt = ask.attempt
        self._at = ask.at
        self._look = False

    @workflow.run
    async def run(self, ask: CoverageVerificationInput) -> None:
        """Attempt after attempt, each in its time, until the row needs no more."""
        while True:
            await self._until_due()
            if self._look:
                self._look = False
                asked = await self._what_next(AskPayer(ask.coverage_id, ask.n, self._attempt - 1))
            else:
                asked = await self._ask(AskPayer(ask.coverage_id, ask.n, self._attempt))
            if asked.next_at is None:
                return
            self._attempt, self._at = asked.next_attempt, asked.next_at
            if long_history():
                workflow.continue_as_new(
                    CoverageVerificationInput(ask.coverage_id, ask.n, self._attempt, self._at)
                )

    @workflow.signal
    def coverage_asked(self, news: CoverageAsked) -> None:
        """Starts the workflow, or wakes it; the row holds everything else."""
        self._look = self._look or news.look

    @workflow.query
    def get_state(self) -> VerificationState:
        """Where the asking stands."""
        return VerificationState(self._attempt, self._at)

    async def _until_due(self) -> None:
        if self._at is None or self._at <= workflow.now():
            return
        if workflow.patched("late-answers"):
            with suppress(asyncio.TimeoutError):
                await workflow.wait_condition(lambda: self._look, timeout=self._at - workflow.now())
        else:
            await workflow.sleep(self._at - workflow.now())

    async def _ask(self, ask: AskPayer) -> Asked:
        """One question. When nobody knows what came of it, it is counted and the payer asked again later."""
        asked: Asked
        try:
            asked = await workflow.execute_activity("ask_payer", ask, result_type=Asked, **PAYER)
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
            asked = await self._what_next(ask)
        return asked

    async def _what_next(self, ask: AskPayer) -> Asked:
        """What follows an attempt, by its row."""
        asked: Asked = await workflow.execute_activity("count_interrupted", ask, result_type=Asked, **RECORD)
        return asked


@workflow.defn
class CoverageRecheck:
    """By its schedule: covers in force, and covers whose day has come, get a verification each."""

    @workflow.run
    async def run(self) -> int:
        """How many are asked about. What does not fit into one look is taken up by the next."""
        asked: int = await workflow.execute_activity("recheck_coverages", result_type=int, **RECORD)
        return asked
