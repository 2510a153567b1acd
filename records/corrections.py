"""Corrections: the text of a message replaced by its writer, every earlier text kept."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from domain.access import ReadableRoomId, WritableRoomId
from domain.errors import NotFound
from encryption.keys import KeyScope
from encryption.rooms import seal_message
from records.database import Transaction
from records.events import Event, EventKind
from records.opening import opening


@dataclass(frozen=True, slots=True)
class Revision:
    """An earlier text of a message, and when it was replaced. `text` None: it cannot be opened."""

    text: str | None = field(repr=False)
    replaced_at: datetime


async def correct(tx: Transaction, room: WritableRoomId, message_id: UUID, text: str) -> int:
    """Replace the text of one's own message; the earlier text is kept. Its seq. Raises NotFound.

    The same text again changes nothing: a correction that is sent twice leaves one earlier text. What cannot be
    opened is replaced, and kept, like any other.
    """
    row = await tx.one(
        "SELECT seq, kind, body, sender_id FROM messages WHERE id = %s AND room_id = %s FOR UPDATE",
        (message_id, room.id),
    )
    if row is None or row["sender_id"] != room.actor.account_id or row["kind"] != "text":
        raise NotFound
    seq: int = row["seq"]
    async with opening(tx, room.id) as stored:
        before = stored.message(message_id, row["sender_id"], row["kind"], row["body"])
    if before == text:
        return seq
    await tx.run(
        "INSERT INTO message_revisions (message_id, revision, room_id, body, replaced_at) SELECT %s,"
        " 1 + count(*), %s, %s, %s FROM message_revisions WHERE message_id = %s",
        (message_id, room.id, row["body"], tx.now, message_id),
    )
    key = await tx.key(KeyScope.ROOM, room.id)
    body = seal_message(key, room.id, message_id, row["sender_id"], row["kind"], text)
    await tx.run("UPDATE messages SET body = %s, corrected_at = %s WHERE id = %s", (body, tx.now, message_id))
    await tx.audit("correct_message", room_id=room.id, subject_id=message_id)
    tx.announce(Event(EventKind.MESSAGE, room_id=room.id, seq=seq))
    return seq


async def revisions(tx: Transaction, room: ReadableRoomId, message_id: UUID) -> list[Revision]:
    """The earlier texts of a message, the first one first. Audited. Raises NotFound."""
    message = await tx.one(
        "SELECT seq, kind, sender_id FROM messages WHERE id = %s AND room_id = %s", (message_id, room.id)
    )
    if message is None:
        raise NotFound
    await tx.audit("read_messages", room_id=room.id, first=message["seq"], last=message["seq"])
    rows = await tx.all(
        "SELECT body, replaced_at FROM message_revisions WHERE message_id = %s ORDER BY revision",
        (message_id,),
    )
    place = message_id, message["sender_id"], message["kind"]
    async with opening(tx, room.id) as stored:
        return [Revision(stored.message(*place, row["body"]), row["replaced_at"]) for row in rows]
