"""Response clocks: opened with their message, projected on the calendar, moved, answered, climbed.

Lock order everywhere: calendar, room, clock. The row is the truth; workflows only make its alarms ring.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from psycopg.types.json import Jsonb

from domain.clocks import DueState, Projection, project
from domain.errors import Conflict, NotFound
from domain.policies import RungName, policy_from_json, policy_to_json
from domain.response_items import ItemKind, item_kind
from records.calendars import room_schedule
from records.database import Row, Transaction, dumps
from records.events import Event, EventKind
from records.notices import notify_role
from records.policies import in_force_for

_RUNNING = "SELECT * FROM response_clocks WHERE room_id = %s AND state = 'running'"
_HELD = {DueState.PAUSED: "paused", DueState.NO_CAPACITY: "no_capacity", DueState.DUE: None}


@dataclass(frozen=True, slots=True)
class OpenedClock:
    """A clock as projected, before its row is written."""

    id: UUID
    kind: ItemKind
    projection: Projection
    columns: dict[str, Any]

    def as_json(self) -> str:
        """The argument of `post_message`."""
        return dumps({**self.columns, "id": str(self.id), "kind": self.kind.value})


async def project_new(
    tx: Transaction, room: Row, opened_at: datetime, *, welcome: bool = False
) -> OpenedClock:
    """The clock that a message of this instant opens. Holds the calendar's version until the commit."""
    kind = item_kind(room_opened=welcome, answered_before=room["first_answered_at"] is not None)
    # The calendar is held first: who changes the terms of a room waits for it, and later messages see the new ones.
    found = await room_schedule(tx, room["id"], room["therapist_id"], opened_at, lock=True)
    promised = await in_force_for(tx, room["id"], kind)
    projection = project(promised.policy, found.schedule, opened_at, tx.now)
    columns = {
        "policy": policy_to_json(promised.policy),
        "policy_name": promised.name,
        "policy_id": str(promised.policy_id) if promised.policy_id else None,
        "calendar_version": found.version,
        **_projected(projection, frozenset()),
    }
    return OpenedClock(uuid4(), kind, projection, columns)


async def open_welcome(tx: Transaction, room: Row) -> None:
    """The clock of a new room: the therapist says hello within the promise."""
    clock = await project_new(tx, room, tx.now, welcome=True)
    await tx.insert(
        "response_clocks",
        id=clock.id,
        room_id=room["id"],
        therapist_id=room["therapist_id"],
        kind=clock.kind.value,
        opened_at=tx.now,
        opened_seq=0,
        client_messages=0,
        state="running",
        **clock.columns,
    )
    await tell_clock(tx, room["id"])
    await hold_without_capacity(tx, room["id"], clock.id, clock.projection)


async def hold_without_capacity(tx: Transaction, room_id: UUID, clock_id: UUID, found: Projection) -> None:
    """No working time in sight: the message is accepted, the clock held, and the supervisors told now."""
    if found.state is DueState.NO_CAPACITY:
        await notify_role(tx, "supervisor", "no_capacity", clock_id, room_id)


async def tell_clock(tx: Transaction, room_id: UUID) -> None:
    """Bump the room's version and tell its workflow when to look next."""
    room = await tx.one(
        "UPDATE rooms SET version = version + 1 WHERE id = %s RETURNING version, state", (room_id,)
    )
    if room is None:
        raise NotFound
    clock = await _running(tx, room_id)
    await tx.tell(
        "clock_changed",
        room_id,
        room["version"],
        clock_id=clock["id"] if clock else None,
        next_alarm_at=clock["next_alarm_at"] if clock else None,
        closed=room["state"] == "closed",
    )
    tx.announce(Event(EventKind.PROMISE, room_id=room_id))
    tx.announce(Event(EventKind.BOARD))


async def retell(tx: Transaction) -> int:
    """Tell the workflow of every open room its clock again. How many."""
    return await tx.run(
        "INSERT INTO outbox (kind, subject_id, version, payload, created_at, attempts)"
        " SELECT 'clock_changed', r.id, r.version, jsonb_build_object('clock_id', c.id, 'next_alarm_at',"
        " c.next_alarm_at, 'closed', false), %s, 0 FROM rooms r LEFT JOIN response_clocks c"
        " ON c.room_id = r.id AND c.state = 'running' WHERE r.state = 'open'",
        (tx.now,),
    )


async def reproject(tx: Transaction, room_id: UUID, reason: str) -> None:
    """Move the room's clock to today's calendar, policy, cover and pauses; before and after are kept."""
    room = await tx.one("SELECT * FROM rooms WHERE id = %s", (room_id,))
    clock = await _running(tx, room_id)
    if room is None or clock is None:
        return
    found = await room_schedule(tx, room_id, room["therapist_id"], clock["opened_at"], lock=True)
    room = await tx.one("SELECT * FROM rooms WHERE id = %s FOR UPDATE", (room_id,))
    clock = await _running(tx, room_id, lock=True)
    if room is None or clock is None:
        return
    promised = await in_force_for(tx, room_id, ItemKind(clock["kind"]))
    fired = await _fired(tx, clock["id"])
    extension = timedelta(seconds=clock["extension_seconds"])
    projection = project(promised.policy, found.schedule, clock["opened_at"], tx.now, extension=extension)
    columns = {
        "policy": policy_to_json(promised.policy),
        "policy_name": promised.name,
        "policy_id": promised.policy_id,
        "calendar_version": found.version,
        "therapist_id": room["therapist_id"],
        **_projected(projection, fired),
    }
    await update_clock(tx, clock["id"], columns)
    await tx.insert(
        "clock_projections",
        clock_id=clock["id"],
        version=room["version"] + 1,
        at=tx.now,
        reason=reason,
        due_before=clock["due_at"],
        due_after=projection.due_at,
    )
    await tell_clock(tx, room_id)
    await hold_without_capacity(tx, room_id, clock["id"], projection)


async def reproject_therapist(tx: Transaction, therapist_id: UUID, reason: str) -> int:
    """Re-project every running clock that counts this therapist's time, ordered by room. How many."""
    rows = await tx.all(
        "SELECT c.room_id FROM response_clocks c JOIN rooms r ON r.id = c.room_id WHERE c.state = 'running'"
        " AND (r.therapist_id = %(who)s OR EXISTS (SELECT 1 FROM covers v WHERE v.room_id = r.id"
        " AND v.therapist_id = %(who)s AND v.ends_at > %(now)s)) ORDER BY c.room_id",
        {"who": therapist_id, "now": tx.now},
    )
    for row in rows:
        await reproject(tx, row["room_id"], reason)
    return len(rows)


async def find(tx: Transaction, clock_id: UUID) -> Row:
    """A clock by its id. Raises NotFound."""
    row = await tx.one("SELECT * FROM response_clocks WHERE id = %s", (clock_id,))
    if row is None:
        raise NotFound
    return row


async def acknowledge(tx: Transaction, clock_id: UUID) -> None:
    """A supervisor has seen it. Stays on the board; says who looks after it. Raises NotFound."""
    if tx.actor is None:
        raise Conflict
    done = await tx.run(
        "UPDATE response_clocks SET acknowledged_by = coalesce(acknowledged_by, %s),"
        " acknowledged_at = coalesce(acknowledged_at, %s) WHERE id = %s",
        (tx.actor.account_id, tx.now, clock_id),
    )
    if not done:
        raise NotFound
    await tx.audit("acknowledge_clock", subject_id=clock_id)
    tx.announce(Event(EventKind.BOARD))


async def repair(tx: Transaction) -> int:
    """The clock audit: tell again what should have rung 30 seconds ago; re-project stale versions. How many."""
    late = await tx.all(
        "SELECT room_id FROM response_clocks WHERE state = 'running' AND next_alarm_at < %s ORDER BY room_id"
        " LIMIT 500",
        (tx.now - timedelta(seconds=30),),
    )
    stale = await tx.all(
        "SELECT c.room_id FROM response_clocks c JOIN rooms r ON r.id = c.room_id"
        " JOIN calendars k ON k.therapist_id = r.therapist_id"
        " WHERE c.state = 'running' AND c.calendar_version <> k.version ORDER BY c.room_id LIMIT 500"
    )
    for row in stale:
        await reproject(tx, row["room_id"], "audit")
    for row in late:
        await tell_clock(tx, row["room_id"])
    return len(late) + len(stale)


def _projected(projection: Projection, fired: frozenset[RungName]) -> dict[str, Any]:
    rungs = [
        {"rung": alarm.rung.value, "at": alarm.at.isoformat()}
        for alarm in projection.alarms
        if alarm.rung not in fired
    ]
    return {
        "held": _HELD[projection.state],
        "due_at": projection.due_at.isoformat() if projection.due_at else None,
        "remaining_seconds": int(projection.remaining.total_seconds()) if projection.remaining else None,
        "alarms": {"rungs": rungs},
        "next_alarm_at": rungs[0]["at"] if rungs else None,
    }


async def update_clock(tx: Transaction, clock_id: UUID, columns: dict[str, Any]) -> None:
    """Set columns of a clock whose row is locked."""
    names = ", ".join(f"{name} = %s" for name in columns)
    values = [Jsonb(value) if isinstance(value, dict) else value for value in columns.values()]
    statement = f"UPDATE response_clocks SET {names} WHERE id = %s"  # noqa: S608  our own names
    await tx.run(statement, [*values, clock_id])


async def _running(tx: Transaction, room_id: UUID, *, lock: bool = False) -> Row | None:
    return await tx.one(
        _RUNNING + (" FOR UPDATE" if lock else ""),
        (room_id,),
    )


async def _fired(tx: Transaction, clock_id: UUID) -> frozenset[RungName]:
    rows = await tx.all("SELECT rung FROM clock_rungs WHERE clock_id = %s", (clock_id,))
    return frozenset(RungName(row["rung"]) for row in rows)


def policy_of(clock: Row) -> Any:
    """The policy a clock was projected under, as a domain value."""
    return policy_from_json(clock["policy_name"], clock["policy"])
