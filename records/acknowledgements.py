"""What acknowledgements say of whole files: every claim of the batch moves with it."""

from collections.abc import Sequence
from uuid import UUID

from domain.claim_states import ClaimEvent
from records.claim_batches import claims_of
from records.claims import apply, by_number
from records.database import Transaction


async def batch_by_control(tx: Transaction, control_number: str) -> UUID | None:
    """Our batch of this ISA13 or GS06; None when it is not ours."""
    digits = control_number.strip()
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 9):
        return None
    row = await tx.one("SELECT id FROM claim_batches WHERE control_number = %s", (int(digits),))
    return row["id"] if row else None


async def batch_by_reference(tx: Transaction, reference: str) -> UUID | None:
    """Our batch of this BHT03."""
    return await batch_by_control(tx, reference.removeprefix("KB")) if reference.startswith("KB") else None


async def move_batch(
    tx: Transaction, batch_id: UUID, event: ClaimEvent, source: str, codes: Sequence[str] = ()
) -> None:
    """Every claim of the batch takes the event."""
    for claim in await claims_of(tx, batch_id):
        await apply(tx, claim["id"], event, source, codes={"codes": list(codes)} if codes else None)


async def move_claim(
    tx: Transaction,
    number: str,
    event: ClaimEvent,
    source: str,
    codes: Sequence[str],
    payer_claim_number: str | None,
) -> UUID | None:
    """One claim takes the event; its batch, or None when the number is not one of ours."""
    claim = await by_number(tx, number)
    if claim is None:
        return None
    await apply(
        tx,
        claim["id"],
        event,
        source,
        codes={"codes": list(codes)},
        payer_claim_number=payer_claim_number,
    )
    batch_id: UUID | None = claim["batch_id"]
    return batch_id
