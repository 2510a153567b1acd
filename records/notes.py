"""Clinical notes: drafted and signed by their author, sealed under the room's key, locked once signed."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from domain.access import ReadableRoomId, WritableRoomId
from domain.errors import Conflict, NotFound
from domain.ids import NoteId, new_id
from domain.notes import NoteKind, check_sections
from encryption.keys import KeyScope
from encryption.rooms import Sealed, seal_field
from records.database import Row, Transaction, dumps
from records.opening import Opening, opening


@dataclass(frozen=True, slots=True)
class Note:
    """A note as its readers see it. `sections` None: it cannot be opened. `signed_at` None: a draft."""

    id: UUID
    kind: NoteKind
    sections: dict[str, str] | None = field(repr=False)
    author_id: UUID
    written_at: datetime
    signed_at: datetime | None
    addendum_to: UUID | None


async def listing(tx: Transaction, room: ReadableRoomId) -> list[Note]:
    """Newest first; other people's drafts are not shown. The read is audited."""
    await tx.audit("read_notes", room_id=room.id)
    rows = await tx.all(
        "SELECT * FROM notes WHERE room_id = %s AND (signed_at IS NOT NULL OR author_id = %s)"
        " ORDER BY written_at DESC, id",
        (room.id, room.actor.account_id),
    )
    async with opening(tx, room.id) as stored:
        return [_note(stored, row) for row in rows]


async def write(
    tx: Transaction,
    room: WritableRoomId,
    kind: NoteKind,
    sections: dict[str, str],
    addendum_to: UUID | None = None,
) -> Note:
    """A new draft. An addendum belongs to a signed note of this room.

    Raises Invalid, NotFound, Conflict (`note_not_signed`).
    """
    check_sections(kind, sections)
    if addendum_to is not None and (await _row(tx, room.id, addendum_to))["signed_at"] is None:
        raise Conflict("note_not_signed")
    note_id = NoteId(new_id())
    await tx.insert(
        "notes",
        id=note_id,
        room_id=room.id,
        author_id=room.actor.account_id,
        kind=kind.value,
        body=await _sealed(tx, room.id, note_id, sections),
        written_at=tx.now,
        addendum_to=addendum_to,
    )
    await tx.audit("write_note", room_id=room.id, subject_id=note_id)
    return await _one(tx, room.id, note_id)


async def rewrite(tx: Transaction, room: WritableRoomId, note_id: UUID, sections: dict[str, str]) -> Note:
    """Change one's own draft. Raises NotFound, Conflict (`note_signed`), Invalid."""
    row = await _row(tx, room.id, note_id)
    check_sections(NoteKind(row["kind"]), sections)
    sealed = await _sealed(tx, room.id, note_id, sections)
    changed = await tx.run(
        "UPDATE notes SET body = %s, written_at = %s WHERE id = %s AND author_id = %s AND signed_at IS NULL",
        (sealed, tx.now, note_id, room.actor.account_id),
    )
    if not changed:
        raise NotFound if row["author_id"] != room.actor.account_id else Conflict("note_signed")
    await tx.audit("rewrite_note", room_id=room.id, subject_id=note_id)
    return await _one(tx, room.id, note_id)


async def sign(tx: Transaction, room: WritableRoomId, note_id: UUID) -> Note:
    """The author signs: from now on it is locked. Signing twice changes nothing.

    Raises NotFound, Conflict (`note_damaged`): nobody signs what they cannot read.
    """
    row = await _row(tx, room.id, note_id)
    if row["author_id"] != room.actor.account_id:
        raise NotFound
    if row["signed_at"] is None and (await _one(tx, room.id, note_id)).sections is None:
        raise Conflict("note_damaged")
    signed = await tx.run(
        "UPDATE notes SET signed_at = %s WHERE id = %s AND signed_at IS NULL", (tx.now, note_id)
    )
    if signed:
        await tx.audit("sign_note", room_id=room.id, subject_id=note_id)
    return await _one(tx, room.id, note_id)


async def _sealed(tx: Transaction, room_id: UUID, note_id: UUID, sections: dict[str, str]) -> Sealed:
    key = await tx.key(KeyScope.ROOM, room_id)
    return seal_field(key, room_id, "notes", "body", note_id, dumps(sections))


async def _row(tx: Transaction, room_id: UUID, note_id: UUID) -> Row:
    row = await tx.one("SELECT * FROM notes WHERE id = %s AND room_id = %s", (note_id, room_id))
    if row is None:
        raise NotFound
    return row


async def _one(tx: Transaction, room_id: UUID, note_id: UUID) -> Note:
    async with opening(tx, room_id) as stored:
        return _note(stored, await _row(tx, room_id, note_id))


def _note(stored: Opening, row: Row) -> Note:
    text = stored.field("notes", "body", row["id"], row["body"])
    return Note(
        row["id"],
        NoteKind(row["kind"]),
        None if text is None else json.loads(text),
        row["author_id"],
        row["written_at"],
        row["signed_at"],
        row["addendum_to"],
    )
