"""Changes of a therapist's time: the calendar's version grows and every clock that counts it is re-projected."""

import importlib.metadata
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from domain.calendars import Calendar, calendar_to_json
from domain.errors import FieldError, Invalid, NotFound
from domain.ids import new_id
from encryption.rooms import seal_field
from records.clinic import CLINIC_ID, clinic_key
from records.clocks import reproject_therapist
from records.database import Transaction


async def hours(tx: Transaction, therapist_id: UUID) -> dict[str, Any]:
    """The weekly hours as given. Raises NotFound."""
    row = await tx.one("SELECT hours FROM calendars WHERE therapist_id = %s", (therapist_id,))
    if row is None:
        raise NotFound("no_calendar")
    found: dict[str, Any] = row["hours"]
    return found


async def set_hours(tx: Transaction, therapist_id: UUID, calendar: Calendar) -> None:
    """Replace the weekly hours; running clocks move."""
    await tx.run(
        "INSERT INTO calendars (therapist_id, version, hours, tzdata, changed_at) VALUES (%s, 1, %s, %s, %s)"
        " ON CONFLICT (therapist_id) DO UPDATE SET version = calendars.version + 1, hours = excluded.hours,"
        " tzdata = excluded.tzdata, changed_at = excluded.changed_at",
        (therapist_id, Jsonb(calendar_to_json(calendar)), importlib.metadata.version("tzdata"), tx.now),
    )
    await tx.audit("set_hours", subject_id=therapist_id)
    await reproject_therapist(tx, therapist_id, "hours")


async def set_capacity(tx: Transaction, therapist_id: UUID, clients: int) -> None:
    """How many clients at once. Fewer than there are ends no care: nobody new is offered. Raises NotFound."""
    if not await tx.run("UPDATE therapists SET capacity = %s WHERE id = %s", (clients, therapist_id)):
        raise NotFound
    await tx.audit("set_capacity", subject_id=therapist_id, clients=clients)


async def take_leave(
    tx: Transaction, therapist_id: UUID, start: datetime, end: datetime, cover: UUID | None, note: str
) -> UUID:
    """Record leave and, where a cover is named, who answers in each open room meanwhile.

    Raises Invalid when the leave ends before it starts, or the cover is not another therapist.
    """
    if end <= start:
        raise Invalid(FieldError("to", "not_after_from"))
    if cover is not None:
        known = await tx.one(
            "SELECT 1 AS ok FROM therapists WHERE id = %s AND id <> %s", (cover, therapist_id)
        )
        if known is None:
            raise Invalid(FieldError("cover", "unknown"))
    leave_id = new_id()
    sealed = (
        seal_field(await clinic_key(tx), CLINIC_ID, "leaves", "note_sealed", leave_id, note) if note else None
    )
    await tx.insert(
        "leaves",
        id=leave_id,
        therapist_id=therapist_id,
        starts_at=start,
        ends_at=end,
        cover_id=cover,
        note_sealed=sealed,
    )
    if cover is not None:
        await _cover_rooms(tx, therapist_id, cover, start, end)
    await tx.run(
        "UPDATE calendars SET version = version + 1, changed_at = %s WHERE therapist_id = %s",
        (tx.now, therapist_id),
    )
    await tx.audit("take_leave", subject_id=therapist_id)
    await reproject_therapist(tx, therapist_id, "leave")
    return leave_id


async def _cover_rooms(
    tx: Transaction, therapist_id: UUID, cover: UUID, start: datetime, end: datetime
) -> None:
    """Cover only where the covering therapist holds a licence in the client's state: it has no override."""
    rooms = await tx.all(
        "SELECT r.id FROM rooms r JOIN clients c ON c.id = r.client_id WHERE r.therapist_id = %s"
        " AND r.state = 'open' AND EXISTS (SELECT 1 FROM licences l WHERE l.therapist_id = %s"
        " AND l.state = c.state AND l.active_from <= %s::date AND l.expires_on >= %s::date) ORDER BY r.id",
        (therapist_id, cover, start, end),
    )
    for room in rooms:
        await tx.insert(
            "covers", id=new_id(), room_id=room["id"], therapist_id=cover, starts_at=start, ends_at=end
        )
