"""Which claims leave together: what can be billed is checked, and gathered into a batch for each payer."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from uuid import UUID

from domain.claim_batches import (
    MOST_CLAIMS,
    BatchState,
)
from domain.claim_states import REJECTED, ClaimEvent, ClaimState
from domain.ids import ClaimBatchId, new_id
from domain.money import total
from domain.practice import Practice
from records import claim_batches
from records.claim_sources import source_of
from records.claims import apply, open_claim, tell_batch
from records.database import Row, Transaction
from records.payers import find_offered
from records.practice import practice
from records.service_lines import look_again

_ONE_AT_A_TIME = 7465020  # advisory lock: control numbers grow without a gap or a repeat


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a request for batches came to. `stopped` are claims whose data fails an edit; they stay unbilled."""

    batch_ids: tuple[UUID, ...]
    claims: int
    total: Decimal
    stopped: int
    held: int
    released: int


async def prepare(
    tx: Transaction, payer: str | None = None, *, since_last_export: bool = True, dry_run: bool = False
) -> Prepared:
    """Gather what can be billed into one batch for each payer (at most 500 claims each) and tell the workflows.

    `since_last_export` false also takes claims again that were rejected before anybody decided on them.
    A dry run does all of it and undoes it. Raises NotFound (`unknown_payer`), Conflict (`practice_not_set`).
    """
    async with tx.conn.transaction(force_rollback=dry_run):
        await tx.run("SELECT pg_advisory_xact_lock(%s)", (_ONE_AT_A_TIME,))
        payer_id = (await find_offered(tx, payer))["id"] if payer else None
        who = await practice(tx)
        released = await look_again(tx, payer_id)
        stopped = await _scrub(tx, who, payer_id, again=not since_last_export)
        batches = await _batch_ready(tx, payer_id)
        prepared = await _summary(tx, payer_id, batches, stopped, released)
    return replace(prepared, batch_ids=()) if dry_run else prepared


async def _scrub(tx: Transaction, who: Practice, payer_id: UUID | None, *, again: bool) -> int:
    """Check every claim that could leave; how many are stopped by a finding."""
    source = f"check {tx.now.isoformat()}"
    for line in await _unbilled(tx, payer_id):
        await open_claim(tx, line)
    if again:
        await _take_up_rejected(tx, payer_id, source)
    stopped = 0
    for claim in await _unsent(tx, payer_id):
        findings = (await source_of(tx, claim["id"], who)).findings
        event = ClaimEvent.SCRUB_FAILED if findings else ClaimEvent.SCRUB_PASSED
        await apply(tx, claim["id"], event, source, codes={"findings": list(findings)} if findings else None)
        stopped += bool(findings)
    return stopped


async def _unbilled(tx: Transaction, payer_id: UUID | None) -> list[Row]:
    return await tx.all(
        "SELECT * FROM service_lines WHERE state = 'unbilled' AND payer_id IS NOT NULL"
        " AND (%s::uuid IS NULL OR payer_id = %s) ORDER BY service_date, id FOR UPDATE",
        (payer_id, payer_id),
    )


async def _unsent(tx: Transaction, payer_id: UUID | None) -> list[Row]:
    states = [state.value for state in (ClaimState.DRAFT, ClaimState.SCRUB_FAILED, ClaimState.READY)]
    return await tx.all(
        "SELECT k.id FROM claims k JOIN service_lines l ON l.id = k.service_line_id"
        " WHERE k.state = ANY(%s) AND k.batch_id IS NULL AND l.state IN ('unbilled', 'batched')"
        " AND (%s::uuid IS NULL OR k.payer_id = %s) ORDER BY k.service_date, k.id FOR UPDATE OF k",
        (states, payer_id, payer_id),
    )


async def _take_up_rejected(tx: Transaction, payer_id: UUID | None, source: str) -> None:
    """Never adjudicated, so sent again as an original; under a new number, so that no old report meets it."""
    rows = await tx.all(
        "SELECT id, number FROM claims WHERE state = ANY(%s) AND (%s::uuid IS NULL OR payer_id = %s)"
        " ORDER BY service_date, id FOR UPDATE",
        ([state.value for state in REJECTED], payer_id, payer_id),
    )
    for row in rows:
        await apply(tx, row["id"], ClaimEvent.EDITED, source)
        first, _, times = row["number"].partition("R")
        await tx.run(
            "UPDATE claims SET batch_id = NULL, number = %s WHERE id = %s",
            (f"{first}R{int(times or 0) + 1}", row["id"]),
        )


async def _batch_ready(tx: Transaction, payer_id: UUID | None) -> list[UUID]:
    ready = await tx.all(
        "SELECT k.id, k.payer_id, k.service_line_id FROM claims k JOIN service_lines l ON l.id = k.service_line_id"
        " WHERE k.state = 'ready' AND k.batch_id IS NULL AND l.state IN ('unbilled', 'batched')"
        " AND (%s::uuid IS NULL OR k.payer_id = %s) ORDER BY k.payer_id, k.service_date, k.number",
        (payer_id, payer_id),
    )
    payers = dict.fromkeys(row["payer_id"] for row in ready)
    files = []
    for each in payers:
        theirs = [row for row in ready if row["payer_id"] == each]
        files += [(each, theirs[at : at + MOST_CLAIMS]) for at in range(0, len(theirs), MOST_CLAIMS)]
    return [await _make(tx, each, claims) for each, claims in files]


async def _make(tx: Transaction, payer_id: UUID, claims: Sequence[Row]) -> UUID:
    batch_id = ClaimBatchId(new_id())
    last = await tx.one("SELECT coalesce(max(control_number), 0) AS n FROM claim_batches")
    await tx.insert(
        "claim_batches",
        id=batch_id,
        payer_id=payer_id,
        control_number=(last["n"] if last else 0) + 1,
        state=BatchState.BUILDING.value,
        version=1,
        created_at=tx.now,
        created_by=tx.actor.account_id if tx.actor else None,
        findings={},
    )
    for claim in claims:
        await apply(tx, claim["id"], ClaimEvent.BATCHED, f"batch {batch_id}")
    await tx.run(
        "UPDATE claims SET batch_id = %s WHERE id = ANY(%s)", (batch_id, [claim["id"] for claim in claims])
    )
    await tx.run(
        "UPDATE service_lines SET state = 'batched' WHERE id = ANY(%s)",
        ([claim["service_line_id"] for claim in claims],),
    )
    await tx.audit("batch_claims", subject_id=batch_id, claims=len(claims))
    await tell_batch(tx, await claim_batches.find(tx, batch_id))
    return batch_id


async def _summary(
    tx: Transaction, payer_id: UUID | None, batches: list[UUID], stopped: int, released: int
) -> Prepared:
    charges = await tx.all("SELECT charge FROM claims WHERE batch_id = ANY(%s)", (batches,))
    held = await tx.one(
        "SELECT count(*) AS n FROM service_lines WHERE state = 'held' AND (%s::uuid IS NULL OR payer_id = %s)",
        (payer_id, payer_id),
    )
    amount = total(row["charge"] for row in charges)
    return Prepared(tuple(batches), len(charges), amount, stopped, held["n"] if held else 0, released)
