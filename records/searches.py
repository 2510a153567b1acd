"""Searching a room: its sealed messages are opened and compared, newest first. No word is indexed, kept or logged."""

import asyncio
import time
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.access import ReadableRoomId
from domain.errors import FieldError, Invalid
from domain.finding import Snippet, Wanted
from records.database import Row, Transaction
from records.opening import Opening, opening

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
    """A message that has the words; or one that cannot be opened and may have them: `snippet` is None."""

    message_id: UUID
    seq: int
    sent_at: datetime
    sender_id: UUID
    sender_role: str
    snippet: Snippet | None


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
    found: list[Found] = []
    async with opening(tx, room.id) as stored:
        while len(found) < limit:
            rows = await tx.all(_CHUNK, (room.id, before, CHUNK))
            if not rows:
                break
            before = rows[-1]["seq"]
            found += await asyncio.to_thread(_matching, stored, rows, wanted)
    return found[:limit]


def _matching(stored: Opening, rows: list[Row], wanted: Wanted) -> list[Found]:
    """Open and compare, off the event loop."""
    found = []
    for n, row in enumerate(rows):
        if n % BREATH == 0:
            time.sleep(0)
        text = stored.message(row["id"], row["sender_id"], row["kind"], row["body"])
        if text is None or wanted.found_in(text):
            snippet = None if text is None else wanted.snippet(text)
            found.append(
                Found(row["id"], row["seq"], row["sent_at"], row["sender_id"], row["sender_role"], snippet)
            )
    return found
