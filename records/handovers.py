"""One room closes, another opens for the same client: promise, risk, goals and cadence go over, nothing is closed.

Locks in one order: the therapist, the client, the search (held by the caller), calendars, rooms, clocks.
"""

from datetime import timedelta
from typing import Final
from uuid import UUID, uuid4

from domain.ids import ClientId, RoomId, TherapistId, new_id
from encryption.keys import KeyScope
from encryption.rooms import seal_field
from records import covers, pauses, plans
from records.audit import note_damage
from records.calendars import hold_rooms
from records.clocks import open_welcome, take_over
from records.cover_spans import end_with_assignment
from records.database import Row, Transaction
from records.events import Event, EventKind
from records.notices import notify
from records.opening import Opening
from records.rooms import Opened, close_room, make_room

NOTE_WITHIN: Final = timedelta(hours=48)
"""How long the former therapist has for the transfer note: as for every note [policy]."""


async def hand_over(tx: Transaction, match: Row, therapist_id: TherapistId) -> RoomId:
    """Close the room that the client leaves and open the next one in its place. The caller holds therapist and search.

    The earlier room stays the client's to read, and the new therapist's if the client agreed.
    """
    old_id: UUID = match["from_room_id"]
    held = await hold_rooms(tx, [old_id], [therapist_id])
    old = held[0]
    clock = await tx.one("SELECT id FROM response_clocks WHERE room_id = %s AND state = 'running'", (old_id,))
    await covers.withdraw(tx, old_id)
    await end_with_assignment(tx, old_id, old["therapist_id"])
    await tx.run("UPDATE rooms SET state = 'closed', closed_at = %s WHERE id = %s", (tx.now, old_id))
    new = await make_room(tx, ClientId(match["client_id"]), therapist_id, old["version"])
    await _pauses(tx, old, new.id)
    if clock is None:
        await open_welcome(tx, {"id": new.id})
    else:
        await take_over(tx, clock["id"], new.id)
    transfer_id = await _transfer(tx, match, old, new.id, therapist_id)
    await _plan(tx, old_id, new)
    await _risk(tx, old_id, new.id, therapist_id)
    await close_room(tx, old_id)
    await tx.audit("hand_over_room", room_id=old_id, subject_id=new.id)
    await notify(tx, old["therapist_id"], "transfer_note_due", transfer_id)
    for event in (EventKind.DEVICES, EventKind.JOURNEY):
        tx.announce(Event(event, account_id=old["therapist_id"]))
    return new.id


async def _transfer(
    tx: Transaction, match: Row, old: Row, new_id_: RoomId, therapist_id: TherapistId
) -> UUID:
    transfer_id = new_id()
    await tx.insert(
        "room_transfers",
        id=transfer_id,
        client_id=match["client_id"],
        match_id=match["id"],
        from_room_id=old["id"],
        to_room_id=new_id_,
        from_therapist_id=old["therapist_id"],
        to_therapist_id=therapist_id,
        history_shared=match["share_history"],
        at=tx.now,
        note_due_at=tx.now + NOTE_WITHIN,
    )
    return transfer_id


async def _pauses(tx: Transaction, old: Row, room_id: RoomId) -> None:
    """Time that did not count for the client does not count in the new room either; the clinic's holds end."""
    await tx.run(
        "INSERT INTO pauses (id, room_id, reason, starts_at, ends_at) SELECT gen_random_uuid(), %s, reason, starts_at,"
        " CASE WHEN reason IN ('client', 'consent') THEN ends_at ELSE coalesce(ends_at, %s) END FROM pauses"
        " WHERE room_id = %s AND starts_at < %s",
        (room_id, tx.now, old["id"], tx.now),
    )
    await tx.run("UPDATE rooms SET client_away = %s WHERE id = %s", (old["client_away"], room_id))
    await pauses.end_all(tx, old["id"])


async def _plan(tx: Transaction, old_id: UUID, new: Opened) -> None:
    """The cadence of check-ins and the goals as they stand, their words sealed anew under the new room's key."""
    await plans.start_plan(tx, new.id)
    for row in await tx.all("SELECT * FROM hand_over_plan(%s, %s)", (old_id, new.id)):
        former = await tx.ring.opened(KeyScope.ROOM, old_id, row["key_version"], row["wrapped"])
        stored = Opening(former)
        await _goal(tx, stored, row, new)
        await note_damage(tx, old_id, stored.damaged)
    await plans.tell_plan(tx, new.id)


async def _goal(tx: Transaction, stored: Opening, row: Row, new: Opened) -> None:
    """A goal that cannot be opened stays behind: the client goes on without it."""
    column, goal_id = f"body {row['version']}", uuid4()
    words = stored.field("goal_versions", column, row["id"], row["body"])
    if words is None:
        return
    await tx.insert(
        "goals",
        id=goal_id,
        room_id=new.id,
        version=row["version"],
        lifecycle=row["lifecycle"],
        achievement=row["achievement"],
        accepted_by=row["accepted_by"],
        due_on=row["due_on"],
        review_on=row["review_on"],
        created_at=row["created_at"],
    )
    await tx.insert(
        "goal_versions",
        goal_id=goal_id,
        version=row["version"],
        room_id=new.id,
        body=seal_field(new.key, new.id, "goal_versions", column, goal_id, words),
        lifecycle=row["lifecycle"],
        achievement=row["achievement"],
        author_id=row["author_id"],
        at=row["at"],
    )


async def _risk(tx: Transaction, old_id: UUID, room_id: RoomId, therapist_id: TherapistId) -> None:
    """What is open about the client's safety is the new therapist's now as well; nothing is closed by it."""
    flags = await tx.all(
        "UPDATE risk_flags SET room_id = %s WHERE room_id = %s AND state <> 'closed' RETURNING id",
        (room_id, old_id),
    )
    for flag in flags:
        await notify(tx, therapist_id, "risk_task", flag["id"])
