"""Response clocks: opened with their message, projected on the calendar, told to their workflows.

Lock order everywhere: calendar, room, clock. The row is the truth; workflows only make its alarms ring.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from psycopg.types.json import Jsonb

from domain.clocks import DueState, Projection, project
from domain.errors import Conflict, NotFound
from domain.policies import ResponsePolicy, policy_from_json, policy_to_json
from domain.response_items import ItemKind, item_kind
from records.calendars import room_schedule, schedule_from
from records.database import Row, Transaction
from records.events import Event, EventKind
from records.locks import lock_room
from records.notices import notify_role
from records.policies import InForce, in_force_for, in_force_of
from records.projections import projected
from records.reprojections import reproject_rooms


@dataclass(frozen=True, slots=True)
class OpenedClock:
    """A clock as projected from `opened_at` on, before its row is written."""

    id: UUID
    kind: ItemKind
    opened_at: datetime
    calendar_version: int
    promised: InForce
    projection: Projection

    @property
    def columns(self) -> dict[str, Any]:
        """What its row says of policy, calendar and projection."""
        return {
            "policy": policy_to_json(self.promised.policy),
            "policy_name": self.promised.name,
            "policy_id": str(self.promised.policy_id) if self.promised.policy_id else None,
            "calendar_version": self.calendar_version,
            **projected(self.projection).as_json(),
        }

    def as_json(self) -> dict[str, Any]:
        """The member `clock` of what `post_messages` is asked."""
        opening = {"id": str(self.id), "kind": self.kind.value, "opened_at": self.opened_at.isoformat()}
        return {**self.columns, **opening}


async def project_new(
    tx: Transaction, room: Row, opened_at: datetime, *, welcome: bool = False
) -> OpenedClock:
    """The clock that a message of this instant opens. The caller holds the room (`locks.lock_room`)."""
    kind = item_kind(room_opened=welcome, answered_before=room["first_answered_at"] is not None)
    promised = await in_force_for(tx, room["id"], kind)
    found = await room_schedule(tx, room["id"], room["therapist_id"], opened_at)
    projection = project(promised.policy, found.schedule, opened_at, tx.now)
    return OpenedClock(uuid4(), kind, opened_at, found.version, promised, projection)


@dataclass(frozen=True, slots=True)
class Basis:
    """What a client's message that opens a clock would be projected from, as the door saw it at the instant `at`."""

    at: datetime
    facts: dict[str, Any]
    digest: str


def foresee(basis: Basis) -> dict[str, Any] | None:
    """The clock that a message of the door's instant opens, for `post_messages`, which sees whether all is still so.

    None where nobody works for so long that supervisors are to be told.
    """
    facts = basis.facts
    promised = in_force_of({**facts, "id": facts["policy_id"], "name": facts["policy_name"]})
    projection = project(promised.policy, schedule_from(facts), basis.at, basis.at)
    if projection.state is DueState.NO_CAPACITY:
        return None
    clock = OpenedClock(uuid4(), ItemKind(facts["kind"]), basis.at, facts["version"], promised, projection)
    return {**clock.as_json(), "basis": basis.digest}


async def open_welcome(tx: Transaction, room: Row) -> None:
    """The clock of a new room: the therapist says hello within the promise."""
    room = await lock_room(tx, room["id"])
    clock = await project_new(tx, room, tx.now, welcome=True)
    await tx.insert(
        "response_clocks",
        id=clock.id,
        room_id=room["id"],
        therapist_id=room["therapist_id"],
        kind=clock.kind.value,
        opened_at=clock.opened_at,
        opened_seq=0,
        client_messages=0,
        state="running",
        **clock.columns,
    )
    await tell_clock(tx, room["id"])
    await hold_without_capacity(tx, room["id"], clock.id, clock.projection)


async def take_over(tx: Transaction, clock_id: UUID, room_id: UUID) -> None:
    """A promise goes over to the room that follows the one it was made in, its opening and its rungs with it."""
    await tx.run(
        "UPDATE response_clocks SET room_id = %s, opened_seq = 0, acknowledged_by = NULL, acknowledged_at = NULL"
        " WHERE id = %s AND state = 'running'",
        (room_id, clock_id),
    )
    await reproject_rooms(tx, [room_id], "handed_over")
    await tell_clock(tx, room_id)


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
    clock = await tx.one("SELECT * FROM response_clocks WHERE room_id = %s AND state = 'running'", (room_id,))
    await tx.tell(
        "clock_changed",
        room_id,
        room["version"],
        clock_id=clock["id"] if clock else None,
        next_alarm_at=clock["next_alarm_at"] if clock else None,
        closed=room["state"] != "open",
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
    await reproject_rooms(tx, [room_id], reason)


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


async def update_clock(tx: Transaction, clock_id: UUID, columns: dict[str, Any]) -> None:
    """Set columns of a clock whose row is locked."""
    names = ", ".join(f"{name} = %s" for name in columns)
    values = [Jsonb(value) if isinstance(value, dict) else value for value in columns.values()]
    statement = f"UPDATE response_clocks SET {names} WHERE id = %s"  # noqa: S608  our own names
    await tx.run(statement, [*values, clock_id])


def policy_of(clock: Row) -> ResponsePolicy:
    """The policy a clock was projected under, as a domain value."""
    return policy_from_json(clock["policy_name"], clock["policy"])
