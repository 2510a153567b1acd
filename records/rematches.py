"""A client whom promises failed twice is told that they may choose anew; they could at any time."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from records.database import Transaction

STANDS_FOR: Final = timedelta(days=30)
"""How long the offer to choose anew stands on the client's page."""


async def may_object(tx: Transaction, client_id: UUID, room_id: UUID) -> bool:
    """Whether staff gave the room to another therapist lately: the client is free to object by choosing anew."""
    return await _told(tx, client_id, room_id, "room_reassigned")


async def rematch_offered(tx: Transaction, client_id: UUID, room_id: UUID) -> bool:
    """Whether the client was told lately that they may choose anew."""
    return await _told(tx, client_id, room_id, "rematch_offered")


async def _told(tx: Transaction, client_id: UUID, room_id: UUID, template: str) -> bool:
    row = await tx.one(
        "SELECT 1 AS told FROM notices WHERE account_id = %s AND room_id = %s AND template = %s"
        " AND created_at > %s LIMIT 1",
        (client_id, room_id, template, tx.now - STANDS_FOR),
    )
    return row is not None
