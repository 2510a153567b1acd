"""Rooms: opened with their key and their first promise; the door where a person's standing is looked up."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from domain.access import Actor, RelatedRoom, VisibleRoomId
from domain.errors import NotFound
from domain.ids import AccountId, ClientId, RoomId, TherapistId, new_id
from domain.relations import People, relation_to_room
from encryption.errors import KeyMissing
from encryption.keys import DataKey, KeyScope
from records import plans
from records.clocks import Basis, open_welcome, tell_clock
from records.database import Database, Row, Transaction
from records.events import Event, EventKind
from records.sessions import ASKED, FIND, actor_of, asked


@dataclass(frozen=True, slots=True)
class Door:
    """A room as one person meets it: their standing, its key if they may hold it, both people's zones."""

    related: RelatedRoom
    client_zone: str
    therapist_zone: str
    pronoun: str
    state: str
    answer_owed: bool
    opening: Basis | None
    covered_while_away: bool
    unlicensed: bool  # the therapist holds no licence where the client is now
    _key: DataKey | None = field(repr=False)

    @property
    def key(self) -> DataKey:
        """The room's opened key. Raises KeyMissing when it is hidden from this person or shredded."""
        if self._key is None:
            raise KeyMissing
        return self._key


_DOOR = "SELECT * FROM open_door(%s, %s, %s)"
_ARRIVE = f"""
SELECT asked.n, who.*, door.* FROM {ASKED} LEFT JOIN LATERAL ({FIND}) who ON true
LEFT JOIN LATERAL open_door(who.account_id, who.role, asked.room) door ON true
"""  # noqa: S608  both parts are ours


async def door(database: Database, actor: Actor, room_id: UUID) -> Door:
    """Look up a room in one statement. Raises NotFound."""
    async with database.connection() as conn:
        cursor = await conn.execute(_DOOR, (actor.account_id, actor.role.value, room_id))
        row = await cursor.fetchone()
    if row is None:
        raise NotFound
    return await _door(database, actor, room_id, row)


async def arrive(
    database: Database,
    token: str,
    room_id: UUID,
    *,
    staff_idle: timedelta,
    passcode_idle: timedelta,
    active: bool = True,
) -> tuple[Actor, Door | None] | None:
    """Who holds this token, and the room as they meet it, in one statement.

    None when nobody does; no door when there is no such room. As `sessions.find_actor`, locks an idle device.
    """
    row = await database.together(_ARRIVE, {**asked(token, staff_idle, passcode_idle), "room": room_id})
    actor = await actor_of(database, row, active=active)
    if actor is None:
        return None
    return actor, None if row["client_id"] is None else await _door(database, actor, room_id, row)


async def _door(database: Database, actor: Actor, room_id: UUID, row: Row) -> Door:
    key = None
    if row["wrapped"] is not None:
        key = await database.ring.opened(KeyScope.ROOM, room_id, row["key_version"], row["wrapped"])
    return Door(
        RelatedRoom(RoomId(room_id), relation_to_room(actor, _people(row))),
        row["client_zone"],
        row["therapist_zone"],
        row["pronoun"],
        row["state"],
        row["answer_owed"],
        Basis(row["opens_at"], row["basis"], row["basis_digest"]) if row["basis"] else None,
        (row["away"] or row["unlicensed"]) and bool(row["covering"]),
        row["unlicensed"],
        key,
    )


def _people(row: Row) -> People:
    return People(
        client=AccountId(row["client_id"]),
        therapist=AccountId(row["therapist_id"]),
        covering=frozenset(AccountId(who) for who in row["covering"]),
        with_purpose=frozenset(AccountId(who) for who in row["with_purpose"]),
        continuing=AccountId(row["continued_by"]) if row["continued_by"] else None,
        closed=row["state"] == "closed",
        sealed=row["state"] == "sealed",
        erased=row["state"] == "erased",
        risk_open=row["risk_open"],
    )


@dataclass(frozen=True, slots=True)
class Opened:
    """A room that has just been opened, with its key."""

    id: RoomId
    key: DataKey = field(repr=False)


async def open_room(tx: Transaction, client_id: ClientId, therapist_id: TherapistId) -> RoomId:
    """A new private room with its own key, its welcome promise and its care plan, in this transaction.

    Raises Conflict when the client has an open room already.
    """
    opened = await make_room(tx, client_id, therapist_id)
    await open_welcome(tx, await _room(tx, opened.id))
    await plans.start_plan(tx, opened.id)
    return opened.id


async def make_room(
    tx: Transaction, client_id: ClientId, therapist_id: TherapistId, version: int = 0
) -> Opened:
    """The room alone: whoever makes it gives it a promise and a plan. `version`: that of the room it goes on from."""
    room_id = RoomId(new_id())
    await tx.insert(
        "rooms",
        id=room_id,
        client_id=client_id,
        therapist_id=therapist_id,
        state="open",
        opened_at=tx.now,
        version=version,
        last_seq=0,
        client_away=False,
        key_version=1,
    )
    key = await tx.new_key(KeyScope.ROOM, room_id)
    await tx.audit("open_room", room_id=room_id, subject_id=client_id)
    for who in (client_id, therapist_id):
        tx.announce(Event(EventKind.JOURNEY, account_id=who))
        tx.announce(Event(EventKind.DEVICES, account_id=who))  # their streams hear of one room more
    return Opened(room_id, key)


async def headers(tx: Transaction, room_id: UUID | None = None) -> list[Row]:
    """What lists and banners show of the rooms the actor may open: never content. Newest news first.

    `unread` is counted to a hundred, among the last thousand messages: a long room costs what a short one costs.
    """
    return await tx.all(_MY_HEADERS, {"room": room_id})


async def header(tx: Transaction, room: VisibleRoomId) -> Row:
    """The same of one room that the actor may see, if only from outside. Raises NotFound."""
    row = await tx.one(_HEADERS + "WHERE r.id = %s", (room.id,))
    if row is None:
        raise NotFound
    return row


_HEADERS = """
SELECT r.id, r.client_id, r.therapist_id, r.state, r.last_seq, r.last_sent_at, r.opened_at,
       ca.time_zone AS client_zone, ta.time_zone AS therapist_zone, ta.display_name AS therapist_name,
       ca.display_name AS client_code, t.pronoun, t.credential,
       coalesce(m.seq, 0) AS read_seq,
       coalesce((SELECT max(o.seq) FROM read_marks o WHERE o.room_id = r.id AND o.account_id <> actor()), 0)
           AS read_by_others,
       (SELECT count(*) FROM (SELECT FROM messages x WHERE x.room_id = r.id
               AND x.seq > greatest(coalesce(m.seq, 0), r.last_seq - 1000) AND x.sender_id <> actor() LIMIT 100) y)
           AS unread,
       c.id AS clock_id, c.kind AS clock_kind, c.opened_at AS clock_opened_at, c.due_at, c.held, c.policy_name,
       c.opened_seq, c.client_messages, c.extension_seconds,
       (SELECT min(l.ends_at) FROM leaves l WHERE l.therapist_id = r.therapist_id AND l.cancelled_at IS NULL
           AND l.starts_at <= now() AND now() < l.ends_at) AS on_leave_until,
       EXISTS (SELECT 1 FROM covers v WHERE v.room_id = r.id AND v.starts_at <= now() AND now() < v.ends_at)
           AS covered,
       (SELECT g.state FROM licence_gaps g WHERE g.room_id = r.id AND g.ends_at IS NULL AND g.starts_at <= now())
           AS unlicensed_in,
       (SELECT min(p.starts_at) FROM pauses p WHERE p.room_id = r.id AND p.ends_at IS NULL
           AND p.owner_id IS NOT NULL) AS on_hold_since,
       r.consent_withdrawn_at,
       (SELECT k.state FROM pauses p JOIN clients k ON k.id = r.client_id
        WHERE p.room_id = r.id AND p.reason = 'consent' AND p.ends_at IS NULL) AS unconsented_in,
       waits_for_consent(r.id, r.client_id) AS waits_for_consent
FROM rooms r
JOIN accounts ca ON ca.id = r.client_id
JOIN accounts ta ON ta.id = r.therapist_id
JOIN therapists t ON t.id = r.therapist_id
LEFT JOIN read_marks m ON m.room_id = r.id AND m.account_id = actor()
LEFT JOIN response_clocks c ON c.room_id = r.id AND c.state = 'running'
"""
_MY_HEADERS = (
    _HEADERS
    + """
WHERE r.id = ANY ((SELECT my_rooms())::uuid[]) AND (%(room)s::uuid IS NULL OR r.id = %(room)s)
ORDER BY r.last_sent_at DESC NULLS LAST, r.id
"""
)


async def last_seqs(tx: Transaction) -> list[Row]:
    """Id and last seq of each room the actor may open: what a device compares with its own."""
    return await tx.all("SELECT id, last_seq FROM rooms WHERE id = ANY ((SELECT my_rooms())::uuid[])")


async def close_room(tx: Transaction, room_id: UUID) -> None:
    """End the room: its clock is cancelled, its workflows end, its content stays."""
    await tx.one("SELECT id FROM rooms WHERE id = %s FOR UPDATE", (room_id,))
    await tx.run(
        "UPDATE response_clocks SET state = 'cancelled', reason = 'room_closed', closed_at = %s,"
        " next_alarm_at = NULL, held = NULL WHERE room_id = %s AND state = 'running'",
        (tx.now, room_id),
    )
    await tx.run("UPDATE rooms SET state = 'closed', closed_at = %s WHERE id = %s", (tx.now, room_id))
    await tx.run(
        "UPDATE therapists t SET active_rooms = greatest(t.active_rooms - 1, 0) FROM rooms r"
        " WHERE r.id = %s AND t.id = r.therapist_id",
        (room_id,),
    )
    await tx.audit("close_room", room_id=room_id)
    await tell_clock(tx, room_id)
    await plans.end_plan(tx, room_id)


async def _room(tx: Transaction, room_id: UUID) -> dict[str, Any]:
    row = await tx.one("SELECT * FROM rooms WHERE id = %s", (room_id,))
    if row is None:
        raise NotFound
    return row
