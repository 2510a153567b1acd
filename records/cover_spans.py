"""What of a window is covered, and what is not; covers cut to other days."""

from datetime import datetime
from uuid import UUID

from domain.errors import NotFound
from domain.schedules import Span
from records.database import Transaction
from records.events import Event, EventKind


async def gap(tx: Transaction, room_id: UUID, start: datetime, end: datetime) -> Span | None:
    """What is still to come of a window and nobody covers, from the first such instant on; None when all is covered."""
    begins = max(start, tx.now)
    rows = await tx.all(
        "SELECT starts_at, ends_at FROM covers WHERE room_id = %s AND ends_at > %s AND starts_at < %s"
        " ORDER BY starts_at",
        (room_id, begins, end),
    )
    for row in rows:
        if row["starts_at"] > begins:
            return Span(begins, row["starts_at"])
        begins = max(begins, row["ends_at"])
    return Span(begins, end) if begins < end else None


async def end_early(tx: Transaction, leave_id: UUID, start: datetime, end: datetime) -> None:
    """Keep of a leave's covers what lies in [start, end); what never began is gone."""
    for row in await tx.all("SELECT DISTINCT therapist_id FROM covers WHERE leave_id = %s", (leave_id,)):
        tx.announce(Event(EventKind.DEVICES, account_id=row["therapist_id"]))
    await tx.run(
        "DELETE FROM covers WHERE leave_id = %s AND (starts_at >= %s OR ends_at <= %s)",
        (leave_id, end, start),
    )
    await tx.run(
        "UPDATE covers SET starts_at = greatest(starts_at, %s), ends_at = least(ends_at, %s) WHERE leave_id = %s",
        (start, end, leave_id),
    )


async def end_with_assignment(tx: Transaction, room_id: UUID, therapist_id: UUID) -> list[UUID]:
    """The room is this therapist's from now on: covers of others end, for whatever they were; whose they were.

    What never began is gone, what ran stays on record until now. Their streams end with it.
    """
    held = {"room": room_id, "therapist": therapist_id, "now": tx.now}
    rows = await tx.all(
        "SELECT DISTINCT therapist_id AS id FROM covers"
        " WHERE room_id = %(room)s AND therapist_id <> %(therapist)s AND ends_at > %(now)s ORDER BY 1",
        held,
    )
    await tx.run(
        "DELETE FROM covers WHERE room_id = %(room)s AND therapist_id <> %(therapist)s AND starts_at >= %(now)s",
        held,
    )
    await tx.run(
        "UPDATE covers SET ends_at = %(now)s"
        " WHERE room_id = %(room)s AND therapist_id <> %(therapist)s AND ends_at > %(now)s",
        held,
    )
    for row in rows:
        tx.announce(Event(EventKind.DEVICES, account_id=row["id"]))
    return [row["id"] for row in rows]


async def end_streams(tx: Transaction) -> int:
    """Streams of those whose cover ended by itself since the last clock audit end. How many people.

    A run takes up to a minute before it is recorded: what ended in it is looked at by the next one, some of it twice.
    """
    rows = await tx.all(
        "SELECT DISTINCT therapist_id AS id FROM covers WHERE ends_at <= %(now)s AND ends_at > greatest((SELECT max(at)"
        " FROM clock_audit_runs) - interval '1 minute', %(now)s - interval '1 day') ORDER BY 1",
        {"now": tx.now},
    )
    for row in rows:
        tx.announce(Event(EventKind.DEVICES, account_id=row["id"]))
    return len(rows)


async def tell_leave(tx: Transaction, leave_id: UUID) -> None:
    """The leave has changed: its workflow reads it again."""
    row = await tx.one("UPDATE leaves SET version = version + 1 WHERE id = %s RETURNING version", (leave_id,))
    if row is None:
        raise NotFound
    await tx.tell("leave_changed", leave_id, row["version"])
    tx.announce(Event(EventKind.BOARD))
