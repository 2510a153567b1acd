"""The clearing house's mailbox as we know it: every report kept as it came, sealed, and posted once."""

from dataclasses import dataclass, field
from hashlib import sha256
from uuid import UUID

from domain.errors import NotFound
from domain.ids import new_id
from encryption.rooms import open_bytes, seal_bytes
from records.clinic import CLINIC_ID, clinic_key
from records.database import Row, Transaction

MAILBOX = "mailbox"


@dataclass(frozen=True, slots=True)
class Arrived:
    """A report as it came. `source` is its id where it came from: the same one twice is one report."""

    source: str
    kind: str
    content: bytes = field(repr=False)


async def cursor(tx: Transaction) -> str | None:
    """How far the mailbox has been read."""
    row = await tx.one("SELECT after FROM clearinghouse_cursor WHERE name = %s", (MAILBOX,))
    return row["after"] if row else None


async def move_cursor(tx: Transaction, seen: str | None, after: str) -> None:
    """Go on from `after`, unless somebody else has moved the cursor meanwhile: then their reading stands."""
    await tx.run(
        "INSERT INTO clearinghouse_cursor (name, after) VALUES (%s, %s)"
        " ON CONFLICT (name) DO UPDATE SET after = excluded.after WHERE clearinghouse_cursor.after = %s",
        (MAILBOX, after, seen),
    )


async def keep(tx: Transaction, report: Arrived) -> UUID:
    """Keep a report; one that is known already keeps its id and its state."""
    known = await tx.one("SELECT id FROM clearinghouse_reports WHERE source = %s", (report.source,))
    if known is None:
        await _insert(tx, report)
        known = await tx.one("SELECT id FROM clearinghouse_reports WHERE source = %s", (report.source,))
    assert known is not None  # noqa: S101  kept above
    report_id: UUID = known["id"]
    return report_id


async def _insert(tx: Transaction, report: Arrived) -> None:
    report_id = new_id()
    sealed = seal_bytes(
        await clinic_key(tx),
        CLINIC_ID,
        "clearinghouse_reports",
        "content_sealed",
        report_id,
        report.content,
    )
    await tx.run(
        "INSERT INTO clearinghouse_reports (id, source, kind, content_sealed, sha256, state, received_at)"
        " VALUES (%s, %s, %s, %s, %s, 'received', %s) ON CONFLICT (source) DO NOTHING",
        (report_id, report.source, report.kind, sealed, sha256(report.content).digest(), tx.now),
    )


async def waiting(tx: Transaction) -> list[UUID]:
    """Reports that are kept and not yet posted, in the order they came."""
    rows = await tx.all("SELECT id FROM clearinghouse_reports WHERE state = 'received' ORDER BY seq")
    return [row["id"] for row in rows]


async def find(tx: Transaction, report_id: UUID, *, lock: bool = False) -> Row:
    """One report, sealed. Raises NotFound."""
    statement = "SELECT * FROM clearinghouse_reports WHERE id = %s"
    row = await tx.one(statement + " FOR UPDATE" if lock else statement, (report_id,))
    if row is None:
        raise NotFound
    return row


async def content(tx: Transaction, report: Row) -> bytes:
    """The report as it came."""
    return open_bytes(
        await clinic_key(tx),
        CLINIC_ID,
        "clearinghouse_reports",
        "content_sealed",
        report["id"],
        report["content_sealed"],
    )


async def mark(
    tx: Transaction, report_id: UUID, state: str, reason: str | None, batch_id: UUID | None
) -> None:
    """What became of it: `posted`, or `quarantined` with the reason in one code."""
    await tx.run(
        "UPDATE clearinghouse_reports SET state = %s, reason = %s, batch_id = coalesce(%s, batch_id)"
        " WHERE id = %s",
        (state, reason, batch_id, report_id),
    )


async def of_batch(tx: Transaction, batch_id: UUID) -> list[Row]:
    """The reports that spoke of a batch, oldest first, without their content."""
    return await tx.all(
        "SELECT id, kind, state, reason, received_at FROM clearinghouse_reports"
        " WHERE batch_id = %s ORDER BY seq",
        (batch_id,),
    )
