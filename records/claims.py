"""Claims: one for each service, moved by events that are kept with their source. A repeat changes nothing."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from domain.claim_batches import UNDER_WAY, BatchState
from domain.claim_states import ClaimEvent, ClaimState, advance
from domain.errors import NotFound
from domain.ids import ClaimId, new_id
from records.database import Row, Transaction


async def open_claim(tx: Transaction, line: Row) -> UUID:
    """The claim of a service line, made at its first try to leave. One per line; while it is here, it is the line's
    cover of today that pays, at its price.
    """
    known = await tx.one(
        "UPDATE claims SET payer_id = %s, charge = %s WHERE service_line_id = %s RETURNING id",
        (line["payer_id"], line["charge"], line["id"]),
    )
    if known is not None:
        known_id: UUID = known["id"]
        return known_id
    claim_id = ClaimId(new_id())
    await tx.insert(
        "claims",
        id=claim_id,
        number=f"K{claim_id.hex[:15].upper()}",
        service_line_id=line["id"],
        payer_id=line["payer_id"],
        client_id=line["client_id"],
        state=ClaimState.DRAFT.value,
        service_date=line["service_date"],
        charge=line["charge"],
        created_at=tx.now,
        changed_at=tx.now,
    )
    return claim_id


async def apply(
    tx: Transaction,
    claim_id: UUID,
    event: ClaimEvent,
    source: str,
    *,
    codes: Mapping[str, Any] | None = None,
    payer_claim_number: str | None = None,
) -> bool:
    """Move a claim by one event of one source, and keep it. False when this source has said so before.

    Raises NotFound, `domain.claim_states.IllegalStep`; then nothing was changed.
    """
    row = await tx.one("SELECT state FROM claims WHERE id = %s FOR UPDATE", (claim_id,))
    if row is None:
        raise NotFound
    if await tx.one(
        "SELECT 1 AS there FROM claim_events WHERE claim_id = %s AND event = %s AND source = %s",
        (claim_id, event.value, source),
    ):
        return False
    state = advance(ClaimState(row["state"]), event)
    await tx.insert(
        "claim_events",
        id=new_id(),
        claim_id=claim_id,
        event=event.value,
        source=source,
        state=state.value,
        at=tx.now,
        codes=dict(codes or {}),
    )
    await tx.run(
        "UPDATE claims SET state = %s, changed_at = %s,"
        " payer_claim_number = coalesce(%s, payer_claim_number) WHERE id = %s",
        (state.value, tx.now, payer_claim_number, claim_id),
    )
    return True


async def by_number(tx: Transaction, number: str) -> Row | None:
    """Our claim of this CLM01, as it was last sent; None when it is nobody's of ours."""
    return await tx.one("SELECT * FROM claims WHERE number = %s", (number,))


async def listing(
    tx: Transaction, *, state: str | None, batch_id: UUID | None, limit: int, offset: int
) -> list[Row]:
    """Claims for the office: client by code, payer by name. The last changed first."""
    return await tx.all(
        f"{_SHOWN} WHERE (%(state)s::text IS NULL OR k.state = %(state)s)"
        " AND (%(batch)s::uuid IS NULL OR k.batch_id = %(batch)s)"
        " ORDER BY k.changed_at DESC, k.id LIMIT %(limit)s OFFSET %(offset)s",
        {"state": state, "batch": batch_id, "limit": limit, "offset": offset},
    )


async def find(tx: Transaction, claim_id: UUID) -> Row:
    """One claim as the office sees it. Raises NotFound."""
    row = await tx.one(f"{_SHOWN} WHERE k.id = %s", (claim_id,))
    if row is None:
        raise NotFound
    return row


async def history(tx: Transaction, claim_id: UUID) -> list[Row]:
    """What moved the claim, oldest first, with its sources and codes."""
    return await tx.all("SELECT * FROM claim_events WHERE claim_id = %s ORDER BY seq", (claim_id,))


_SHOWN = """
SELECT k.*, c.code AS client_code, p.name AS payer_name, p.code AS payer_code, l.code AS procedure_code
FROM claims k JOIN clients c ON c.id = k.client_id JOIN payers p ON p.id = k.payer_id
JOIN service_lines l ON l.id = k.service_line_id
"""


async def tell_batch(tx: Transaction, batch: Row) -> None:
    """Leave a note for the batch's workflow."""
    await tx.tell("batch_changed", batch["id"], batch["version"], state=BatchState(batch["state"]))


async def retell(tx: Transaction) -> int:
    """Tell every batch that is still under way again. How many."""
    rows = await tx.all(
        "SELECT id, version, state FROM claim_batches WHERE state = ANY(%s) ORDER BY control_number",
        ([state.value for state in UNDER_WAY],),
    )
    for row in rows:
        await tell_batch(tx, row)
    return len(rows)
