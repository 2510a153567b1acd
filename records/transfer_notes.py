"""The note that goes over with a client: written by the former therapist, read by the next, chased until then."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from domain.errors import Conflict, FieldError, Invalid, NotFound
from encryption.keys import KeyScope
from encryption.rooms import open_field, seal_field
from records.database import Row, Transaction
from records.notices import notify, notify_lead
from records.relations import signed_in_actor

RAISED_AFTER: Final = timedelta(days=1)
"""So long after it was due the supervisors hear of a note that is missing [policy]."""


@dataclass(frozen=True, slots=True)
class TransferNote:
    """A transfer as one of its two therapists sees it. `text` None: not written yet."""

    id: UUID
    client_code: str
    mine_to_write: bool
    other: str
    to_room_id: UUID
    history_shared: bool
    at: datetime
    due_at: datetime
    written_at: datetime | None
    text: str | None = field(repr=False)


async def owed(tx: Transaction) -> list[Row]:
    """Notes that the actor owes, the one that is due first at the top."""
    return await tx.all(
        "SELECT t.id, k.code AS client_code, t.at, t.note_due_at FROM room_transfers t"
        " JOIN clients k ON k.id = t.client_id"
        " WHERE t.from_therapist_id = %s AND t.note_at IS NULL AND k.sealed_at IS NULL ORDER BY t.note_due_at, t.id",
        (signed_in_actor(tx).account_id,),
    )


async def read(tx: Transaction, transfer_id: UUID) -> TransferNote:
    """The transfer, with its note, for the therapist who writes it and for the one in charge now. Audited.

    Raises NotFound for everybody else.
    """
    row = await _mine(tx, transfer_id)
    text = None
    if row["note_sealed"]:
        key = await tx.key(KeyScope.CHART, row["client_id"])
        text = open_field(
            key, row["client_id"], "room_transfers", "note_sealed", transfer_id, row["note_sealed"]
        )
    await tx.audit("read_transfer", room_id=row["to_room_id"], subject_id=transfer_id)
    me = signed_in_actor(tx).account_id
    writes = row["from_therapist_id"] == me
    return TransferNote(
        transfer_id,
        row["client_code"],
        writes,
        row["to_name"] if writes else row["from_name"],
        row["to_room_id"],
        row["history_shared"],
        row["at"],
        row["note_due_at"],
        row["note_at"],
        text,
    )


async def of_room(tx: Transaction, room_id: UUID) -> UUID | None:
    """The transfer by which a room began, for its therapist; None where it began without one."""
    row = await tx.one(
        "SELECT id FROM room_transfers WHERE to_room_id = %s AND to_therapist_id = %s",
        (room_id, signed_in_actor(tx).account_id),
    )
    return row["id"] if row else None


async def write(tx: Transaction, transfer_id: UUID, text: str) -> None:
    """Hand the note over: it is signed with that and not changed any more. The next therapist is told.

    Raises NotFound, Conflict (`note_written`), Invalid (`text` `required`).
    """
    if not text.strip():
        raise Invalid(FieldError("text", "required"))
    row = await _mine(tx, transfer_id)
    if row["from_therapist_id"] != signed_in_actor(tx).account_id:
        raise NotFound
    key = await tx.key(KeyScope.CHART, row["client_id"])
    sealed = seal_field(key, row["client_id"], "room_transfers", "note_sealed", transfer_id, text.strip())
    written = await tx.run(
        "UPDATE room_transfers SET note_sealed = %s, note_at = %s WHERE id = %s AND note_at IS NULL",
        (sealed, tx.now, transfer_id),
    )
    if not written:
        raise Conflict("note_written")
    await tx.audit("write_transfer_note", room_id=row["to_room_id"], subject_id=transfer_id)
    await notify(tx, row["to_therapist_id"], "transfer_note_ready", transfer_id, row["to_room_id"])


async def chase(tx: Transaction) -> int:
    """Remind the former therapist once a note is due, and tell the supervisors a day later. How many were told."""
    late = await tx.all(
        "UPDATE room_transfers SET reminded_at = %(now)s WHERE note_at IS NULL AND reminded_at IS NULL"
        " AND note_due_at <= %(now)s RETURNING id, from_therapist_id",
        {"now": tx.now},
    )
    for row in late:
        await notify(tx, row["from_therapist_id"], "transfer_note_missing", row["id"])
    missing = await tx.all(
        "UPDATE room_transfers SET raised_at = %(now)s WHERE note_at IS NULL AND raised_at IS NULL"
        " AND note_due_at <= %(now)s - %(after)s RETURNING id, to_room_id",
        {"now": tx.now, "after": RAISED_AFTER},
    )
    for row in missing:
        await notify_lead(tx, "transfer_note_late", row["id"], row["to_room_id"])
    return len(late) + len(missing)


async def _mine(tx: Transaction, transfer_id: UUID) -> Row:
    row = await tx.one(
        "SELECT t.*, k.code AS client_code, f.display_name AS from_name, n.display_name AS to_name"
        " FROM room_transfers t JOIN clients k ON k.id = t.client_id JOIN rooms r ON r.id = t.to_room_id"
        " JOIN accounts f ON f.id = t.from_therapist_id JOIN accounts n ON n.id = r.therapist_id"
        " WHERE t.id = %(id)s AND k.sealed_at IS NULL AND %(me)s IN (t.from_therapist_id, r.therapist_id)",
        {"id": transfer_id, "me": signed_in_actor(tx).account_id},
    )
    if row is None:
        raise NotFound
    return row
