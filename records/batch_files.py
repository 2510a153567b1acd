"""The file of a batch: composed from its claims, sealed as it passed the gate, read as it was built."""

from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from domain.claim_batches import (
    MOST_CLAIMS,
    BatchState,
)
from domain.errors import Conflict
from encryption.rooms import open_bytes, seal_bytes
from records.claim_batches import claims_of, find
from records.claim_sources import source_of
from records.clinic import CLINIC_ID, clinic_key
from records.database import Row, Transaction
from records.practice import practice
from x12.errors import X12Error
from x12.ts837p import ClaimFile, Receiver, Submitter
from x12.ts837p_write import write_837p
from x12.writing import Envelope


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
