"""A client whom promises failed twice may choose anew: whoever places clients hears of it."""

from datetime import timedelta
from typing import Final
from uuid import UUID, uuid5

from records.database import Transaction
from records.notices import notify, notify_lead

STANDS_FOR: Final = timedelta(days=30)
"""How long the offer to choose anew stands on the client's page."""


async def rematch_offered(tx: Transaction, client_id: UUID, room_id: UUID) -> bool:
    """Whether the client was told lately that they may choose anew."""
    row = await tx.one(
        "SELECT 1 AS offered FROM notices WHERE account_id = %s AND room_id = %s AND template = 'rematch_offered'"
        " AND created_at > %s LIMIT 1",
        (client_id, room_id, tx.now - STANDS_FOR),
    )
    return row is not None


async def ask_rematch(tx: Transaction, client_id: UUID, room_id: UUID) -> None:
    """The client would like another therapist: whoever places clients is told, once a day at most."""
    day = tx.now.date().isoformat()
    subject = uuid5(room_id, day)
    rows = await tx.all(
        "SELECT d.account_id FROM duties d JOIN accounts a ON a.id = d.account_id AND a.disabled_at IS NULL"
        " WHERE d.duty = 'matcher' ORDER BY d.account_id"
    )
    for row in rows:
        await notify(tx, row["account_id"], "rematch_asked", subject, room_id)
    if not rows:
        await notify_lead(tx, "rematch_asked", subject, room_id)
    await tx.audit("ask_rematch", room_id=room_id, subject_id=client_id)
