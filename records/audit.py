"""The audit chain: entries are linked after their commit, so that writing one never waits for another.

Each link is SHA-256 over the previous link and the canonical entry. A reader by `id > last` would lose
late commits, so the chainer takes only those below the snapshot's xmin, in (transaction, id) order.
"""

import hashlib
from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass
from uuid import UUID

from domain.access import Refusal
from records.database import Database, Row, Transaction, dumps

GENESIS = bytes(32)
_CHAIN_LOCK = 7_465_003

_UNCHAINED = """
SELECT e.* FROM audit_events e
WHERE e.transaction_id < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
  AND NOT EXISTS (SELECT 1 FROM audit_chain c WHERE c.event_id = e.id)
ORDER BY e.transaction_id, e.id LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class Verification:
    """What walking the chain found. `bad_position` is the first link that does not hold."""

    entries: int
    unchained: int
    bad_position: int | None = None
    head: bytes = GENESIS

    @property
    def holds(self) -> bool:
        """Nothing was changed, removed or inserted in the chained part."""
        return self.bad_position is None


async def record_refusal(database: Database, refusal: Refusal) -> None:
    """Record a refused try in a transaction of its own: the one it happened in was rolled back."""
    async with database.transaction(refusal.actor) as tx:
        await tx.audit(
            refusal.action.value,
            outcome="refused",
            room_id=refusal.room_id,
            subject_id=refusal.client_id,
            verdict=refusal.verdict,
        )


async def note_damage(tx: Transaction, room_id: UUID, damaged: Collection[UUID]) -> None:
    """Record what did not open while the rest of a room did: one entry, with the first of them and how many."""
    if damaged:
        await tx.audit(
            "open_stored", outcome="damaged", room_id=room_id, subject_id=min(damaged), count=len(damaged)
        )


async def record_damage(database: Database, room_id: UUID | None) -> None:
    """Record that something of a room could not be opened, in a transaction of its own: for the Checks page."""
    async with database.transaction() as tx:
        await tx.audit("open_stored", outcome="damaged", room_id=room_id)


def link(previous: bytes, entry: Row) -> bytes:
    """The hash of an entry on top of the one before it."""
    fields = {name: _text(value) for name, value in entry.items()}
    return hashlib.sha256(previous + dumps(fields).encode()).digest()


async def chain(tx: Transaction, limit: int = 2_000) -> int:
    """Link committed entries; how many. One chainer at a time: the others do nothing."""
    alone = await tx.one("SELECT pg_try_advisory_xact_lock(%s) AS alone", (_CHAIN_LOCK,))
    if not alone or not alone["alone"]:
        return 0
    last = await tx.one("SELECT position, hash FROM audit_chain ORDER BY position DESC LIMIT 1")
    position, head = (last["position"], last["hash"]) if last else (0, GENESIS)
    rows = await tx.all(_UNCHAINED, (limit,))
    for row in rows:
        position, head = position + 1, link(head, row)
        await tx.insert("audit_chain", position=position, event_id=row["id"], hash=head, chained_at=tx.now)
    return len(rows)


async def verify(tx: Transaction) -> Verification:
    """Walk the whole chain. An entry that was changed or removed breaks the link at its position."""
    head, expected = GENESIS, 0
    async for row in _links(tx):
        expected += 1
        stored, position = row.pop("hash"), row.pop("position")
        head = link(head, row)
        if position != expected or stored != head:
            return Verification(expected, 0, bad_position=expected, head=head)
    open_entries = await tx.one(
        "SELECT count(*) AS n FROM audit_events e"
        " WHERE NOT EXISTS (SELECT 1 FROM audit_chain c WHERE c.event_id = e.id)"
    )
    return Verification(expected, open_entries["n"] if open_entries else 0, head=head)


async def _links(tx: Transaction) -> AsyncIterator[Row]:
    async with tx.conn.cursor("audit_walk") as cursor:
        await cursor.execute(
            "SELECT c.position, c.hash, e.* FROM audit_chain c LEFT JOIN audit_events e ON e.id = c.event_id"
            " ORDER BY c.position"
        )
        async for row in cursor:
            yield row


def _text(value: object) -> object:
    return value if isinstance(value, dict | int) or value is None else str(value)
