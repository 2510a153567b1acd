"""The rungs of a response clock fire once, in order, also after an outage. Who is told: `records.ladder`."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.policies import RungName
from records.clocks import update_clock
from records.database import Row, Transaction
from records.events import Event, EventKind
from records.ladder import climb

LEVELS = {RungName.NUDGE: 1, RungName.BREACH: 2, RungName.COVER: 3}
"""How high a rung stands: `response_clocks.rung_level`, by which the board is sorted."""


@dataclass(frozen=True, slots=True)
class Fired:
    """What came of an alarm: fired, superseded, or too early; and when to look again."""

    outcome: str
    next_alarm_at: datetime | None


async def fire_due_rungs(tx: Transaction, room_id: UUID, clock_id: UUID) -> Fired:
    """Fire every rung of the clock whose time has come, in order, each once; also after an outage.

    A rung that finds nobody to tell is kept as such, and the next one follows at once: but no promise is broken
    before its time. The workflow's view may be old: the row decides.
    """
    await tx.one("SELECT id FROM rooms WHERE id = %s FOR UPDATE", (room_id,))
    clock = await tx.one("SELECT * FROM response_clocks WHERE id = %s FOR UPDATE", (clock_id,))
    if clock is None or clock["state"] != "running" or clock["next_alarm_at"] is None:
        return Fired("superseded", None)
    # The database's clock, not the transaction's start: a wait for the lock must not make a rung late or early.
    now = (await _clock_time(tx)) if tx.actor is None else tx.now
    if clock["next_alarm_at"] > now:
        return Fired("too_early", clock["next_alarm_at"])
    level, left = await _climb(tx, clock, now)
    next_at = datetime.fromisoformat(left[0]["at"]) if left else None
    moved = {"alarms": {**clock["alarms"], "rungs": left}, "next_alarm_at": next_at, "rung_level": level}
    await update_clock(tx, clock_id, moved)
    tx.announce(Event(EventKind.PROMISE, room_id=room_id))
    tx.announce(Event(EventKind.BOARD))
    return Fired("fired", next_at)


async def _climb(tx: Transaction, clock: Row, now: datetime) -> tuple[int, list[dict[str, str]]]:
    """Fire what is due; the level reached, and the rungs still to come."""
    level: int = clock["rung_level"]
    left: list[dict[str, str]] = list(clock["alarms"]["rungs"])
    told = 1
    while left:
        rung, at = RungName(left[0]["rung"]), datetime.fromisoformat(left[0]["at"])
        if at > now and (told > 0 or rung is RungName.BREACH):
            break
        told = await climb(tx, clock, rung, now)
        await tx.run(
            "INSERT INTO clock_rungs (clock_id, rung, due_at, fired_at, told) VALUES (%s, %s, %s, %s, %s)"
            " ON CONFLICT DO NOTHING",
            (clock["id"], rung, min(at, now), now, told),
        )
        level = max(level, LEVELS[rung])
        left.pop(0)
    return level, left


async def _clock_time(tx: Transaction) -> datetime:
    row = await tx.one("SELECT clock_timestamp() AS now")
    assert row is not None  # noqa: S101  a SELECT without FROM has one row
    now: datetime = row["now"]
    return now
