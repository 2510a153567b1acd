"""What an export of a room holds, and its messages page by page as they are read: still sealed until `opened`.

Each page is a transaction of its own that asks again whether the reader may: an export ends when the access does.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from domain.access import Action, ReadableRoomId
from domain.errors import NotFound, Unauthenticated
from encryption.keys import KeyScope
from records import relations
from records.database import Row, Transaction
from records.opening import Opening

PAGE: Final = 500
_A_MESSAGE: Final = 45  # bytes of archive beside its text, measured
_A_LETTER: Final = 0.4  # bytes of archive for a byte of sealed text: twice, compressed


@dataclass(frozen=True, slots=True)
class Month:
    """A month of the client's calendar (`2026-11`): how many messages it has, and the first of them."""

    name: str
    messages: int
    first_seq: int


@dataclass(frozen=True, slots=True)
class Writer:
    """Somebody who wrote in the room."""

    account_id: UUID
    role: str
    name: str


@dataclass(frozen=True, slots=True)
class Contents:
    """A room as its export begins: nothing that comes later is in it. `bodies`: bytes of sealed text."""

    room_id: UUID
    client_id: UUID
    therapist_name: str
    client_code: str
    client_zone: str
    therapist_zone: str
    state: str
    opened_at: datetime
    closed_at: datetime | None
    at: datetime
    last_seq: int
    bodies: int
    months: tuple[Month, ...]
    writers: Mapping[UUID, Writer]


@dataclass(frozen=True, slots=True)
class Earlier:
    """What a corrected message said before; None where it cannot be opened."""

    text: str | None = field(repr=False)
    replaced_at: datetime


@dataclass(frozen=True, slots=True)
class Quoted:
    """The message that another one answers. `text` None: it cannot be opened."""

    seq: int
    sender_id: UUID
    kind: str
    text: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Exported:
    """One message with all that belongs to it. `starred`: by whoever exports. `text` None: it cannot be opened."""

    id: UUID
    seq: int
    sender_id: UUID
    sender_role: str
    kind: str
    text: str | None = field(repr=False)
    sent_at: datetime
    holding: bool
    starred: bool
    corrected_at: datetime | None
    media_id: UUID | None
    reply_to: Quoted | None
    earlier: tuple[Earlier, ...]


@dataclass(frozen=True, slots=True)
class File:
    """A file of a recording: `name` is play or poster, `size` its bytes of plaintext."""

    media_id: UUID
    kind: str
    sent_at: datetime
    name: str
    content_type: str
    size: int


_ROOM = """
SELECT r.id AS room_id, r.client_id, r.state, r.opened_at, r.closed_at, r.last_seq, ca.time_zone AS client_zone,
       ta.time_zone AS therapist_zone, ta.display_name AS therapist_name, ca.display_name AS client_code,
       (SELECT coalesce(sum(octet_length(m.body)), 0)::bigint FROM messages m WHERE m.room_id = r.id) AS bodies
FROM rooms r JOIN accounts ca ON ca.id = r.client_id JOIN accounts ta ON ta.id = r.therapist_id WHERE r.id = %s
"""
_MONTHS = """
SELECT to_char(sent_at AT TIME ZONE %(zone)s, 'YYYY-MM') AS name, count(*) AS messages, min(seq) AS first_seq
FROM messages WHERE room_id = %(room)s AND seq <= %(last)s GROUP BY 1 ORDER BY 1
"""
_WRITERS = """
SELECT a.id AS account_id, a.role, a.display_name AS name FROM accounts a
WHERE a.id IN (SELECT sender_id FROM messages WHERE room_id = %s) ORDER BY a.role, a.display_name
"""
_PAGE = """
SELECT m.id, m.seq, m.sender_id, m.sender_role, m.kind, m.body, m.sent_at, m.holding, m.corrected_at, m.media_id,
       s.message_id IS NOT NULL AS starred,
       q.id AS quoted_id, q.seq AS quoted_seq, q.sender_id AS quoted_sender, q.kind AS quoted_kind,
       q.body AS quoted_body
FROM messages m
LEFT JOIN stars s ON s.message_id = m.id AND s.account_id = actor()
LEFT JOIN messages q ON q.id = m.reply_to AND q.room_id = m.room_id
WHERE m.room_id = %(room)s AND m.seq > %(after)s AND m.seq <= %(last)s ORDER BY m.seq LIMIT %(limit)s
"""


async def contents(tx: Transaction, room: ReadableRoomId) -> Contents:
    """What there is to export. The caller audits the export. Raises Unreadable when the room's key does not open."""
    row = await tx.one(_ROOM, (room.id,))
    if row is None:
        raise NotFound
    await tx.key(KeyScope.ROOM, room.id)
    asked = {"room": room.id, "zone": row["client_zone"], "last": row["last_seq"]}
    months = [Month(**month) for month in await tx.all(_MONTHS, asked)]
    writers = [Writer(**writer) for writer in await tx.all(_WRITERS, (room.id,))]
    return Contents(
        **row, at=tx.now, months=tuple(months), writers={each.account_id: each for each in writers}
    )


async def files(tx: Transaction, room: ReadableRoomId, last_seq: int) -> list[File]:
    """The files of the recordings up to `last_seq` that are ready, as they were sent."""
    rows = await tx.all(
        "SELECT m.media_id, m.kind, m.sent_at, f.name, f.content_type, f.size FROM messages m"
        " JOIN media x ON x.id = m.media_id AND x.state = 'ready' JOIN media_files f ON f.medium_id = x.id"
        " WHERE m.room_id = %s AND m.seq <= %s ORDER BY m.seq, f.name",
        (room.id, last_seq),
    )
    return [File(**row) for row in rows]


@dataclass(frozen=True, slots=True)
class Summary:
    """How much an export would hold."""

    messages: int
    recordings: int
    goals: int
    check_ins: int
    text_bytes: int
    media_bytes: int

    @property
    def about_bytes(self) -> int:
        """How large its archive would be, roughly."""
        return about_bytes(self.messages, self.text_bytes, self.media_bytes)


_SUMMARY = """
SELECT r.last_seq AS messages,
       (SELECT count(*) FROM goals g WHERE g.room_id = r.id) AS goals,
       (SELECT count(*) FROM check_ins c WHERE c.room_id = r.id) AS check_ins,
       (SELECT coalesce(sum(octet_length(m.body)), 0)::bigint FROM messages m WHERE m.room_id = r.id) AS text_bytes
FROM rooms r WHERE r.id = %s
"""


async def summary(tx: Transaction, room: ReadableRoomId) -> Summary:
    """What an export would hold, in numbers."""
    row = await tx.one(_SUMMARY, (room.id,))
    if row is None:
        raise NotFound
    found = await files(tx, room, row["messages"])
    recordings = len({file.media_id for file in found})
    return Summary(**row, recordings=recordings, media_bytes=sum(file.size for file in found))


def about_bytes(messages: int, text_bytes: int, media_bytes: int) -> int:
    """The size of an archive, roughly: for a progress bar. `text_bytes`: of the sealed text."""
    return 8_000 + int(messages * _A_MESSAGE + text_bytes * _A_LETTER) + media_bytes


@dataclass(frozen=True, slots=True)
class SealedPage:
    """Messages as they lie in the database. `stored` opens them, and knows afterwards what it could not."""

    rows: list[Row] = field(repr=False)
    revisions: list[Row] = field(repr=False)
    stored: Opening

    @property
    def last_seq(self) -> int:
        """Where the next page begins."""
        seq: int = self.rows[-1]["seq"]
        return seq

    def opened(self) -> list[Exported]:
        """The messages in their order. Takes a while: call it off the event loop."""
        earlier: dict[UUID, list[Row]] = {}
        for revision in self.revisions:
            earlier.setdefault(revision["message_id"], []).append(revision)
        return [self._message(row, earlier.get(row["id"], [])) for row in self.rows]

    def _message(self, row: Row, revisions: list[Row]) -> Exported:
        names = (
            "id",
            "seq",
            "sender_id",
            "sender_role",
            "kind",
            "sent_at",
            "holding",
            "starred",
            "corrected_at",
        )
        plain = {name: row[name] for name in (*names, "media_id")}
        place = row["id"], row["sender_id"], row["kind"]
        return Exported(
            **plain,
            text=self.stored.message(*place, row["body"]),
            reply_to=self._quoted(row),
            earlier=tuple(
                Earlier(self.stored.message(*place, each["body"]), each["replaced_at"]) for each in revisions
            ),
        )

    def _quoted(self, row: Row) -> Quoted | None:
        if row["quoted_id"] is None:
            return None
        sender, kind = row["quoted_sender"], row["quoted_kind"]
        text = self.stored.message(row["quoted_id"], sender, kind, row["quoted_body"])
        return Quoted(row["quoted_seq"], sender, kind, text)


async def still_readable(tx: Transaction, room_id: UUID) -> ReadableRoomId:
    """The permit to go on. Raises NotFound or Unauthenticated when the room or the device was lost meanwhile."""
    room = await relations.readable(tx, room_id, Action.EXPORT_RECORD)
    alive = await tx.one(
        "SELECT 1 AS alive FROM sessions WHERE id = %s AND revoked_at IS NULL AND expires_at > now()",
        (room.actor.session_id,),
    )
    if alive is None:
        raise Unauthenticated
    return room


async def page(tx: Transaction, room_id: UUID, after: int, last: int, limit: int = PAGE) -> SealedPage:
    """The messages after `after` up to `last`, at most `limit`. Raises as `still_readable`."""
    room = await still_readable(tx, room_id)
    rows = await tx.all(_PAGE, {"room": room.id, "after": after, "last": last, "limit": limit})
    if not rows:  # numbers have no gap: whoever sees none has lost the room
        raise NotFound
    revisions = await tx.all(
        "SELECT message_id, body, replaced_at FROM message_revisions WHERE room_id = %s AND message_id = ANY(%s)"
        " ORDER BY message_id, revision",
        (room.id, [row["id"] for row in rows if row["corrected_at"] is not None]),
    )
    return SealedPage(rows, revisions, Opening(await tx.key(KeyScope.ROOM, room.id)))
