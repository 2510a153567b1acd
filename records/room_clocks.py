"""What people may do about a room's running clock: give it more time, close the question, waive it with a reason."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from domain.access import VisibleRoomId
from domain.clocks import project
from domain.errors import Conflict
from domain.ids import new_id
from domain.policies import policy_from_json
from domain.response_items import CLIENT_CLOSED, NoReplyReason
from domain.room_clocks import EXTENSIONS_OF_A_CLOCK, check_extension
from records.calendars import schedule_of_clock
from records.clocks import reproject, tell_clock
from records.database import Row, Transaction
from records.locks import lock_room
from records.notices import notify
from records.rungs import fire_due_rungs

CHOICES = tuple(timedelta(hours=hours) for hours in (1, 4, 8, 16))
"""How much more time a client is asked to choose from; any other amount within the limits is accepted too."""


@dataclass(frozen=True, slots=True)
class Extended:
    """More time, granted: when the answer was due and is due now. `granted`: how often, this time included."""

    id: UUID
    due_before: datetime | None
    due_at: datetime | None
    granted: int

    @property
    def left(self) -> int:
        """How often more time can still be given."""
        return EXTENSIONS_OF_A_CLOCK - self.granted


async def extend(tx: Transaction, room: VisibleRoomId, by: timedelta, seen: int | None = None) -> Extended:
    """The client adds open time to the promise, also to one that is late already: its breach stays a fact.

    `seen`: how often they had given more time as far as they saw; a form that is sent twice adds once.
    Raises Invalid (`too_short`, `too_long`), Conflict: `no_clock_running`, `clock_is_held`, `extended_enough`,
    `extended_meanwhile`, `risk_is_open`.
    """
    found = await lock_room(tx, room.id)
    clock = await _running(tx, room.id)
    if clock["held"] is not None:
        raise Conflict("clock_is_held")
    if await _risk_is_open(tx, found["client_id"]):
        raise Conflict("risk_is_open")
    before = await extensions_of(tx, clock["id"])
    if seen is not None and seen != len(before):
        raise Conflict("extended_meanwhile")
    check_extension(by, len(before))
    await fire_due_rungs(tx, room.id, clock["id"])
    extension_id, seconds = new_id(), int(by.total_seconds())
    await tx.insert(
        "clock_extensions",
        id=extension_id,
        clock_id=clock["id"],
        account_id=room.actor.account_id,
        granted_at=tx.now,
        seconds=seconds,
    )
    await tx.run(
        "UPDATE response_clocks SET extension_seconds = extension_seconds + %s WHERE id = %s",
        (seconds, clock["id"]),
    )
    await reproject(tx, room.id, "extension")
    await tx.audit("extend_clock", room_id=room.id, subject_id=clock["id"], seconds=seconds)
    await notify(tx, found["therapist_id"], "more_time", extension_id, room.id)
    moved = await _running(tx, room.id)
    return Extended(extension_id, clock["due_at"], moved["due_at"], len(before) + 1)


async def running(tx: Transaction, room: VisibleRoomId) -> Row | None:
    """The room's running clock; None when nothing is owed."""
    return await tx.one("SELECT * FROM response_clocks WHERE room_id = %s AND state = 'running'", (room.id,))


async def extensions_of(tx: Transaction, clock_id: UUID) -> list[Row]:
    """What the client granted, oldest first."""
    return await tx.all(
        "SELECT id, granted_at, seconds FROM clock_extensions WHERE clock_id = %s ORDER BY granted_at, id",
        (clock_id,),
    )


async def previews(tx: Transaction, clock: Row) -> list[tuple[timedelta, datetime]]:
    """When the answer would be due with so much more time, where that is still to come."""
    found = await schedule_of_clock(tx, clock)
    policy = policy_from_json(clock["policy_name"], clock["policy"])
    granted = timedelta(seconds=clock["extension_seconds"])
    seen = [
        (by, project(policy, found.schedule, clock["opened_at"], tx.now, extension=granted + by).due_at)
        for by in CHOICES
    ]
    return [(by, due_at) for by, due_at in seen if due_at is not None and due_at > tx.now]


async def bound_by_risk(tx: Transaction, room: VisibleRoomId) -> bool:
    """Whether risk is open, or was flagged since the running clock opened: then nothing is waived."""
    row = await tx.one(
        "SELECT r.client_id, c.opened_at FROM rooms r LEFT JOIN response_clocks c ON c.room_id = r.id"
        " AND c.state = 'running' WHERE r.id = %s",
        (room.id,),
    )
    return row is not None and await _risk_is_open(tx, row["client_id"], since=row["opened_at"])


async def waive(tx: Transaction, room: VisibleRoomId, reason: NoReplyReason) -> None:
    """A clinician says that no reply is needed, and why.

    Raises Conflict: `no_clock_running`; `risk_is_open`, since what was flagged for risk is never waived.
    """
    clock_id = await _end(tx, room.id, reason.value)
    await tx.audit("waive_clock", room_id=room.id, subject_id=clock_id, reason=reason)


async def close_question(tx: Transaction, room: VisibleRoomId) -> None:
    """The client needs no answer any more. Raises Conflict as `waive`."""
    clock_id = await _end(tx, room.id, CLIENT_CLOSED)
    await tx.audit("close_question", room_id=room.id, subject_id=clock_id)


async def _end(tx: Transaction, room_id: UUID, reason: str) -> UUID:
    """What is late by now is on record before the clock ends: a waiver takes no breach back."""
    found = await lock_room(tx, room_id)
    clock = await _running(tx, room_id)
    if await _risk_is_open(tx, found["client_id"], since=clock["opened_at"]):
        raise Conflict("risk_is_open")
    clock_id: UUID = clock["id"]
    await fire_due_rungs(tx, room_id, clock_id)
    await tx.run(
        "UPDATE response_clocks SET state = 'waived', reason = %s, closed_at = %s, next_alarm_at = NULL,"
        " held = NULL WHERE id = %s",
        (reason, tx.now, clock_id),
    )
    await tell_clock(tx, room_id)
    return clock_id


async def _running(tx: Transaction, room_id: UUID) -> Row:
    clock = await tx.one(
        "SELECT * FROM response_clocks WHERE room_id = %s AND state = 'running' FOR UPDATE", (room_id,)
    )
    if clock is None:
        raise Conflict("no_clock_running")
    return clock


async def _risk_is_open(tx: Transaction, client_id: UUID, since: datetime | None = None) -> bool:
    """Whether a flag is open, or was raised since an instant, if only to be closed again (R4)."""
    row = await tx.one(
        "SELECT 1 AS open FROM risk_flags WHERE client_id = %s AND (state <> 'closed' OR opened_at >= %s) LIMIT 1",
        (client_id, since),
    )
    return row is not None
