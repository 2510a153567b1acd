"""The history of a room: its messages read by seq, by instant, or one by one. Every read is audited first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from domain.access import ReadableRoomId
from domain.errors import NotFound
from encryption.rooms import Opened
from records import media
from records.database import Row, Transaction
from records.media import Medium
from records.opening import Opening, opening


@dataclass(frozen=True, slots=True)
class Quote:
    """The message that another one answers, as its readers see it there. `text` None: it cannot be opened."""

    id: UUID
    seq: int
    sender_id: UUID
    sender_role: str
    kind: str
    text: str | None = field(repr=False)  # its beginning


@dataclass(frozen=True, slots=True)
class Message:
    """A message as its readers see it. `text` None: it cannot be opened. `revisions`: earlier texts that are kept."""

    id: UUID
    seq: int
    sender_id: UUID
    sender_role: str
    kind: str
    text: str | None = field(repr=False)
    sent_at: datetime
    reply_to: UUID | None
    holding: bool
    corrected_at: datetime | None
    starred: bool
    revisions: int = 0
    quote: Quote | None = None
    media: Medium | None = None


_SHOWN = (
    "id",
    "seq",
    "sender_id",
    "sender_role",
    "kind",
    "sent_at",
    "reply_to",
    "holding",
    "corrected_at",
    "starred",
    "revisions",
)

QUOTED = 160
"""Characters of a message that are shown where it is quoted."""

_READ = """
SELECT m.id, m.seq, m.sender_id, m.sender_role, m.kind, m.body, m.sent_at, m.reply_to, m.holding, m.corrected_at,
       m.media_id, s.message_id IS NOT NULL AS starred,
       CASE WHEN m.corrected_at IS NULL THEN 0 ELSE
           (SELECT count(*) FROM message_revisions v WHERE v.message_id = m.id) END AS revisions,
       q.id AS q_id, q.seq AS q_seq, q.sender_id AS q_sender_id, q.sender_role AS q_sender_role, q.kind AS q_kind,
       q.body AS q_body
FROM messages m
LEFT JOIN stars s ON s.message_id = m.id AND s.account_id = actor()
LEFT JOIN messages q ON q.id = m.reply_to AND q.room_id = m.room_id
WHERE m.room_id = %(room)s AND """
_HISTORY = _READ + "m.seq > %(after)s AND m.seq < %(before)s ORDER BY m.seq {order} LIMIT %(limit)s"
_SOME = _READ + "m.id = ANY (%(ids)s)"

# A room's messages are stamped in their order, so the place of an instant is found by halving: no index on instants
# that every post would pay for.
_SEQ_AT = """
WITH RECURSIVE halves (low, high) AS (
    SELECT 0::bigint, last_seq + 1 FROM rooms WHERE id = %(room)s
    UNION ALL
    SELECT CASE WHEN m.sent_at < %(at)s THEN m.seq ELSE h.low END,
           CASE WHEN m.sent_at < %(at)s THEN h.high ELSE half END
    FROM halves h CROSS JOIN LATERAL (SELECT (h.low + h.high) / 2) x (half)
    LEFT JOIN LATERAL (SELECT seq, sent_at FROM messages WHERE room_id = %(room)s AND seq >= half AND seq < h.high
                       ORDER BY seq LIMIT 1) m ON true
    WHERE h.high - h.low > 1
)
SELECT max(low) AS seq FROM halves
"""


async def read(
    tx: Transaction,
    room: ReadableRoomId,
    *,
    after: int | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[Message]:
    """Messages ascending by seq: those after, those before, or the last ones. Audited."""
    rows = await tx.all(
        _HISTORY.format(order="ASC" if after is not None else "DESC"),
        {
            "room": room.id,
            "after": -1 if after is None else after,
            "before": 2**62 if before is None else before,
            "limit": limit,
        },
    )
    return await _opened_all(tx, room, sorted(rows, key=lambda row: row["seq"]))


BEFORE = 20
"""Messages shown before the one that was asked for, so that it stands in its surroundings."""


async def around(tx: Transaction, room: ReadableRoomId, seq: int, limit: int = 50) -> list[Message]:
    """Some messages before this seq, and up to `limit` from it on; ascending. Audited."""
    before = await read(tx, room, before=seq, limit=BEFORE)
    return before + await read(tx, room, after=seq - 1, limit=limit)


async def seq_before(tx: Transaction, room: ReadableRoomId, at: datetime) -> int:
    """The seq after which the messages are of this instant or later; 0 when all of them are."""
    row = await tx.one(_SEQ_AT, {"room": room.id, "at": at})
    return int(row["seq"] or 0) if row else 0


async def some(tx: Transaction, room: ReadableRoomId, ids: Sequence[UUID]) -> list[Message]:
    """These messages, in the order they were asked for; those that are not of the room are left out. Audited."""
    rows = await tx.all(_SOME, {"room": room.id, "ids": list(ids)})
    place = {message_id: n for n, message_id in enumerate(ids)}
    return await _opened_all(tx, room, sorted(rows, key=lambda row: place[row["id"]]))


async def one(tx: Transaction, room: ReadableRoomId, message_id: UUID) -> Message:
    """One message. Raises NotFound."""
    for message in await some(tx, room, [message_id]):
        return message
    raise NotFound


async def _opened_all(tx: Transaction, room: ReadableRoomId, rows: list[Row]) -> list[Message]:
    seqs = [row["seq"] for row in rows]
    await tx.audit(
        "read_messages", room_id=room.id, first=min(seqs, default=None), last=max(seqs, default=None)
    )
    async with opening(tx, room.id) as stored:
        with_media = [row["media_id"] for row in rows if row["media_id"]]
        recorded = await media.of_messages(tx, room, stored, with_media)
        return [_opened(stored, row, recorded) for row in rows]


def _opened(stored: Opening, row: Row, recorded: Mapping[UUID, Medium]) -> Message:
    shown = {name: row[name] for name in _SHOWN}
    text = stored.message(row["id"], row["sender_id"], row["kind"], row["body"])
    return Message(**shown, text=text, quote=_quote(stored, row), media=recorded.get(row["media_id"]))


def _quote(stored: Opening, row: Row) -> Quote | None:
    if row["q_id"] is None:
        return None
    text = stored.message(row["q_id"], row["q_sender_id"], row["q_kind"], row["q_body"])
    if text is not None and len(text) > QUOTED:
        text = Opened(text[: QUOTED - 1].rstrip() + "…")
    return Quote(row["q_id"], row["q_seq"], row["q_sender_id"], row["q_sender_role"], row["q_kind"], text)
