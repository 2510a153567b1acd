"""What the claim batch's workflow asks for: build the file, hand it in once, read the mailbox, look after it."""

import asyncio
from collections.abc import Callable
from typing import Any

from temporalio import activity

from activities import mailbox
from activities.shapes.claims import BatchRef, BatchStanding
from domain.claim_batches import BatchState
from integrations.clearinghouse.port import ClearingHouse
from records import batch_files, claim_batches
from records.database import Database, Transaction
from x12.errors import Finding, X12Error
from x12.gate import gate


class ClaimActivities:
    """Claims on their way to the payer and back. Each step may be repeated: the rows tell what is done."""

    def __init__(self, database: Database, house: ClearingHouse) -> None:
        self._database = database
        self._house = house

    def all(self) -> list[Callable[..., Any]]:
        """The activities to register."""
        return [self.build_batch, self.send_batch, self.read_mailbox, self.review_batch, self.hand_over_batch]

    @activity.defn
    async def build_batch(self, ask: BatchRef) -> BatchStanding:
        """Compose the 837P, pass it through the gate, keep it sealed; or refuse it and free its claims."""
        async with self._database.transaction() as tx:
            draft = await batch_files.compose(tx, ask.batch_id)
        if draft is not None:
            findings = list(draft.findings)
            if draft.content is not None:
                findings += [
                    f"{each.code} {each.element}" for each in await asyncio.to_thread(_gate, draft.content)
                ]
            async with self._database.transaction() as tx:
                if draft.content is None or findings:
                    await claim_batches.refuse(tx, ask.batch_id, findings)
                else:
                    await batch_files.keep_file(tx, ask.batch_id, draft.content)
        return await self._standing(ask)

    @activity.defn
    async def send_batch(self, ask: BatchRef) -> BatchStanding:
        """Hand the file in. After a crash before the mark it is handed in again under the same control number,
        which the clearing house refuses as a duplicate: what we want is there already.
        """
        async with self._database.transaction() as tx:
            batch = await claim_batches.find(tx, ask.batch_id)
            ready = batch["state"] == BatchState.READY
            content = await batch_files.content(tx, ask.batch_id) if ready else None
        if content is not None:
            receipt = await self._house.submit(content)
            async with self._database.transaction() as tx:
                await claim_batches.mark_sent(tx, ask.batch_id, receipt.submission_id)
        return await self._standing(ask)

    @activity.defn
    async def read_mailbox(self, ask: BatchRef) -> BatchStanding:
        """Keep what has arrived, for this batch or another, then post what is kept."""
        return await self._standing(ask, reports=await mailbox.read(self._database, self._house))

    @activity.defn
    async def review_batch(self, ask: BatchRef) -> BatchStanding:
        """Settle it, hand it to a person, or tell the office what is overdue."""
        await mailbox.post_waiting(self._database)
        async with self._database.transaction() as tx:
            await claim_batches.look_after(tx, ask.batch_id)
            return await _standing(tx, ask)

    @activity.defn
    async def hand_over_batch(self, ask: BatchRef) -> BatchStanding:
        """The clearing house cannot be reached, or refuses us: a person goes on."""
        async with self._database.transaction() as tx:
            await claim_batches.hand_over(tx, ask.batch_id)
            return await _standing(tx, ask)

    async def _standing(self, ask: BatchRef, reports: int = 0) -> BatchStanding:
        async with self._database.transaction() as tx:
            return await _standing(tx, ask, reports)


async def _standing(tx: Transaction, ask: BatchRef, reports: int = 0) -> BatchStanding:
    batch = await claim_batches.find(tx, ask.batch_id)
    policy = await claim_batches.poll_policy(tx)
    return BatchStanding(
        batch["version"],
        BatchState(batch["state"]),
        int(policy.first.total_seconds()),
        int(policy.longest.total_seconds()),
        reports,
    )


def _gate(content: bytes) -> tuple[Finding, ...]:
    try:
        return gate(content)
    except X12Error as error:
        return error.findings
