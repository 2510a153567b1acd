"""A client with a cover, and the clock by which its payer is asked; what payers say."""

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from arrivals import House, arrived, give_insurance, house
from asking import Clocked, coverage

from domain.access import Actor
from domain.eligibility import Benefit, EligibilityAnswer, RejectedQuestion
from integrations.clearinghouse.fake import FakeClearingHouse
from records import coverages, verifications
from records.eligibility_checks import ToAsk

if TYPE_CHECKING:
    from conftest import Databases

ACTIVE = EligibilityAnswer(benefits=(Benefit("1", service_types=("MH",)),))


def rejected(code: str, follow_up: str = "C", loop: str = "2100C") -> EligibilityAnswer:
    return EligibilityAnswer(rejections=(RejectedQuestion(loop, code, follow_up),))


@dataclass
class Insured:
    """A client with a cover, and the clock by which its payer is asked."""

    me: Actor
    coverage_id: UUID
    clock: Clocked
    verification: int = 1

    async def opened(self, attempt: int = 1) -> ToAsk | verifications.Next:
        """What is to be asked, written down."""
        async with self.clock.transaction() as tx:
            return await verifications.open_attempt(tx, self.coverage_id, self.verification, attempt)

    async def answered(self, answer: EligibilityAnswer, attempt: int = 1) -> verifications.Next:
        """The payer is asked, and says this."""
        opened = await self.opened(attempt)
        assert isinstance(opened, ToAsk), opened
        async with self.clock.transaction() as tx:
            return await verifications.answered(tx, opened.check_id, answer, b"271")

    async def rechecked(self) -> int:
        """One look of the schedule: how many covers are asked about."""
        asked = await self.clock.activities(FakeClearingHouse(b"", b"")).recheck_coverages()
        self.verification += asked
        return asked

    async def row(self) -> coverages.Row:
        return await coverage(self.clock.inner, self.coverage_id)

    async def standing(self) -> tuple[str, str | None, str]:
        row = await self.row()
        return row["status"], row["owner"], row["reasons"][0]


async def insured(
    databases: "Databases", found: House | None = None, member_id: str = "U1234567801"
) -> Insured:
    """Just given, and not answered yet."""
    found = found or await house(databases.care)
    me = await arrived(databases.care)
    coverage_id = await give_insurance(databases.care, found, me, member_id)
    return Insured(me, coverage_id, Clocked(databases.worker))
