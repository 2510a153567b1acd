"""Leave: recorded, changed and called off. The process around it is in `records.leave_steps`."""

from datetime import datetime
from uuid import UUID, uuid5

from domain.errors import Conflict, FieldError, Invalid, NotFound
from domain.ids import new_id
from domain.schedules import Span
from encryption.rooms import open_field, seal_field
from records.calendars import hold_calendars
from records.clinic import CLINIC_ID, clinic_key
from records.cover_candidates import candidates, staff_over
from records.cover_spans import end_early, tell_leave
from records.covers import withdraw
from records.database import Row, Transaction
from records.notices import notify
from records.working_hours import moved


async def take_leave(
    tx: Transaction, therapist_id: UUID, start: datetime, end: datetime, cover: UUID | None, note: str
) -> UUID:
    """Record leave; clocks move. Where a colleague is named, they cover each room that the hard filters allow.

    For the other rooms cover is looked for by the leave's own process. The note is for those who cover.
    Raises Invalid when the leave ends before it starts or is over already, or the cover is not another therapist.
    """
    if end <= start:
        raise Invalid(FieldError("to", "not_after_from"))
    if cover is not None and not await _colleague(tx, therapist_id, cover):
        raise Invalid(FieldError("cover", "unknown"))
    await hold_calendars(tx, therapist_id, [] if cover is None else [cover])
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
        recorded_at=tx.now,
    )
    if cover is not None:
        await _cover_rooms(tx, leave_id, therapist_id, cover, Span(start, end))
    await tx.audit("take_leave", subject_id=leave_id)
    await moved(tx, therapist_id, "leave")
    await tell_leave(tx, leave_id)
    return leave_id


async def change_leave(tx: Transaction, leave_id: UUID, start: datetime, end: datetime) -> None:
    """Other days. What has begun keeps its beginning; covers are cut to the new days, cover is looked for anew.

    Raises NotFound, Invalid (`not_after_from`, `in_the_past`), Conflict (`leave_over`).
    """
    await hold_calendars(tx, (await found(tx, leave_id))["therapist_id"])
    leave = await held(tx, leave_id)
    begun: bool = leave["starts_at"] <= tx.now
    start = leave["starts_at"] if begun else start
    if end <= start:
        raise Invalid(FieldError("to", "not_after_from"))
    if end <= tx.now or (not begun and start < tx.now):
        raise Invalid(FieldError("to" if end <= tx.now else "from", "in_the_past"))
    await withdraw(tx, leave_id=leave_id)
    await tx.run(
        "UPDATE leaves SET starts_at = %s, ends_at = %s, proposed_at = NULL WHERE id = %s",
        (start, end, leave_id),
    )
    await end_early(tx, leave_id, start, end)
    await tx.audit("change_leave", subject_id=leave_id)
    if leave["announced_at"] is not None:
        await _tell_clients(tx, leave, "leave_moved")
    await moved(tx, leave["therapist_id"], "leave")
    await tell_leave(tx, leave_id)


async def cancel_leave(tx: Transaction, leave_id: UUID) -> None:
    """Call it off; one that has begun ends now instead. Covers end with it, offers are taken back, people told.

    Raises NotFound, Conflict (`leave_over`). Saying it twice changes nothing.
    """
    leave = await found(tx, leave_id)
    if leave["cancelled_at"] is not None:
        return
    await hold_calendars(tx, leave["therapist_id"])
    leave = await held(tx, leave_id)
    begun: bool = leave["starts_at"] < tx.now
    asked = await tx.all(
        "SELECT therapist_id FROM cover_offers WHERE leave_id = %(leave)s AND state = 'open' UNION"
        " SELECT therapist_id FROM covers WHERE leave_id = %(leave)s AND ends_at > %(now)s ORDER BY 1",
        {"leave": leave_id, "now": tx.now},
    )
    await withdraw(tx, leave_id=leave_id)
    column = "ends_at" if begun else "cancelled_at"
    await tx.run(f"UPDATE leaves SET {column} = %s WHERE id = %s", (tx.now, leave_id))  # noqa: S608  our own name
    await end_early(tx, leave_id, leave["starts_at"], tx.now)
    await tx.audit("cancel_leave", subject_id=leave_id)
    for row in asked:
        await notify(tx, row["therapist_id"], "cover_not_needed", leave_id)
    if leave["announced_at"] is not None and not begun:
        await _tell_clients(tx, leave, "leave_called_off")
    await moved(tx, leave["therapist_id"], "leave")
    await tell_leave(tx, leave_id)


async def found(tx: Transaction, leave_id: UUID) -> Row:
    """A leave. Raises NotFound."""
    row = await tx.one("SELECT * FROM leaves WHERE id = %s", (leave_id,))
    if row is None:
        raise NotFound
    return row


async def held(tx: Transaction, leave_id: UUID) -> Row:
    """A leave that is not over, locked. Raises NotFound, Conflict (`leave_over`)."""
    row = await tx.one("SELECT * FROM leaves WHERE id = %s FOR UPDATE", (leave_id,))
    if row is None:
        raise NotFound
    if row["cancelled_at"] or row["returned_at"] or row["ends_at"] <= tx.now:
        raise Conflict("leave_over")
    return row


async def note(tx: Transaction, leave: Row) -> str:
    """The hand-over note, opened; empty when there is none. The caller audits."""
    if leave["note_sealed"] is None:
        return ""
    return str(
        open_field(
            await clinic_key(tx), CLINIC_ID, "leaves", "note_sealed", leave["id"], leave["note_sealed"]
        )
    )


async def open_rooms(tx: Transaction, therapist_id: UUID) -> list[Row]:
    """The therapist's open rooms: id, client_id, therapist_id."""
    return await tx.all(
        "SELECT id, client_id, therapist_id FROM rooms WHERE therapist_id = %s AND state = 'open' ORDER BY id",
        (therapist_id,),
    )


async def _colleague(tx: Transaction, therapist_id: UUID, cover: UUID) -> bool:
    return cover != therapist_id and bool(
        await tx.one(
            "SELECT 1 AS ok FROM therapists t JOIN accounts a ON a.id = t.id AND a.disabled_at IS NULL"
            " WHERE t.id = %s",
            (cover,),
        )
    )


async def _cover_rooms(
    tx: Transaction, leave_id: UUID, therapist_id: UUID, cover: UUID, window: Span
) -> None:
    staff = await staff_over(tx, window, cover)
    free = min((each.most_load - each.load for each in staff.profiles.values()), default=0)
    for room in await open_rooms(tx, therapist_id):
        fits = [each for each in await candidates(tx, room, staff) if each.eligible]
        if not fits or free <= 0:
            continue
        free -= 1
        await tx.insert(
            "covers",
            id=new_id(),
            room_id=room["id"],
            therapist_id=cover,
            starts_at=window.start,
            ends_at=window.end,
            leave_id=leave_id,
        )
        await notify(tx, cover, "cover_yours", leave_id)


async def _tell_clients(tx: Transaction, leave: Row, template: str) -> None:
    """A leave may change more than once: each change is news of its own."""
    news = uuid5(leave["id"], str(leave["version"]))
    for room in await open_rooms(tx, leave["therapist_id"]):
        await notify(tx, room["client_id"], template, news, room["id"])
