"""The risk queue: flags that a human must look at. Who reads it is audited."""

from dataclasses import dataclass, field
from uuid import UUID

from domain.errors import NotFound
from encryption.rooms import open_field
from records.clinic import CLINIC_ID, clinic_key
from records.database import Row, Transaction


@dataclass(frozen=True, slots=True)
class QueuedFlag:
    """A flag on the risk queue. `contact`: how to reach someone who was not signed in."""

    row: Row = field(repr=False)
    contact: str | None = field(repr=False)


async def queue(tx: Transaction, *, closed: bool = False, limit: int = 200) -> list[QueuedFlag]:
    """Flags that a human must look at, the longest waiting first. The read is audited."""
    rows = await tx.all(_QUEUE, {"closed": closed, "limit": limit})
    await tx.audit("read_risk_flags", count=len(rows))
    return [QueuedFlag(row, await _contact(tx, row)) for row in rows]


async def queued(tx: Transaction, flag_id: UUID) -> QueuedFlag:
    """One flag as the queue shows it. Raises NotFound."""
    row = await tx.one(_ONE, {"id": flag_id})
    if row is None:
        raise NotFound
    return QueuedFlag(row, await _contact(tx, row))


_COLUMNS = """
SELECT f.id, f.client_id, c.code AS client_code, f.room_id, f.source, f.urgency, f.state, f.opened_at,
       f.answer_due_at, f.safe_now, f.due_at, f.contact_sealed, f.acknowledged_by, f.acknowledged_at, f.closed_by,
       f.closed_at, ack.display_name AS acknowledged_name,
       (SELECT p.rung FROM risk_pages p WHERE p.flag_id = f.id ORDER BY p.sent_at DESC, p.rung LIMIT 1) AS rung,
       (SELECT min(p.sent_at) FROM risk_pages p WHERE p.flag_id = f.id) AS paged_at
FROM risk_flags f LEFT JOIN clients c ON c.id = f.client_id LEFT JOIN accounts ack ON ack.id = f.acknowledged_by
"""
_QUEUE = _COLUMNS + "WHERE (f.state = 'closed') = %(closed)s ORDER BY f.opened_at LIMIT %(limit)s"
_ONE = _COLUMNS + "WHERE f.id = %(id)s"


async def _contact(tx: Transaction, row: Row) -> str | None:
    sealed = row.pop("contact_sealed")
    if sealed is None:
        return None
    key = await clinic_key(tx)
    return open_field(key, CLINIC_ID, "risk_flags", "contact_sealed", row["id"], sealed)
