"""The ladder of a response clock: each rung fires once, in order, also after an outage, and tells its people."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from domain.policies import RungName
from records.clocks import update_clock
from records.database import Row, Transaction
from records.events import Event, EventKind
from records.notices import notify, notify_role

LEVELS = {RungName.NUDGE: 1, RungName.BREACH: 2, RungName.COVER: 3}
"""How high a rung stands: `response_clocks.rung_level`, by which the board is sorted."""


@dataclass(frozen=True, slots=True)
class Fired:
    """What came of an alarm: fired, superseded, or too early; and when to look again."""

    outcome: str
    next_alarm_at: datetime | None


async def fire_due_rungs(tx: Transaction, room_id: UUID, clock_id: UUID) -> Fired:
    """Fire every rung of the clock whose time has come, in order, each once; also after an outage.

    The workflow's view may be old: the row decides.
    """
    await tx.one("SELECT id FROM rooms WHERE id = %s FOR UPDATE", (room_id,))
    clock = await tx.one("SELECT * FROM response_clocks WHERE id = %s FOR UPDATE", (clock_id,))
    if clock is None or clock["state"] != "running" or clock["next_alarm_at"] is None:
        return Fired("superseded", None)
    # The database's clock, not the transaction's start: a wait for the lock must not make a rung late or early.
    now = (await _clock_time(tx)) if tx.actor is None else tx.now
    if clock["next_alarm_at"] > now:
        return Fired("too_early", clock["next_alarm_at"])
    rungs = clock["alarms"]["rungs"]
    due = [rung for rung in rungs if datetime.fromisoformat(rung["at"]) <= now]
    left = rungs[len(due) :]
    for rung in due:
        await _fire(tx, clock, RungName(rung["rung"]), datetime.fromisoformat(rung["at"]), now)
    next_at = datetime.fromisoformat(left[0]["at"]) if left else None
    level = max([clock["rung_level"], *(LEVELS[RungName(rung["rung"])] for rung in due)])
    moved = {"alarms": {**clock["alarms"], "rungs": left}, "next_alarm_at": next_at, "rung_level": level}
    await update_clock(tx, clock_id, moved)
    tx.announce(Event(EventKind.PROMISE, room_id=room_id))
    tx.announce(Event(EventKind.BOARD))
    return Fired("fired", next_at)


async def _fire(tx: Transaction, clock: Row, rung: RungName, at: datetime, now: datetime) -> None:
    fired = await tx.run(
        "INSERT INTO clock_rungs (clock_id, rung, due_at, fired_at) VALUES (%s, %s, %s, %s)"
        " ON CONFLICT DO NOTHING",
        (clock["id"], rung, at, now),
    )
    if not fired:
        return
    room = await tx.one("SELECT client_id, therapist_id FROM rooms WHERE id = %s", (clock["room_id"],))
    assert room is not None  # noqa: S101  the clock's foreign key
    told = {
        RungName.NUDGE: _nudge,
        RungName.BREACH: _breach,
        RungName.COVER: _cover,
    }[rung]
    await told(tx, clock, room)


async def _nudge(tx: Transaction, clock: Row, room: Row) -> None:
    await notify(tx, room["therapist_id"], "answer_due_soon", clock["id"], clock["room_id"])


async def _breach(tx: Transaction, clock: Row, room: Row) -> None:
    """The promise is broken: a fact. Therapist, supervisors and the client are told."""
    await tx.run(
        "INSERT INTO clock_breaches (clock_id, room_id, breached_at, recorded_at) VALUES (%s, %s, %s, %s)"
        " ON CONFLICT DO NOTHING",
        (clock["id"], clock["room_id"], clock["due_at"], tx.now),
    )
    await notify(tx, room["therapist_id"], "answer_late", clock["id"], clock["room_id"])
    await notify_role(tx, "supervisor", "promise_broken", clock["id"], clock["room_id"])
    await notify(tx, room["client_id"], "answer_is_late", clock["id"], clock["room_id"])
    again = await tx.one(
        "SELECT count(*) AS n FROM clock_breaches WHERE room_id = %s AND breached_at > %s",
        (clock["room_id"], clock["due_at"] - timedelta(days=7)),
    )
    if again and again["n"] >= 2:  # second breach within seven days: the client may choose anew
        await notify(tx, room["client_id"], "rematch_offered", clock["id"], clock["room_id"])


async def _cover(tx: Transaction, clock: Row, _: Row) -> None:
    await notify_role(tx, "supervisor", "offer_cover", clock["id"], clock["room_id"])


async def _clock_time(tx: Transaction) -> datetime:
    row = await tx.one("SELECT clock_timestamp() AS now")
    assert row is not None  # noqa: S101  a SELECT without FROM has one row
    now: datetime = row["now"]
    return now
