"""Care plans: the cadence of a room's check-ins. The row is the truth; the workflow makes its alarms ring."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.check_ins import WEEKLY, CheckInPolicy, Pause, check_in_policy_from_json, next_due, reminder_at
from domain.errors import NotFound
from domain.zones import zone
from records.absences import absence_alarms
from records.database import Row, Transaction
from records.policies import in_force

KIND = "check_ins"
DEFAULT = "default"


async def start_plan(tx: Transaction, room_id: UUID) -> None:
    """Begin the cadence of a new room. Safe to repeat: a plan that exists stays as it is."""
    room = await _room(tx, room_id)
    policy = await check_in_policy(tx, DEFAULT)
    begun = await tx.run(
        "INSERT INTO care_plans (room_id, version, policy, next_check_in_at, check_ins, missed)"
        " VALUES (%s, 1, %s, %s, 0, 0) ON CONFLICT DO NOTHING",
        (room_id, DEFAULT, next_due(room["opened_at"], tx.now, zone(room["time_zone"]), policy)),
    )
    if begun:
        await tell_plan(tx, room_id)


async def end_plan(tx: Transaction, room_id: UUID) -> None:
    """No further check-in is asked; what was asked and answered stays."""
    ended = await tx.run(
        "UPDATE care_plans SET next_check_in_at = NULL, version = version + 1 WHERE room_id = %s", (room_id,)
    )
    if ended:
        await tx.tell("plan_changed", room_id, (await plan_row(tx, room_id))["version"], closed=True)


async def check_in_policy(tx: Transaction, name: str) -> CheckInPolicy:
    """The cadence in force under this name; without a row, weekly."""
    try:
        return check_in_policy_from_json(await in_force(tx, KIND, name))
    except NotFound:
        return WEEKLY


async def plan_row(tx: Transaction, room_id: UUID, *, lock: bool = False) -> Row:
    """The plan with its room's facts. Raises NotFound."""
    row = await tx.one(_PLAN + (" FOR UPDATE OF p" if lock else ""), (room_id,))
    if row is None:
        raise NotFound
    return row


_PLAN = """
SELECT p.*, r.client_id, r.therapist_id, r.opened_at, r.state AS room_state, r.consent_withdrawn_at, a.time_zone,
       c.paused_at
FROM care_plans p JOIN rooms r ON r.id = p.room_id JOIN accounts a ON a.id = r.client_id
JOIN clients c ON c.id = r.client_id
WHERE p.room_id = %s
"""


async def client_pauses(tx: Transaction, plan: Row) -> list[Pause]:
    """The client's own pauses, the lasting one included, and the time without their consent to care by messages.

    Holds by staff do not silence check-ins.
    """
    rows = await tx.all(
        "SELECT starts_at, ends_at FROM pauses WHERE room_id = %s"
        " AND (reason = 'client' AND ends_at IS NOT NULL OR reason = 'consent') ORDER BY starts_at",
        (plan["room_id"],),
    )
    pauses = [Pause(row["starts_at"], row["ends_at"]) for row in rows]
    lasting = (plan["paused_at"], plan["consent_withdrawn_at"])
    return pauses + [Pause(begun) for begun in lasting if begun is not None]


@dataclass(frozen=True, slots=True)
class OpenCheckIn:
    """One that is asked and not answered, and when its reminder is due (None: reminded, or never)."""

    id: UUID
    n: int
    asked_at: datetime
    closes_at: datetime
    remind_at: datetime | None


async def open_check_ins(
    tx: Transaction, plan: Row, policy: CheckInPolicy, pauses: list[Pause]
) -> list[OpenCheckIn]:
    """Those that wait for an answer, oldest first."""
    rows = await tx.all(
        "SELECT id, n, asked_at, closes_at, reminded_at FROM check_ins"
        " WHERE room_id = %s AND state = 'asked' ORDER BY n",
        (plan["room_id"],),
    )
    return [
        OpenCheckIn(
            row["id"],
            row["n"],
            row["asked_at"],
            row["closes_at"],
            None if row["reminded_at"] else reminder_at(row["asked_at"], row["closes_at"], pauses, policy),
        )
        for row in rows
    ]


async def next_alarm(tx: Transaction, plan: Row) -> datetime | None:
    """When the plan must be looked at next: a check-in falls due, a reminder, the end of one unanswered,
    a step of silence."""
    if plan["room_state"] != "open":
        return None
    policy, pauses = await check_in_policy(tx, plan["policy"]), await client_pauses(tx, plan)
    waiting = await open_check_ins(tx, plan, policy, pauses)
    alarms = [plan["next_check_in_at"], *(each.closes_at for each in waiting)]
    alarms += [each.remind_at for each in waiting]
    alarms += await absence_alarms(tx, plan, policy, pauses)
    return min((at for at in alarms if at is not None), default=None)


async def tell_plan(tx: Transaction, room_id: UUID) -> None:
    """Leave a note for the plan's workflow: when to look next, in this version."""
    plan = await plan_row(tx, room_id)
    await tx.tell(
        "plan_changed",
        room_id,
        plan["version"],
        next_check_in_at=plan["next_check_in_at"],
        next_alarm_at=await next_alarm(tx, plan),
        closed=plan["room_state"] != "open",
    )


async def retell(tx: Transaction) -> int:
    """Tell the plan of every open room again. How many."""
    rows = await tx.all(
        "SELECT p.room_id FROM care_plans p JOIN rooms r ON r.id = p.room_id"
        " WHERE r.state = 'open' ORDER BY p.room_id"
    )
    for row in rows:
        await tell_plan(tx, row["room_id"])
    return len(rows)


async def _room(tx: Transaction, room_id: UUID) -> Row:
    row = await tx.one(
        "SELECT r.opened_at, a.time_zone FROM rooms r JOIN accounts a ON a.id = r.client_id WHERE r.id = %s",
        (room_id,),
    )
    if row is None:
        raise NotFound
    return row
