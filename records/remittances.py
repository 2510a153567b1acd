"""Payments posted once. What does not balance is not posted at all; a balance is never forced."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from domain.claim_states import ClaimState
from domain.ids import new_id
from domain.money import ZERO, cents
from domain.rechecks import COVER_DENIALS
from domain.remittances import Posting, RemittanceKey, RemittedClaim, check_payment, post
from records.claims import apply, by_number
from records.database import Row, Transaction
from records.rechecks import claim_denied


async def post_payment(
    tx: Transaction,
    report_id: UUID,
    key: RemittanceKey,
    remitted: Sequence[RemittedClaim],
    provider_adjustments: Sequence[Decimal],
) -> list[UUID]:
    """Post one payment against our claims; the batches it spoke of. A payment known by its key changes nothing.

    A claim that is not ours is counted as unmatched. Raises `domain.remittances.Quarantined`, `IllegalStep`:
    the caller rolls back, so that nothing of an unsound payment stays.
    """
    check_payment(key.amount, remitted, provider_adjustments)
    remittance_id = new_id()
    posted = await tx.run(
        "INSERT INTO remittances (id, report_id, payer_trace, trace, paid_on, amount, claims, unmatched, posted_at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, 0, %s) ON CONFLICT DO NOTHING",
        (
            remittance_id,
            report_id,
            key.payer_origin,
            key.trace,
            key.paid_on,
            key.amount,
            len(remitted),
            tx.now,
        ),
    )
    if not posted:
        return []
    batches = [
        await _post_claim(tx, f"835 {key.payer_origin} {key.trace} {place}", each)
        for place, each in enumerate(remitted, start=1)
    ]
    unmatched = sum(batch is None for batch in batches)
    await tx.run("UPDATE remittances SET unmatched = %s WHERE id = %s", (unmatched, remittance_id))
    await tx.audit("post_remittance", subject_id=remittance_id, claims=len(remitted), unmatched=unmatched)
    return list(dict.fromkeys(batch for batch in batches if batch is not None))


async def of_report(tx: Transaction, report_id: UUID) -> list[Row]:
    """The payments that a report brought."""
    return await tx.all("SELECT * FROM remittances WHERE report_id = %s ORDER BY trace", (report_id,))


async def _post_claim(tx: Transaction, source: str, remitted: RemittedClaim) -> UUID | None:
    """The claim's batch, or None when the claim is not ours."""
    claim = await by_number(tx, remitted.control_number)
    if claim is None:
        return None
    posting = post(remitted, claim["charge"])
    moved = await apply(
        tx,
        claim["id"],
        posting.event,
        source,
        codes=_codes(posting),
        payer_claim_number=posting.payer_claim_number,
    )
    if moved:
        if COVER_DENIALS & {denial.carc for denial in posting.denials}:
            await claim_denied(tx, claim["id"])
        await _add_money(tx, claim, posting)
    batch_id: UUID | None = claim["batch_id"]
    return batch_id


async def _add_money(tx: Transaction, claim: Row, posting: Posting) -> None:
    """Sums over all payments of the claim: a reversal takes back what the first one brought."""
    before = claim["charge"] - claim["allowed"] if claim["allowed"] is not None else ZERO
    contractual = cents(before + posting.contractual)
    await tx.run(
        "UPDATE claims SET paid = coalesce(paid, 0) + %s, patient_share = coalesce(patient_share, 0) + %s,"
        " allowed = %s WHERE id = %s",
        (posting.paid, posting.patient_share, claim["charge"] - contractual, claim["id"]),
    )
    row = await tx.one("SELECT state, service_line_id FROM claims WHERE id = %s", (claim["id"],))
    if row is not None and row["state"] == ClaimState.PAID:
        await tx.run("UPDATE service_lines SET state = 'closed' WHERE id = %s", (row["service_line_id"],))


def _codes(posting: Posting) -> dict[str, Any]:
    return {
        "paid": str(posting.paid),
        "contractual": str(posting.contractual),
        "patient_share": str(posting.patient_share),
        "denied": str(posting.denied),
        "denials": [
            {"group": d.group, "carc": d.carc, "kind": d.kind.value, "amount": str(d.amount)}
            for d in posting.denials
        ],
    }
