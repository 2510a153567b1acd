"""What a person leaves in a room beside messages: how far they read, what they starred, what they began."""

from uuid import UUID

from domain.access import ReadableRoomId, WritableRoomId
from domain.errors import NotFound
from encryption.keys import KeyScope
from encryption.rooms import seal_field
from records import history
from records.database import Transaction
from records.events import Event, EventKind
from records.opening import opening


async def mark_read(tx: Transaction, room: ReadableRoomId, seq: int) -> None:
    """This person has read as far as `seq`. A mark never moves back, nor past the last message."""
    moved = await tx.run(
        "INSERT INTO read_marks (room_id, account_id, seq, at)"
        " SELECT id, %(who)s, least(%(seq)s, last_seq), %(now)s FROM rooms WHERE id = %(room)s"
        " ON CONFLICT (room_id, account_id) DO UPDATE SET seq = excluded.seq, at = excluded.at"
        " WHERE read_marks.seq < excluded.seq",
        {"room": room.id, "who": room.actor.account_id, "seq": seq, "now": tx.now},
    )
    if moved:
        tx.announce(Event(EventKind.READ, room_id=room.id, seq=seq))


async def save_draft(tx: Transaction, room: WritableRoomId, text: str) -> None:
    """Keep what the person is writing; an empty text removes it."""
    who = room.actor.account_id
    if not text:
        await tx.run("DELETE FROM drafts WHERE room_id = %s AND account_id = %s", (room.id, who))
        return
    key = await tx.key(KeyScope.ROOM, room.id)
    await tx.run(
        "INSERT INTO drafts (room_id, account_id, body, at) VALUES (%s, %s, %s, %s)"
        " ON CONFLICT (room_id, account_id) DO UPDATE SET body = excluded.body, at = excluded.at",
        (room.id, who, seal_field(key, room.id, "drafts", "body", who, text), tx.now),
    )


async def draft(tx: Transaction, room: ReadableRoomId) -> str | None:
    """What the person was writing, or nothing; None when it cannot be opened."""
    who = room.actor.account_id
    row = await tx.one("SELECT body FROM drafts WHERE room_id = %s AND account_id = %s", (room.id, who))
    if row is None:
        return ""
    async with opening(tx, room.id) as stored:
        return stored.field("drafts", "body", who, row["body"])


async def star(tx: Transaction, room: ReadableRoomId, message_id: UUID, *, on: bool) -> int:
    """Put a star on a message, or take it off. Its seq. Raises NotFound."""
    there = await tx.one("SELECT seq FROM messages WHERE id = %s AND room_id = %s", (message_id, room.id))
    if there is None:
        raise NotFound
    who = room.actor.account_id
    if on:
        await tx.run(
            "INSERT INTO stars (message_id, account_id, room_id, at) VALUES (%s, %s, %s, %s)"
            " ON CONFLICT DO NOTHING",
            (message_id, who, room.id, tx.now),
        )
    else:
        await tx.run("DELETE FROM stars WHERE message_id = %s AND account_id = %s", (message_id, who))
    seq: int = there["seq"]
    return seq


async def starred(
    tx: Transaction, room: ReadableRoomId, *, limit: int = 50, cursor: int = 0
) -> list[history.Message]:
    """The messages that the person starred, the latest star first, from the `cursor`th on."""
    rows = await tx.all(
        "SELECT message_id FROM stars WHERE room_id = %s AND account_id = %s"
        " ORDER BY at DESC, message_id LIMIT %s OFFSET %s",
        (room.id, room.actor.account_id, limit, cursor),
    )
    return await history.some(tx, room, [row["message_id"] for row in rows])
