"""Searching a room: its sealed messages are opened and compared, newest first. No word is indexed, kept or logged."""

import asyncio
import time
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.access import ReadableRoomId
from domain.errors import FieldError, Invalid
from domain.finding import Snippet, Wanted
from encryption.keys import DataKey, KeyScope
from encryption.rooms import open_message
from records.database import Row, Transaction

BREATH = 25
"""After so many messages the event loop may have the interpreter at once, not only when its turn comes."""

CHUNK = 500
"""Messages per round: so few that reading them in does not hold up anybody else on the event loop."""

_CHUNK = """
SELECT id, seq, sender_id, sender_role, kind, body, sent_at FROM messages
WHERE room_id = %s AND seq < %s ORDER BY seq DESC LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class Found:
    """A message that has the words."""

    message_id: UUID
    seq: int
    sent_at: datetime
    sender_id: UUID
    sender_role: str
    snippet: Snippet


async def search(
    tx: Transaction, room: ReadableRoomId, typed: str, limit: int, before: int = 2**62
) -> list[Found]:
    """The newest messages before a seq that have all the words, as they read now. Audited, without the words.

    Raises Invalid when no word was typed.
    """
    wanted = Wanted(typed)
    if not wanted:
        raise Invalid(FieldError("q", "too_short"))
    await tx.audit("search_room", room_id=room.id)
    key = await tx.key(KeyScope.ROOM, room.id)
    found: list[Found] = []
    while len(found) < limit:
        rows = await tx.all(_CHUNK, (room.id, before, CHUNK))
        if not rows:
            break
        before = rows[-1]["seq"]
        found += await asyncio.to_thread(_matching, key, room.id, rows, wanted)
    return found[:limit]


def _matching(key: DataKey, room_id: UUID, rows: list[Row], wanted: Wanted) -> list[Found]:
    """Open and compare, off the event loop."""
    found = []
    for n, row in enumerate(rows):
        if n % BREATH == 0:
            time.sleep(0)
        text = open_message(key, room_id, row["id"], row["sender_id"], row["kind"], row["body"])
        if wanted.found_in(text):
            sender = row["sender_id"], row["sender_role"]
            found.append(Found(row["id"], row["seq"], row["sent_at"], *sender, wanted.snippet(text)))
    return found
