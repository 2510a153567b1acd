"""Batches: which claims leave together, their file, and where they stand.

The batch and its claims are facts of the request; its workflow builds the file, hands it in and follows it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from hashlib import sha256
from uuid import UUID

from domain.claim_batches import (
    MOST_CLAIMS,
    STANDARD_POLL,
    BatchState,
    PollPolicy,
    Review,
    poll_policy_from_json,
    review,
)
from domain.claim_states import REJECTED, ClaimEvent, ClaimState
from domain.errors import Conflict, NotFound
from domain.ids import ClaimBatchId, new_id
from domain.money import total
from domain.practice import Practice
from encryption.rooms import open_bytes, seal_bytes
from records.claim_sources import source_of
from records.claims import apply, open_claim, tell_batch
from records.clinic import CLINIC_ID, clinic_key
from records.database import Row, Transaction, dumps
from records.notices import notify_role
from records.payers import find_offered
from records.policies import in_force
from records.practice import practice
from records.service_lines import look_again
from x12.errors import X12Error
from x12.ts837p import ClaimFile, Receiver, Submitter
from x12.ts837p_write import write_837p
from x12.writing import Envelope

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
    await tell_batch(tx, await find(tx, batch_id))
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


@dataclass(frozen=True, slots=True)
class Draft:
    """A file that was composed and not yet passed by the gate. The same rows give the same bytes."""

    content: bytes | None
    findings: tuple[str, ...]


async def compose(tx: Transaction, batch_id: UUID) -> Draft | None:
    """The 837P of a batch that is still to be built; None when it has been."""
    batch = await find(tx, batch_id)
    if batch["state"] != BatchState.BUILDING:
        return None
    who = await practice(tx)
    sources = [await source_of(tx, row["id"], who) for row in await claims_of(tx, batch_id)]
    findings = [f"claim {n}: {each}" for n, one in enumerate(sources, start=1) for each in one.findings]
    if findings:
        return Draft(None, tuple(findings))
    file = ClaimFile(
        reference=reference(batch),
        submitter=Submitter(who.name, who.submitter_id, who.contact, who.phone),
        receiver=Receiver(who.receiver_name, who.receiver_id),
        claims=tuple(source.written for source in sources),
    )
    envelope = Envelope(
        sender_id=who.submitter_id,
        receiver_id=who.receiver_id,
        control_number=batch["control_number"],
        created=batch["created_at"],
        production=who.production,
        group_control_number=batch["control_number"],
    )
    try:
        return Draft(write_837p(file, envelope, max_claims=MOST_CLAIMS), ())
    except X12Error as error:
        return Draft(None, tuple(f"{each.code} {each.element}" for each in error.findings))


def reference(batch: Row) -> str:
    """BHT03: under which name acknowledgements speak of the file."""
    return f"KB{batch['control_number']:09d}"


async def keep_file(tx: Transaction, batch_id: UUID, content: bytes) -> None:
    """Seal the file that passed the gate. The first one stays: a repeat of the work changes nothing."""
    sealed = seal_bytes(await clinic_key(tx), CLINIC_ID, "claim_batches", "content_sealed", batch_id, content)
    await tx.run(
        "UPDATE claim_batches SET state = 'ready', version = version + 1, content_sealed = %s, sha256 = %s"
        " WHERE id = %s AND state = 'building'",
        (sealed, sha256(content).digest(), batch_id),
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


async def content(tx: Transaction, batch_id: UUID) -> bytes:
    """The file as it was built. Raises NotFound, Conflict (`batch_not_built`)."""
    batch = await find(tx, batch_id)
    if batch["content_sealed"] is None:
        raise Conflict("batch_not_built")
    return open_bytes(
        await clinic_key(tx),
        CLINIC_ID,
        "claim_batches",
        "content_sealed",
        batch_id,
        batch["content_sealed"],
    )


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
