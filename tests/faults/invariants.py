"""What must hold whatever goes away: compared between the database and what was acknowledged.

I1 acknowledged = exactly one effect. I2 gapless order in each room. I3 the outbox is empty within 60 s of healing.
I4 one outcome for each clock, never early, late by at most the outage and 15 s (3 s are the goal, and reported).
"""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from ledger import Ledger
from livestack import Live, until

from bench.clinic import OpenRoom

SLACK = timedelta(seconds=15)
HEALED_SECONDS = 60.0

_MESSAGES = """
SELECT room_id, id, seq, sender_role, idempotency_key, sent_at FROM messages WHERE room_id = ANY(%s)
ORDER BY room_id, seq
"""
_CLOCKS = """
SELECT c.id, c.room_id, c.state, c.opened_at, c.opened_seq, c.due_at, c.closed_at, c.closed_seq, c.next_alarm_at,
       (SELECT count(*) FROM clock_breaches b WHERE b.clock_id = c.id) AS breaches,
       (SELECT min(b.breached_at) FROM clock_breaches b WHERE b.clock_id = c.id) AS breached_at,
       (SELECT count(*) FROM notices n WHERE n.subject_id = c.id AND n.template = 'answer_is_late') AS told
FROM response_clocks c WHERE c.room_id = ANY(%s) ORDER BY c.room_id, c.opened_seq
"""
_RUNGS = """
SELECT r.clock_id, r.rung, r.due_at, r.fired_at, c.state, c.closed_at FROM clock_rungs r
JOIN response_clocks c ON c.id = r.clock_id WHERE c.room_id = ANY(%s) ORDER BY r.clock_id, r.due_at
"""


@dataclass(frozen=True)
class Found:
    """What a check saw: how many, and how late rungs were beyond the outages, in seconds."""

    messages: int
    clocks: int
    lateness: tuple[float, ...]

    @property
    def p99(self) -> float:
        """The 99th percentile of the lateness, 0 without rungs."""
        return sorted(self.lateness)[int(0.99 * (len(self.lateness) - 1))] if self.lateness else 0.0

    def __str__(self) -> str:
        worst = max(self.lateness, default=0.0)
        return (
            f"{self.messages} messages, {self.clocks} clocks, {len(self.lateness)} rungs; late beyond the outage:"
            f" p99 {self.p99:.2f} s, at most {worst:.2f} s"
        )


def check(live: Live, rooms: list[OpenRoom], ledger: Ledger, *, lateness: bool = True) -> Found:
    """Safety: what holds at any instant, in the middle of a fault as well. Raises AssertionError with every breach."""
    ids = [room.id for room in rooms]
    messages, clocks, rungs = live.snapshot(_MESSAGES, _CLOCKS, _RUNGS, ids=ids)
    wrong = [
        *_one_effect(messages, ledger),
        *_order(messages),
        *_outcomes(clocks, messages),
        *_in_time(rungs),
    ]
    late = [row["fired_at"] - row["due_at"] - ledger.away(row["due_at"], row["fired_at"]) for row in rungs]
    if lateness and late and max(late) > SLACK:
        wrong.append(f"I4: a rung was {max(late)} late beyond its outage")
    assert not wrong, "\n".join(wrong[:20])
    return Found(len(messages), len(clocks), tuple(each.total_seconds() for each in late))


async def finish(live: Live, rooms: list[OpenRoom], ledger: Ledger) -> Found:
    """Liveness: healed, everything told arrives within a minute, and every clock that runs rings to its end."""
    healed = time.monotonic()
    await live.told(HEALED_SECONDS)
    drained = time.monotonic() - healed
    ids = [room.id for room in rooms]

    async def all_rung() -> bool:
        waiting = await live.all(
            "SELECT 1 FROM response_clocks WHERE room_id = ANY(%s) AND next_alarm_at IS NOT NULL LIMIT 1", ids
        )
        return not waiting

    await until(all_rung, 60)
    found = check(live, rooms, ledger)
    clocks, rungs = live.snapshot(_CLOCKS, _RUNGS, ids=ids)
    for clock in clocks:
        if clock["state"] == "running":
            fired = [row["rung"] for row in rungs if row["clock_id"] == clock["id"]]
            assert fired == ["nudge", "breach", "cover"], f"I4: {fired} fired, once and in order"
    parked = await live.all("SELECT id FROM outbox WHERE parked_at IS NOT NULL")
    assert not parked, "I3: a note was set aside"
    print(f"    outbox empty {drained:.1f} s after healing", flush=True)
    return found


def _one_effect(messages: list[dict[str, Any]], ledger: Ledger) -> list[str]:
    """I1. What was not acknowledged may have happened, once; what was, has, and as it was said."""
    ours = [row for row in messages if row["idempotency_key"] in ledger.asked]
    by_key = {row["idempotency_key"]: row for row in ours}
    wrong = [f"I1: {len(ours) - len(by_key)} messages twice"] if len(by_key) < len(ours) else []
    for key, answer in ledger.acknowledged.items():
        row = by_key.get(key)
        if row is None:
            wrong.append(f"I1: acknowledged {answer.id} is not there")
        elif (row["room_id"], row["id"], row["seq"]) != (answer.room_id, answer.id, answer.seq):
            wrong.append(f"I1: acknowledged {answer}, found {row['id']} at {row['seq']}")
    return wrong


def _order(messages: list[dict[str, Any]]) -> list[str]:
    """I2. Numbered from one without a gap, in the order of time."""
    wrong = []
    for room_id, group in groupby(messages, key=lambda row: row["room_id"]):
        rows = list(group)
        if [row["seq"] for row in rows] != list(range(1, len(rows) + 1)):
            wrong.append(f"I2: a gap in room {room_id}")
        times = [row["sent_at"] for row in rows]
        if times != sorted(times):
            wrong.append(f"I2: time runs backwards in room {room_id}")
    return wrong


def _outcomes(clocks: list[dict[str, Any]], messages: list[dict[str, Any]]) -> list[str]:
    """I4. Each question has one clock, each clock one outcome, and that is what the messages say it is."""
    wrong = []
    for clock in clocks:
        name = f"I4: clock {clock['id']} ({clock['state']})"
        due, closed = clock["due_at"], clock["closed_at"]
        if clock["breaches"] > 1 or clock["told"] > 1:
            wrong.append(f"{name} was broken twice")
        if clock["state"] == "met" and (clock["breaches"] or closed > due):
            wrong.append(f"{name} was kept, and broken")
        if clock["state"] == "late" and (clock["breaches"] != 1 or closed <= due):
            wrong.append(f"{name} was broken, and kept")
        if clock["breaches"] and clock["breached_at"] != due:
            wrong.append(f"{name} was broken at another time than it was due")
    for room_id, group in groupby(clocks, key=lambda row: row["room_id"]):
        rows, said = list(group), [row for row in messages if row["room_id"] == room_id]
        expected = _questions(said)
        found = [row["opened_seq"] for row in rows if row["opened_seq"] > 0]
        if found != expected:
            wrong.append(f"I4: room {room_id} has clocks of {found}, its questions are {expected}")
    return wrong


def _questions(messages: list[dict[str, Any]]) -> list[int]:
    """Where somebody began to wait: a client's message after an answer."""
    asked = []
    waiting = False
    for row in messages:
        if row["sender_role"] == "client" and not waiting:
            asked.append(row["seq"])
        waiting = row["sender_role"] == "client"
    return asked


def _in_time(rungs: list[dict[str, Any]]) -> list[str]:
    """I4. Never early, in order, and none after the answer."""
    wrong = []
    for row in rungs:
        if row["fired_at"] < row["due_at"]:
            wrong.append(f"I4: {row['rung']} fired {row['due_at'] - row['fired_at']} early")
        if row["closed_at"] is not None and row["fired_at"] > row["closed_at"]:
            wrong.append(f"I4: {row['rung']} fired after the answer")
    for _, group in groupby(rungs, key=lambda row: row["clock_id"]):
        fired: list[datetime] = [row["fired_at"] for row in group]
        if fired != sorted(fired):
            wrong.append("I4: rungs out of order")
    return wrong
