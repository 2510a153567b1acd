"""What a verification's workflow asks for: one question to a payer, counted before it is sent."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from temporalio import activity

from activities import mailbox
from activities.eligibility_mapping import read_answer
from activities.eligibility_questions import question_of, trace_of
from activities.shapes.coverages import Asked, AskPayer
from integrations.clearinghouse.port import ClearingHouse, ClearingHouseError
from records import rechecks, verifications
from records.database import Database
from records.eligibility_checks import ToAsk
from records.verifications import Next
from x12.errors import X12Error


class CoverageActivities:
    """Questions about cover."""

    def __init__(self, database: Database, house: ClearingHouse) -> None:
        self._database, self._house = database, house

    def all(self) -> list[Callable[..., Any]]:
        """The activities to register."""
        return [self.ask_payer, self.count_interrupted, self.recheck_coverages]

    @activity.defn
    async def ask_payer(self, ask: AskPayer) -> Asked:
        """Ask, and keep what came of it. An attempt that was sent once is never sent again."""
        async with self._database.transaction() as tx:
            opened = await verifications.open_attempt(tx, ask.coverage_id, ask.n, ask.attempt)
        return _told(await self._put(opened) if isinstance(opened, ToAsk) else opened)

    @activity.defn
    async def count_interrupted(self, ask: AskPayer) -> Asked:
        """Whoever asked is gone: what comes next, by the row."""
        async with self._database.transaction() as tx:
            return _told(await verifications.interrupted(tx, ask.coverage_id, ask.n, ask.attempt))

    @activity.defn
    async def recheck_coverages(self) -> int:
        """Have payers asked again where it is due, each cover in a transaction of its own. How many."""
        await self._look_for_late_answers()
        async with self._database.transaction() as tx:
            await rechecks.tell_overdue(tx)
            due = await rechecks.due(tx)
        asked = 0
        for coverage_id in due:
            async with self._database.transaction() as tx:
                asked += await rechecks.ask_again(tx, coverage_id)
        return asked

    async def _look_for_late_answers(self) -> None:
        """While a payer owes one. A clearing house that is away now is looked at again the next time."""
        async with self._database.transaction() as tx:
            if not await verifications.some_await(tx):
                return
        with suppress(ClearingHouseError):
            await mailbox.read(self._database, self._house)

    async def _put(self, ask: ToAsk) -> Next:
        """No transaction is open while the payer thinks."""
        try:
            question = question_of(ask, activity.info().started_time)
        except X12Error:
            async with self._database.transaction() as tx:
                return await verifications.unwritable(tx, ask.check_id)
        try:
            raw = await self._house.check(question)
            answer = read_answer(raw, trace_of(ask))
        except ClearingHouseError as error:
            async with self._database.transaction() as tx:
                return await verifications.failed(tx, ask.check_id, error.failure)
        async with self._database.transaction() as tx:
            return await verifications.answered(tx, ask.check_id, answer, raw)


def _told(following: Next) -> Asked:
    return Asked(following.attempt, following.at)
