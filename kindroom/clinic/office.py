"""The billing office of the demo clinic: questions to payers, weekly claim files, and what came back."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from activities.claims import ClaimActivities
from activities.eligibility_mapping import read_answer
from activities.eligibility_questions import question_of, trace_of
from activities.shapes.claims import BatchRef
from domain.access import Action
from domain.claim_batches import BatchState
from domain.coverage import CoverageStatus
from domain.insured import Card
from kindroom.clinic.arrivals import Arrival
from kindroom.clinic.clearinghouse import PastClearingHouse
from kindroom.clinic.house import House
from kindroom.clinic.payers import BY_CODE
from kindroom.clinic.people import Bill
from records import batch_gathering, coverage_answers, coverage_states, coverages, verifications
from records.coverages import NewCoverage
from records.eligibility_checks import ToAsk
from records.relations import writable_chart

CLERK: Final = "bea.novak"
_READ_AFTER: Final = (timedelta(hours=2), timedelta(hours=8))


class Office:
    """Works on the story's clock."""

    def __init__(self, house: House, clearing_house: PastClearingHouse) -> None:
        self._house, self._payers = house, clearing_house
        self._work = ClaimActivities(house.past, clearing_house)
        self._sent: list[UUID] = []
        self._unpaid: list[UUID] = []

    async def take_card(self, arrival: Arrival, at: datetime) -> UUID:
        """The client gives insurance; who names no payer pays alone."""
        person, past = arrival.person, self._house.past
        with past.at(at):
            async with past.transaction(arrival.client) as tx:
                me = await writable_chart(tx, arrival.client.account_id, Action.GIVE_COVERAGE)
                if not person.payer:
                    return await coverages.give(tx, me, self._house.index, NewCoverage("self_pay"))
                card = Card(person.member_id, BY_CODE[person.payer].group or None)
                given = NewCoverage("insurance", person.payer, card)
                return await coverages.give(tx, me, self._house.index, given)

    async def verify(self, arrival: Arrival, coverage_id: UUID, at: datetime) -> None:
        """Ask the payer as the workflow would, until it has answered."""
        attempt, past = 1, self._house.past
        with past.at(at):
            while True:
                async with past.transaction() as tx:
                    asked = await verifications.open_attempt(tx, coverage_id, 1, attempt)
                    if not isinstance(asked, ToAsk):
                        break
                    raw = await self._payers.check(question_of(asked, past.now))
                    answer = read_answer(raw, trace_of(asked))
                    following = await verifications.answered(tx, asked.check_id, answer, raw)
                if following.at is None:
                    break
                attempt = following.attempt
        if arrival.person.bill is Bill.REJECTED:
            await self._confirm(coverage_id, at + timedelta(hours=1))

    async def _confirm(self, coverage_id: UUID, at: datetime) -> None:
        """The office called the payer, and was told that the plan is active."""
        past = self._house.past
        with past.at(at):
            async with past.transaction(self._house.staff[CLERK]) as tx:
                coverage = await coverages.find(tx, coverage_id, lock=True)
                today = await coverages.local_date(tx, coverage["client_id"])
                told = coverage_answers.without_a_payer("confirmed_by_office", today)
                await coverage_states.settle(tx, coverage, CoverageStatus.ACTIVE, "confirmed_by_office", told)

    async def bill(self, at: datetime, *, unpaid: bool = False) -> None:
        """Send what can be billed, and read the first acknowledgements. `unpaid`: no payment comes for it."""
        past = self._house.past
        await self.read_mail(at)
        self._payers.withhold = unpaid
        with past.at(at):
            async with past.transaction(self._house.staff[CLERK]) as tx:
                prepared = await batch_gathering.prepare(tx)
            for batch_id in prepared.batch_ids:
                await self._work.build_batch(BatchRef(batch_id))
                await self._work.send_batch(BatchRef(batch_id))
        (self._unpaid if unpaid else self._sent).extend(prepared.batch_ids)
        for later in _READ_AFTER:
            await self.read_mail(at + later)

    async def read_mail(self, at: datetime) -> None:
        """Post what has come, and look after the batches that it may have settled."""
        batches = [*self._sent, *self._unpaid]
        if not batches:
            return
        with self._house.past.at(at):
            standing = await self._work.read_mailbox(BatchRef(batches[-1]))
            if standing.reports:
                await self._look_after(self._sent)

    async def catch_up(self) -> None:
        """Look once more at everything that is still under way, also at what nobody has paid."""
        await self.read_mail(self._house.present)
        await self._look_after(self._sent)
        await self._look_after(self._unpaid)

    async def _look_after(self, batches: list[UUID]) -> None:
        for batch_id in list(batches):
            standing = await self._work.review_batch(BatchRef(batch_id))
            if standing.state is not BatchState.SENT:
                batches.remove(batch_id)
