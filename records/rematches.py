"""A client whom promises failed twice is told that they may choose anew; they could at any time."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from records.database import Transaction

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
