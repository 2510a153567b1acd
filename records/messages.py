"""Messages: posted once, in order, sealed; read by seq; searched without an index of words."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from domain.access import ReadableRoomId, Relation, Role, WritableRoomId
from domain.answers import asks, is_pure_acknowledgement, is_short, is_substantive
from domain.errors import Conflict, FieldError, Invalid, NotFound
from domain.ids import new_id
from encryption.keys import DataKey, KeyScope
from encryption.rooms import fingerprint, open_message, seal_message
from records.clocks import hold_without_capacity, project_new
from records.database import Database, Row, Transaction, dumps
from records.events import Event, EventKind
from records.locks import lock_room
from records.messaging_sessions import ensure_open
from records.pauses import resume

_ANSWERER = {
    Relation.ASSIGNED: "primary",
    Relation.COVERING: "cover",
    Relation.WITH_PURPOSE: "supervisor",
    Relation.ON_CALL: "supervisor",
}

_POST = """
SELECT * FROM post_message(%(actor)s, %(role)s, %(session)s, %(room)s, %(message)s, %(kind)s, %(body)s, %(media)s,
    %(reply_to)s, %(holding)s, false, %(key)s, %(fingerprint)s, %(answers)s, %(short)s, %(asks)s, %(answerer)s,
    %(acknowledges)s, %(at)s, %(clock)s)
"""


@dataclass(frozen=True, slots=True)
class NewMessage:
    """What a person sends. `holding`: "I will get back to you", sent as such; it does not stop the clock."""

    key: str
    text: str = field(repr=False)
    kind: str = "text"
    reply_to: UUID | None = None
    holding: bool = False
    media_id: UUID | None = None  # of an audio or video message: what was recorded


@dataclass(frozen=True, slots=True)
class Posted:
    """A message that is committed, and the promise as it stands after it."""

    message_id: UUID
    seq: int
    sent_at: datetime
    clock_state: str | None
    due_at: datetime | None
    held: str | None
    policy: str | None


async def post(
    database: Database,
    room: WritableRoomId,
    key: DataKey,
    message: NewMessage,
    *,
    answer_owed: bool = True,
    at: datetime | None = None,
) -> Posted:
    """Post a message: one statement, unless it opens a clock. A repeat of its key gives the first result.

    `answer_owed` is what the door saw: without it a client's message goes straight to opening a clock. An old
    sight of it costs a statement, never the promise. `at` is for seeds only.
    Raises Invalid (`idempotency_key_reused`), Conflict (`room_closed`, `medium_sent`, `medium_unfinished`,
    `medium_refused`), NotFound when the medium is not the sender's, or of another room or kind.
    """
    statement = _statement(room, key, message, at)
    opens = statement["role"] == Role.CLIENT and not answer_owed and not statement["acknowledges"]
    row = None if opens else await _post_at_once(database, statement)
    if row is None:
        opens = True
        row = await _post_and_open_clock(database, room, statement, at)
    posted = _posted(row)
    events = [Event(EventKind.MESSAGE, room_id=room.id, seq=posted.seq)]
    if opens or posted.clock_state not in {None, "running"}:  # a promise was made or kept
        events += [Event(EventKind.PROMISE, room_id=room.id), Event(EventKind.BOARD)]
    database.announce(events)
    return posted


def _statement(
    room: WritableRoomId, key: DataKey, message: NewMessage, at: datetime | None
) -> dict[str, Any]:
    actor, message_id = room.actor, new_id()
    client = actor.role is Role.CLIENT
    holding = message.holding and not client  # only who owes an answer can put it off
    answers = not client and is_substantive(message.kind, holding=holding, automatic=False)
    text = message.text if message.kind == "text" else None
    body = dumps([message.kind, message.text, str(message.reply_to), holding, str(message.media_id)]).encode()
    return {
        "actor": actor.account_id,
        "role": actor.role.value,
        "session": actor.session_id,
        "room": room.id,
        "message": message_id,
        "kind": message.kind,
        "body": seal_message(key, room.id, message_id, actor.account_id, message.kind, message.text),
        "media": message.media_id,
        "reply_to": message.reply_to,
        "holding": holding,
        "key": message.key,
        "fingerprint": fingerprint(key, body),
        "answers": answers,
        "short": answers and is_short(text),
        "asks": not client and asks(text),
        "answerer": _ANSWERER.get(room.relation),
        "acknowledges": client
        and is_pure_acknowledgement(
            text, has_media=message.kind != "text", risk_flagged=False, last_clinician_asked=False
        ),
        "at": at,
        "clock": None,
    }


async def _post_at_once(database: Database, statement: dict[str, Any]) -> Row | None:
    """The one statement; None when the message needs a clock, and nothing was changed."""
    async with database.connection() as conn:
        row = await (await conn.execute(_POST, statement)).fetchone()
    assert row is not None  # noqa: S101  a function answers one row
    return None if row["outcome"] == "clock_needed" else row


async def _post_and_open_clock(
    database: Database, room: WritableRoomId, statement: dict[str, Any], at: datetime | None
) -> Row:
    """The first unanswered message: the promise is projected under the calendar's lock, then committed with it."""
    async with database.transaction(room.actor, at) as tx:
        found = await lock_room(tx, room.id)
        if found["client_away"]:
            await resume(tx, found["client_id"])  # who writes is back
        clock = await project_new(tx, found, await _instant_of(tx, found, at))
        row = await tx.one(_POST, {**statement, "clock": clock.as_json()})
        assert row is not None  # noqa: S101  a function answers one row
        if row["outcome"] == "posted":
            if row["clock_id"] == clock.id:
                await hold_without_capacity(tx, room.id, clock.id, clock.projection)
            if found["window_ends_at"] is None or found["window_ends_at"] <= tx.now:
                await ensure_open(tx, room.id)
        return row


async def _instant_of(tx: Transaction, room: Row, at: datetime | None) -> datetime:
    """When the message will be stamped: never before the room's last one."""
    return max(at or tx.now, room["last_sent_at"] or tx.now - timedelta(days=36_500))


def _posted(row: Row) -> Posted:
    match row["outcome"]:
        case "key_reused":
            raise Invalid(FieldError("Idempotency-Key", "reused"), code="idempotency_key_reused")
        case "closed":
            raise Conflict("room_closed")
        case "medium_missing":
            raise NotFound
        case "medium_sent" | "medium_unfinished" | "medium_refused" as code:
            raise Conflict(code)
    return Posted(
        row["message_id"],
        row["seq"],
        row["sent_at"],
        row["clock_state"],
        row["due_at"],
        row["held"],
        row["policy_name"],
    )


@dataclass(frozen=True, slots=True)
class Message:
    """A message as its readers see it."""

    id: UUID
    seq: int
    sender_id: UUID
    sender_role: str
    kind: str
    text: str = field(repr=False)
    sent_at: datetime
    reply_to: UUID | None
    holding: bool
    corrected_at: datetime | None
    starred: bool


_HISTORY = """
SELECT m.id, m.seq, m.sender_id, m.sender_role, m.kind, m.body, m.sent_at, m.reply_to, m.holding, m.corrected_at,
       s.message_id IS NOT NULL AS starred
FROM messages m LEFT JOIN stars s ON s.message_id = m.id AND s.account_id = actor()
WHERE m.room_id = %(room)s AND m.seq > %(after)s AND m.seq < %(before)s
ORDER BY m.seq {order} LIMIT %(limit)s
"""


async def history(
    tx: Transaction,
    room: ReadableRoomId,
    *,
    after: int | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[Message]:
    """Messages ascending by seq: those after, those before, or the last ones. The read is audited first."""
    rows = await tx.all(
        _HISTORY.format(order="ASC" if after is not None else "DESC"),
        {
            "room": room.id,
            "after": -1 if after is None else after,
            "before": 2**62 if before is None else before,
            "limit": limit,
        },
    )
    rows.sort(key=lambda row: row["seq"])
    await tx.audit(
        "read_messages",
        room_id=room.id,
        first=rows[0]["seq"] if rows else None,
        last=rows[-1]["seq"] if rows else None,
    )
    key = await tx.key(KeyScope.ROOM, room.id)
    return [_opened(key, room.id, row) for row in rows]


def _opened(key: DataKey, room_id: UUID, row: Row) -> Message:
    body = row.pop("body")
    text = open_message(key, room_id, row["id"], row["sender_id"], row["kind"], body)
    return Message(**row, text=text)


_SEARCH_CHUNK = 500


async def search(tx: Transaction, room: ReadableRoomId, words: str, limit: int) -> list[tuple[Message, str]]:
    """Newest messages that contain the words (any case), each with a snippet. Nothing is indexed or logged."""
    await tx.audit("search_room", room_id=room.id)
    key = await tx.key(KeyScope.ROOM, room.id)
    wanted, before = words.casefold(), 2**62
    found: list[tuple[Message, str]] = []
    while len(found) < limit:
        rows = await tx.all(
            _HISTORY.format(order="DESC"),
            {"room": room.id, "after": -1, "before": before, "limit": _SEARCH_CHUNK},
        )
        if not rows:
            break
        before = rows[-1]["seq"]
        found += await asyncio.to_thread(_matching, key, room.id, rows, wanted)
    return found[:limit]


def _matching(key: DataKey, room_id: UUID, rows: list[Row], wanted: str) -> list[tuple[Message, str]]:
    """Decrypt and compare, off the event loop."""
    opened = (_opened(key, room_id, row) for row in rows)
    return [(m, _snippet(m.text, wanted)) for m in opened if m.kind == "text" and wanted in m.text.casefold()]


def _snippet(text: str, wanted: str, around: int = 60) -> str:
    at = text.casefold().find(wanted)
    start, end = max(0, at - around), min(len(text), at + len(wanted) + around)
    return ("…" if start else "") + text[start:end] + ("…" if end < len(text) else "")


async def correct(tx: Transaction, room: WritableRoomId, message_id: UUID, text: str) -> int:
    """Replace the text of one's own message; the earlier text is kept. Its seq. Raises NotFound."""
    row = await tx.one(
        "SELECT seq, kind, body, sender_id FROM messages WHERE id = %s AND room_id = %s FOR UPDATE",
        (message_id, room.id),
    )
    if row is None or row["sender_id"] != room.actor.account_id or row["kind"] != "text":
        raise NotFound
    await tx.run(
        "INSERT INTO message_revisions (message_id, revision, room_id, body, replaced_at) SELECT %s,"
        " 1 + count(*), %s, %s, %s FROM message_revisions WHERE message_id = %s",
        (message_id, room.id, row["body"], tx.now, message_id),
    )
    key = await tx.key(KeyScope.ROOM, room.id)
    body = seal_message(key, room.id, message_id, row["sender_id"], row["kind"], text)
    await tx.run("UPDATE messages SET body = %s, corrected_at = %s WHERE id = %s", (body, tx.now, message_id))
    await tx.audit("correct_message", room_id=room.id, subject_id=message_id)
    tx.announce(Event(EventKind.MESSAGE, room_id=room.id, seq=row["seq"]))
    seq: int = row["seq"]
    return seq
