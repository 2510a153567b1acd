"""Who opened a room, as its client reads it."""

from domain.access import VisibleRoomId
from records.database import Row, Transaction

SHOWN = ("read_messages", "search_room", "open_with_purpose", "export_room", "read_notes", "reassign")
"""Actions that a client should know of."""


async def access_log(tx: Transaction, room: VisibleRoomId, limit: int = 200) -> list[Row]:
    """Openings of the room by others than the client, newest first; runs of one person's reads are one line a day."""
    return await tx.all(
        "SELECT max(e.at) AS at, a.display_name AS who, e.role, e.action, e.purpose"
        " FROM audit_events e JOIN accounts a ON a.id = e.actor_id"
        " WHERE e.room_id = %s AND e.outcome = 'done' AND e.action = ANY(%s) AND e.role <> 'client'"
        " GROUP BY a.display_name, e.role, e.action, e.purpose, date_trunc('day', e.at)"
        " ORDER BY at DESC LIMIT %s",
        (room.id, list(SHOWN), limit),
    )
