"""Messages: posted once, in order, sealed. They are read by `records.history`."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from domain.access import Relation, Role, WritableRoomId
from domain.answers import asks, is_pure_acknowledgement, is_short, is_substantive
from domain.errors import Conflict, FieldError, Invalid, NotFound
from domain.ids import new_id
from encryption.keys import DataKey
from encryption.rooms import fingerprint, seal_message
from records.clocks import Basis, foresee, hold_without_capacity, project_new
from records.database import Database, Row, Transaction, alone, dumps
from records.events import Event, EventKind
from records.locks import lock_room
from records.messaging_sessions import ensure_open
from records.pauses import resume

_ANSWERER = {
    Relation.ASSIGNED: "primary",
    Relation.COVERING: "cover",
    Relation.WITH_PURPOSE: "supervisor",
    Relation.BREAK_GLASS: "cover",  # a colleague who stepped in
    Relation.ON_CALL: "supervisor",
}

_POST = "SELECT * FROM post_messages(%(asked)s::jsonb, %(alone)s)"


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
    opening: Basis | None = None,
    at: datetime | None = None,
) -> Posted:
    """Post a message: one statement, shared with whoever posts in the same moment, unless it opens a clock.

    A repeat of its key gives the first result.
    `answer_owed` and `opening` are what the door saw: without an answer owed, a client's message opens a clock, which
    is projected from `opening`. An old sight of either costs a statement, never the promise. `at` is for seeds only.
    Raises Invalid (`idempotency_key_reused`), Conflict (`room_closed`, `no_licence`, `medium_sent`,
    `medium_unfinished`, `medium_refused`), NotFound when the medium is not the sender's, or of another room or kind, or
    the message that is answered is not of the room.
    """
    statement = _statement(room, key, message, at)
    opens = statement["role"] == Role.CLIENT and not answer_owed and not statement["acknowledges"]
    if opens and opening is not None and at is None:
        statement["clock"] = foresee(opening)
    at_once = not opens or statement["clock"] is not None
    row = await _post_at_once(database, statement, shared=at is None) if at_once else None
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
        "body": seal_message(key, room.id, message_id, actor.account_id, message.kind, message.text).hex(),
        "media": message.media_id,
        "reply_to": message.reply_to,
        "holding": holding,
        "key": message.key,
        "fingerprint": fingerprint(key, body).hex(),
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


async def _post_at_once(database: Database, statement: dict[str, Any], *, shared: bool) -> Row | None:
    """The one statement; None when the message needs a clock, and nothing was changed."""
    row = await (database.together if shared else database.alone)(_POST, statement)
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
        row = await tx.one(_POST, alone({**statement, "clock": clock.as_json()}))
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
        case "consent_withdrawn" | "consent_needed" as code:
            raise Conflict(code)
        case "medium_missing" | "reply_missing":
            raise NotFound
        case "no_licence":
            raise Conflict("no_licence")
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
