"""How much was written in a window: counted for people to see, kept apart from anything that is billed."""

from datetime import datetime
from uuid import UUID

from domain.messaging_sessions import Workload
from records.database import Transaction
from records.opening import opening


async def words_between(tx: Transaction, room_id: UUID, start: datetime, end: datetime) -> Workload:
    """Words of both sides in [start, end), none of a message that cannot be opened.

    Only whoever may hold the room's key can count them.
    """
    rows = await tx.all(
        "SELECT id, sender_id, sender_role, kind, body FROM messages"
        " WHERE room_id = %s AND kind = 'text' AND NOT automatic AND sent_at >= %s AND sent_at < %s",
        (room_id, start, end),
    )
    if not rows:
        return Workload()
    words = {"client": 0, "clinician": 0}
    async with opening(tx, room_id) as stored:
        for row in rows:
            text = stored.message(row["id"], row["sender_id"], row["kind"], row["body"]) or ""
            words["client" if row["sender_role"] == "client" else "clinician"] += len(text.split())
    return Workload(client_words=words["client"], clinician_words=words["clinician"])
