"""Batches: where they stand, and what becomes of their claims.

The batch and its claims are facts of the request; its workflow builds the file, hands it in and follows it.
"""

from collections.abc import Sequence
from uuid import UUID

from domain.claim_batches import (
    STANDARD_POLL,
    BatchState,
    PollPolicy,
    Review,
    poll_policy_from_json,
    review,
)
from domain.claim_states import ClaimEvent, ClaimState
from domain.errors import NotFound
from records.claims import apply, tell_batch
from records.database import Row, Transaction, dumps
from records.notices import notify_role
from records.policies import in_force


async def find(tx: Transaction, batch_id: UUID, *, lock: bool = False) -> Row:
    """The batch with its payer and the sum of its claims. Raises NotFound."""
    row = await tx.one(f"{_BATCH} WHERE b.id = %s{' FOR UPDATE OF b' if lock else ''}", (batch_id,))
    if row is None:
        raise NotFound
    return row


async def listing(tx: Transaction, *, limit: int, offset: int) -> list[Row]:
    """Newest first."""
    return await tx.all(
        f"{_BATCH} ORDER BY b.control_number DESC LIMIT %s OFFSET %s",
        (limit, offset),
    )


_BATCH = """
SELECT b.*, p.name AS payer_name, p.code AS payer_code,
       (SELECT count(*) FROM claims k WHERE k.batch_id = b.id) AS claims,
       (SELECT coalesce(sum(k.charge), 0) FROM claims k WHERE k.batch_id = b.id) AS total
FROM claim_batches b JOIN payers p ON p.id = b.payer_id
"""


async def claims_of(tx: Transaction, batch_id: UUID) -> list[Row]:
    """The claims of a batch in the order of the file."""
    return await tx.all(
        "SELECT k.*, c.code AS client_code FROM claims k JOIN clients c ON c.id = k.client_id"
        " WHERE k.batch_id = %s ORDER BY k.number",
        (batch_id,),
    )


async def refuse(tx: Transaction, batch_id: UUID, findings: Sequence[str]) -> None:
    """Our own gate stops the file: its claims are free again, and the office is told."""
    batch = await find(tx, batch_id, lock=True)
    if batch["state"] != BatchState.BUILDING:
        return
    for claim in await claims_of(tx, batch_id):
        await apply(tx, claim["id"], ClaimEvent.UNBATCHED, f"batch {batch_id}")
        await tx.run("UPDATE claims SET batch_id = NULL WHERE id = %s", (claim["id"],))
        await tx.run("UPDATE service_lines SET state = 'unbilled' WHERE id = %s", (claim["service_line_id"],))
    await _end(tx, batch, BatchState.REFUSED, {"findings": list(findings)})
    await notify_role(tx, "billing", "batch_refused", batch_id)


async def mark_sent(tx: Transaction, batch_id: UUID, receipt: str) -> None:
    """The clearing house has the file. Saying it twice changes nothing."""
    batch = await find(tx, batch_id, lock=True)
    if batch["state"] != BatchState.READY:
        return
    await tx.run(
        "UPDATE claim_batches SET state = 'sent', version = version + 1, sent_at = %s, receipt = %s"
        " WHERE id = %s",
        (tx.now, receipt, batch_id),
    )
    for claim in await claims_of(tx, batch_id):
        await apply(tx, claim["id"], ClaimEvent.SENT, f"batch {batch_id}")
    await tx.audit("send_claims", subject_id=batch_id)


async def look_after(tx: Transaction, batch_id: UUID) -> tuple[Row, Review | None]:
    """Where a batch stands: settle it, hand it to a person, or tell the office what is overdue, each once."""
    batch = await find(tx, batch_id, lock=True)
    if batch["state"] != BatchState.SENT:
        return batch, None
    claims = await claims_of(tx, batch_id)
    states = [ClaimState(claim["state"]) for claim in claims]
    found = review(states, batch["sent_at"], tx.now, (await poll_policy(tx)).follow_up)
    for each in found.overdue:
        await notify_role(tx, "billing", f"claim_overdue_{each.name.lower()}", batch_id)
    if found.state is not BatchState.SENT:
        await _end(tx, batch, found.state)
    if found.state is BatchState.WITH_PERSON:
        await notify_role(tx, "billing", "claims_need_work", batch_id)
    return await find(tx, batch_id), found


async def hand_over(tx: Transaction, batch_id: UUID) -> None:
    """The clearing house cannot be reached, or refuses us: a person goes on. Safe to repeat."""
    batch = await find(tx, batch_id, lock=True)
    if batch["state"] in (BatchState.READY, BatchState.SENT):
        await _end(tx, batch, BatchState.WITH_PERSON)
        await notify_role(tx, "billing", "batch_not_sent", batch_id)


async def poll_policy(tx: Transaction) -> PollPolicy:
    """How often to read the mailbox and how long to wait for whom."""
    try:
        return poll_policy_from_json(await in_force(tx, "claims", "default"))
    except NotFound:
        return STANDARD_POLL


async def _end(
    tx: Transaction, batch: Row, state: BatchState, findings: dict[str, list[str]] | None = None
) -> None:
    await tx.run(
        "UPDATE claim_batches SET state = %s, version = version + 1, settled_at = %s,"
        " findings = coalesce(%s::jsonb, findings) WHERE id = %s",
        (state.value, tx.now, dumps(findings) if findings else None, batch["id"]),
    )
    await tell_batch(tx, await find(tx, batch["id"]))


async def tell_reported(tx: Transaction, batch_id: UUID) -> None:
    """A report spoke of the batch: its workflow looks at it again."""
    await tx.run("UPDATE claim_batches SET version = version + 1 WHERE id = %s", (batch_id,))
    batch = await find(tx, batch_id)
    if batch["state"] == BatchState.SENT:
        await tell_batch(tx, batch)
