"""The outbox: leased, sent, marked. A lock is never held across a call to Temporal."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from records.database import Transaction

LEASE = timedelta(seconds=15)
PARK_AFTER = 30  # tries; with the back-off below about a quarter of an hour
_BACK_OFF_LIMIT = 30.0  # seconds


@dataclass(frozen=True, slots=True)
class Note:
    """One note on its way: what changed, for which id, in which version."""

    id: int
    kind: str
    subject_id: UUID
    version: int
    payload: dict[str, Any]
    attempts: int


_LEASE = """
UPDATE outbox SET leased_until = clock_timestamp() + %(lease)s, attempts = attempts + 1
WHERE id IN (
    SELECT id FROM outbox
    WHERE sent_at IS NULL AND parked_at IS NULL AND (leased_until IS NULL OR leased_until < clock_timestamp())
    ORDER BY id LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
RETURNING id, kind, subject_id, version, payload, attempts
"""


async def lease(tx: Transaction, limit: int = 100) -> list[Note]:
    """Take unsent notes for `LEASE`. Whoever dies with a lease loses it when it runs out."""
    rows = await tx.all(_LEASE, {"lease": LEASE, "limit": limit})
    notes = [Note(**row) for row in rows]
    return sorted(notes, key=lambda note: note.id)


async def mark_sent(tx: Transaction, ids: list[int]) -> None:
    """These notes have reached Temporal. Saying it twice is harmless."""
    await tx.run("UPDATE outbox SET sent_at = clock_timestamp() WHERE id = ANY(%s)", (ids,))


async def release(tx: Transaction, note: Note, code: str, *, poison: bool = False) -> None:
    """Sending failed: try again later, or park it for a person when it can never succeed."""
    seconds = min(_BACK_OFF_LIMIT, 0.5 * 2 ** min(note.attempts, 10))
    await tx.run(
        "UPDATE outbox SET leased_until = clock_timestamp() + %s, error_code = %s,"
        " parked_at = CASE WHEN %s THEN clock_timestamp() END WHERE id = %s",
        (timedelta(seconds=seconds), code, poison or note.attempts >= PARK_AFTER, note.id),
    )


async def purge(tx: Transaction, before: datetime) -> int:
    """Forget notes that were sent before this instant; the facts stay where they are."""
    return await tx.run("DELETE FROM outbox WHERE sent_at < %s", (before,))


async def depth(tx: Transaction) -> tuple[int, float]:
    """How many notes wait, and for how many seconds the oldest one has."""
    row = await tx.one(
        "SELECT count(*) AS depth,"
        " coalesce(extract(epoch FROM clock_timestamp() - min(created_at)), 0)::float AS oldest"
        " FROM outbox WHERE sent_at IS NULL"
    )
    assert row is not None  # noqa: S101  an aggregate has one row
    return row["depth"], row["oldest"]
