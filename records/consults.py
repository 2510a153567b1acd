"""Consults: a therapist asks for a second opinion about a room, and supervisors owe an answer within a promise.

The promise runs beside what is owed to the client, on wall clocks of its own: it counts the weekly hours and holidays
of the therapist who asked, whatever their leave and whatever pauses the room, since it is supervisors who answer. The
clock audit rings its rungs, once a minute; the row is the truth, and an answer after the due time is late in any case.
"""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from psycopg.types.json import Jsonb

from domain.access import ReadableRoomId, WritableRoomId
from domain.clocks import Projection, project
from domain.errors import Conflict, NotFound, Unauthenticated
from domain.ids import new_id
from domain.policies import RungName, policy_to_json
from domain.response_items import ItemKind
from domain.schedules import Schedule
from encryption.rooms import seal_field
from records import parsed
from records.audit import note_damage
from records.clinic import CLINIC_ID, clinic_key
from records.database import Row, Transaction
from records.events import Event, EventKind
from records.notices import notify, notify_duty, notify_lead
from records.opening import Opening
from records.policies import InForce, in_force_for, in_force_of
from records.projections import projected

BATCH: Final = 200
"""How many are seen to in one transaction."""

_LISTED = """
SELECT c.*, k.code AS client_code, a.display_name AS therapist, s.display_name AS answered_by_name
FROM consults c JOIN rooms r ON r.id = c.room_id JOIN clients k ON k.id = r.client_id
JOIN accounts a ON a.id = c.asked_by LEFT JOIN accounts s ON s.id = c.answered_by
"""
# Consults with a rung to ring, those whose hours or policy are others than they were counted by, and those for which
# no time was in sight.
_DUE = """
SELECT c.id, c.room_id, c.asked_by, c.asked_at, c.due_at, c.fired, k.version, k.hours::text AS hours,
       p.id AS in_force_id, p.name AS in_force_name, p.definition
FROM consults c JOIN calendars k ON k.therapist_id = c.asked_by
CROSS JOIN LATERAL policy_in_force(c.room_id, c.kind, %(now)s) p
WHERE c.state = 'running' AND (c.next_alarm_at <= %(now)s OR c.calendar_version <> k.version OR c.held IS NOT NULL
    OR (c.policy_name, c.policy_id) IS DISTINCT FROM (p.name, p.id))
ORDER BY c.id LIMIT %(limit)s FOR UPDATE OF c
""".replace("c.kind", f"'{ItemKind.CONSULT.value}'")


async def ask(tx: Transaction, room: WritableRoomId, question: str) -> Row:
    """Ask the supervisors; they are told now. The row, with its due time.

    Raises Conflict (`consult_is_open`) while one of this room waits for its answer, NotFound (`no_calendar`) for a
    therapist without hours.
    """
    asker = room.actor.account_id
    await tx.one("SELECT id FROM rooms WHERE id = %s FOR NO KEY UPDATE", (room.id,))
    if await tx.one("SELECT 1 AS open FROM consults WHERE room_id = %s AND state = 'running'", (room.id,)):
        raise Conflict("consult_is_open")
    hours = await tx.one(
        "SELECT version, hours::text AS hours FROM calendars WHERE therapist_id = %s", (asker,)
    )
    if hours is None:
        raise NotFound("no_calendar")
    promised = await in_force_for(tx, room.id, ItemKind.CONSULT)
    consult_id = new_id()
    sealed = seal_field(await clinic_key(tx), CLINIC_ID, "consults", "question_sealed", consult_id, question)
    await tx.insert(
        "consults",
        id=consult_id,
        room_id=room.id,
        asked_by=asker,
        asked_at=tx.now,
        question_sealed=sealed,
        calendar_version=hours["version"],
        state="running",
        fired=[],
        **_columns(promised, _project(tx, promised, hours["hours"], tx.now)),
    )
    await tx.audit("ask_consult", room_id=room.id, subject_id=consult_id)
    tx.announce(Event(EventKind.BOARD))
    await notify_lead(tx, "consult_asked", consult_id, room.id)
    return await find(tx, consult_id)


async def find(tx: Transaction, consult_id: UUID) -> Row:
    """A consult by its id, texts still sealed. Raises NotFound."""
    row = await tx.one(_LISTED + "WHERE c.id = %s", (consult_id,))
    if row is None:
        raise NotFound
    return row


async def of_room(tx: Transaction, room: ReadableRoomId) -> list[Row]:
    """The room's consults with their texts, newest first. Audited."""
    rows = await tx.all(_LISTED + "WHERE c.room_id = %s ORDER BY c.asked_at DESC", (room.id,))
    await tx.audit("read_consults", room_id=room.id)
    return await _opened(tx, rows)


async def queue(tx: Transaction, *, running: bool = True, limit: int = 200, cursor: int = 0) -> list[Row]:
    """Consults that wait, the first due first; or those that are answered, newest first. Reading them is audited."""
    chosen = (
        "WHERE c.state = 'running' ORDER BY c.due_at NULLS FIRST, c.id"
        if running
        else "WHERE c.state <> 'running' ORDER BY c.answered_at DESC, c.id"
    )
    rows = await tx.all(f"{_LISTED} {chosen} LIMIT %s OFFSET %s", (limit, cursor))
    for row in rows:
        await tx.audit("read_consult", room_id=row["room_id"], subject_id=row["id"])
    return await _opened(tx, rows)


async def answer(tx: Transaction, consult_id: UUID, text: str) -> None:
    """Answer it, once; in time or late. Who asked is told.

    Raises NotFound, Conflict (`answered_already`).
    """
    if tx.actor is None:
        raise Unauthenticated
    consult = await find(tx, consult_id)
    sealed = seal_field(await clinic_key(tx), CLINIC_ID, "consults", "answer_sealed", consult_id, text)
    answered = await tx.run(
        "UPDATE consults SET state = CASE WHEN due_at < %(now)s THEN 'late' ELSE 'met' END, answered_at = %(now)s,"
        " answered_by = %(who)s, answer_sealed = %(text)s, next_alarm_at = NULL, held = NULL"
        " WHERE id = %(id)s AND state = 'running'",
        {"now": tx.now, "who": tx.actor.account_id, "text": sealed, "id": consult_id},
    )
    if not answered:
        raise Conflict("answered_already")
    await tx.audit("answer_consult", room_id=consult["room_id"], subject_id=consult_id)
    tx.announce(Event(EventKind.BOARD))
    await notify(tx, consult["asked_by"], "consult_answered", consult_id, consult["room_id"])


async def see_to(tx: Transaction) -> int:
    """Ring the rungs whose time has come, each once and in order, and count anew where hours or policy changed.

    How many consults.
    """
    rows = await tx.all(_DUE, {"now": tx.now, "limit": BATCH})
    for row in rows:
        named = {"id": row["in_force_id"], "name": row["in_force_name"], "definition": row["definition"]}
        promised = in_force_of(named)
        projection = _project(tx, promised, row["hours"], row["asked_at"])
        left = [alarm for alarm in projection.alarms if alarm.rung not in row["fired"]]
        due = [alarm for alarm in left if alarm.at <= tx.now]
        for alarm in due:
            await _ring(tx, row, alarm.rung)
        columns = {
            **_columns(promised, projection),
            "calendar_version": row["version"],
            "fired": [*row["fired"], *(alarm.rung.value for alarm in due)],
            "next_alarm_at": left[len(due)].at if len(left) > len(due) else None,
        }
        await _update(tx, row["id"], columns)
    if rows:
        tx.announce(Event(EventKind.BOARD))
    return len(rows)


async def _ring(tx: Transaction, consult: Row, rung: RungName) -> None:
    subject, room = consult["id"], consult["room_id"]
    match rung:
        case RungName.NUDGE:
            await notify_lead(tx, "consult_due_soon", subject, room)
        case RungName.BREACH:
            await notify_lead(tx, "consult_late", subject, room)
            await notify(tx, consult["asked_by"], "consult_late", subject, room)
        case RungName.COVER:  # nobody stands in for a supervisor: whoever directs the clinic hears of it
            await notify_duty(tx, "clinical_director", "consult_unanswered", subject, room)


def _project(tx: Transaction, promised: InForce, hours: str, asked_at: datetime) -> Projection:
    return project(promised.policy, Schedule(parsed.calendar(hours)), asked_at, tx.now)


def _columns(promised: InForce, projection: Projection) -> dict[str, Any]:
    row = projected(projection)
    return {
        "policy": policy_to_json(promised.policy),
        "policy_name": promised.name,
        "policy_id": promised.policy_id,
        "held": row.held,
        "due_at": row.due_at,
        "next_alarm_at": row.next_alarm_at,
    }


async def _update(tx: Transaction, consult_id: UUID, columns: dict[str, Any]) -> None:
    names = ", ".join(f"{name} = %s" for name in columns)
    values = [Jsonb(value) if isinstance(value, dict) else value for value in columns.values()]
    await tx.run(f"UPDATE consults SET {names} WHERE id = %s", [*values, consult_id])  # noqa: S608  our own names


async def _opened(tx: Transaction, rows: list[Row]) -> list[Row]:
    """Rows with `question` and `answer` in the clear; None is what cannot be opened, or is not there yet."""
    key = await clinic_key(tx)
    opened = []
    for row in rows:
        stored = Opening(key)
        texts = {
            name: stored.field("consults", f"{name}_sealed", row["id"], row[f"{name}_sealed"])
            for name in ("question", "answer")
            if row[f"{name}_sealed"] is not None
        }
        await note_damage(tx, row["room_id"], stored.damaged)
        opened.append({**row, "answer": None, **texts})
    return opened
