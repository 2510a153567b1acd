"""Playable copies of recordings: what is to be made, what was made, what is removed."""

from collections.abc import Sequence
from uuid import UUID

from domain.media import ABANDONED_AFTER, UNSENT_AFTER, Details, MediumKind, MediumState
from encryption.keys import KeyScope
from records.database import Transaction
from records.events import Event, EventKind
from records.media import seal_details
from records.uploads import Upload, delete_rows


async def to_make(tx: Transaction, medium_id: UUID) -> Upload | None:
    """A recording that waits for its copy; None when there is nothing to do any more.

    The worker's login sees the key of a recording in this state only.
    """
    row = await tx.one(
        "SELECT id, room_id, kind, state, size, received FROM media WHERE id = %s AND state = 'processing'",
        (medium_id,),
    )
    if row is None:
        return None
    key = await tx.key(KeyScope.MEDIA, medium_id)
    kind, state = MediumKind(row["kind"]), MediumState(row["state"])
    return Upload(medium_id, row["room_id"], kind, state, row["size"], row["received"], key)


async def keep(
    tx: Transaction, given: Upload, details: Details, files: Sequence[tuple[str, str, int]]
) -> bool:
    """The copy is durable on the blob port: name, type and size of each file. The parts are forgotten.

    False, and nothing is changed, when the recording is not waiting for a copy any more.
    """
    held = await tx.one("SELECT 1 FROM media WHERE id = %s AND state = 'processing' FOR UPDATE", (given.id,))
    if held is None:
        return False
    for name, content_type, size in files:
        await tx.insert("media_files", medium_id=given.id, name=name, content_type=content_type, size=size)
    await tx.run("DELETE FROM media_parts WHERE medium_id = %s", (given.id,))
    await tx.run(
        "UPDATE media SET state = 'ready', details_sealed = %s, finished_at = %s, version = version + 1"
        " WHERE id = %s",
        (seal_details(given.key, given.id, details), tx.now, given.id),
    )
    await tx.audit("make_medium_playable", room_id=given.room_id, subject_id=given.id)
    return True


async def announce(tx: Transaction, medium_id: UUID) -> None:
    """Tell the devices that hold the recording's message to read it again. After the commit that changed its state:
    a message that is posted later shows that state by itself.
    """
    row = await tx.one(
        "SELECT m.room_id, seq_of_medium(m.id) AS seq FROM media m WHERE m.id = %s", (medium_id,)
    )
    if row is not None and row["seq"] is not None:
        tx.announce(Event(EventKind.MESSAGE, room_id=row["room_id"], seq=row["seq"]))


async def abandoned(tx: Transaction, limit: int) -> list[tuple[UUID, UUID]]:
    """Room and id of recordings in no message that nobody will send: never ended, refused, or long forgotten."""
    rows = await tx.all(
        "SELECT id, room_id FROM abandoned_media(%s, %s, %s)",
        (tx.now - ABANDONED_AFTER, tx.now - UNSENT_AFTER, limit),
    )
    return [(row["room_id"], row["id"]) for row in rows]


async def forget(tx: Transaction, room_id: UUID, medium_id: UUID) -> None:
    """Remove an abandoned recording and its key. Raises Conflict when a hold keeps it, or it was sent meanwhile."""
    await delete_rows(tx, medium_id)
    await tx.audit("remove_medium", room_id=room_id, subject_id=medium_id)


async def retell(tx: Transaction) -> int:
    """Note every recording that waits for its copy; how many."""
    rows = await tx.all("SELECT id, version FROM media WHERE state = 'processing'")
    for row in rows:
        await tx.tell("medium_uploaded", row["id"], row["version"])
    return len(rows)
