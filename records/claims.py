"""Claims: one per service, moved by reports and decisions, never by hand in a table."""

from domain.claim_states import AWAITING_PAYER, ClaimState
from records.database import Row, Transaction

LIVE_BATCHES = ("building", "ready", "sent")
WAITING = frozenset({ClaimState.BATCHED}) | AWAITING_PAYER


async def tell_batch(tx: Transaction, batch: Row) -> None:
    """Leave a note for the batch's workflow."""
    await tx.tell("batch_changed", batch["id"], batch["version"])


async def retell(tx: Transaction) -> int:
    """Tell every batch that is still under way again. How many."""
    rows = await tx.all(
        "SELECT id, version FROM claim_batches WHERE state = ANY(%s) ORDER BY control_number",
        (list(LIVE_BATCHES),),
    )
    for row in rows:
        await tell_batch(tx, row)
    return len(rows)
