"""Recordings of a room as their readers meet them.

The bytes lie sealed on the blob port; here is what is known about them, and the keys that open them. A room's
key never opens a recording: each has a data key of its own (scope `media`, owner: the recording).
Read a `StoredFile` with `integrations.blobs.sealed.read_plain(blobs, file.sealed, file.size)`.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from domain.access import ReadableRoomId
from domain.errors import NotFound
from domain.media import Details, FileName, MediumKind, MediumState
from encryption.keys import DataKey, KeyScope
from encryption.media import SealedFile
from encryption.rooms import open_field, seal_field
from records.database import Row, Transaction, dumps
from records.opening import Opening, opening


@dataclass(frozen=True, slots=True)
class Medium:
    """A recording as the readers of its room see it. `details` when it is ready; `refused` says why it is not.

    `damaged`: its key cannot be opened, and nothing of it either.
    """

    id: UUID
    room_id: UUID
    kind: MediumKind
    state: MediumState
    details: Details | None = field(repr=False)
    poster: bool
    captions: bool
    refused: str | None
    damaged: bool = False


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file that is played or shown. `size`: bytes of plaintext."""

    sealed: SealedFile
    content_type: str
    size: int


async def room_of(tx: Transaction, medium_id: UUID) -> UUID:
    """The room a recording belongs to, so that the actor's standing to it can be asked. Raises NotFound."""
    row = await tx.one("SELECT room_of_medium(%s) AS id", (medium_id,))
    if row is None or row["id"] is None:
        raise NotFound
    room_id: UUID = row["id"]
    return room_id


_MEDIA = """
SELECT m.id, m.room_id, m.kind, m.state, m.details_sealed, m.captions_sealed IS NOT NULL AS captions,
       m.refused_reason, EXISTS (SELECT FROM media_files f WHERE f.medium_id = m.id AND f.name = 'poster') AS poster,
       k.version AS key_version, k.wrapped
FROM media m JOIN LATERAL (SELECT version, wrapped FROM keys.data_keys d
                           WHERE d.scope = 'media' AND d.owner_id = m.id ORDER BY version DESC LIMIT 1) k ON true
WHERE m.room_id = %s AND m.id = ANY (%s)
"""


async def of_messages(
    tx: Transaction, room: ReadableRoomId, stored: Opening, medium_ids: Iterable[UUID]
) -> dict[UUID, Medium]:
    """The recordings of a page of messages. The page is audited by whoever reads it."""
    wanted = list(medium_ids)
    if not wanted:
        return {}
    return {row["id"]: await _medium(tx, stored, row) for row in await tx.all(_MEDIA, (room.id, wanted))}


async def one(tx: Transaction, room: ReadableRoomId, medium_id: UUID) -> Medium:
    """One recording: to its sender at once, to others from the message on. Raises NotFound."""
    async with opening(tx, room.id) as stored:
        found = (await of_messages(tx, room, stored, [medium_id])).get(medium_id)
    if found is None or not await _shown(tx, room, medium_id):
        raise NotFound
    return found


async def stored(tx: Transaction, room: ReadableRoomId, medium_id: UUID, name: FileName) -> StoredFile:
    """A file of a recording, with what opens it. The caller audits the opening. Raises NotFound."""
    row = await tx.one(
        "SELECT f.content_type, f.size FROM media_files f JOIN media m ON m.id = f.medium_id"
        " WHERE m.id = %s AND m.room_id = %s AND m.state = 'ready' AND f.name = %s",
        (medium_id, room.id, name),
    )
    if row is None or not await _shown(tx, room, medium_id):
        raise NotFound
    key = await tx.key(KeyScope.MEDIA, medium_id)
    return StoredFile(SealedFile(room.id, medium_id, name, key), row["content_type"], row["size"])


async def stored_of_room(tx: Transaction, room: ReadableRoomId) -> list[StoredFile]:
    """Every file of every recording that was sent in the room, for its export. The caller audits it."""
    rows = await tx.all(
        "SELECT f.medium_id, f.name, f.content_type, f.size FROM media_files f JOIN media m ON m.id = f.medium_id"
        " JOIN messages s ON s.media_id = m.id WHERE m.room_id = %s AND m.state = 'ready' ORDER BY s.seq, f.name",
        (room.id,),
    )
    keys = {row["medium_id"]: await tx.key(KeyScope.MEDIA, row["medium_id"]) for row in rows}
    return [
        StoredFile(
            SealedFile(room.id, row["medium_id"], row["name"], keys[row["medium_id"]]),
            row["content_type"],
            row["size"],
        )
        for row in rows
    ]


async def captions(tx: Transaction, room: ReadableRoomId, medium_id: UUID) -> str:
    """The words of a recording. The caller audits the opening. Raises NotFound."""
    row = await tx.one(
        "SELECT captions_sealed FROM media WHERE id = %s AND room_id = %s", (medium_id, room.id)
    )
    if row is None or row["captions_sealed"] is None or not await _shown(tx, room, medium_id):
        raise NotFound
    key = await tx.key(KeyScope.MEDIA, medium_id)
    return open_field(key, medium_id, "media", "captions", medium_id, row["captions_sealed"])


def seal_details(key: DataKey, medium_id: UUID, details: Details) -> bytes:
    """Duration, size and waveform as they are kept."""
    plain = dumps([details.duration_ms, details.waveform, details.width, details.height])
    return seal_field(key, medium_id, "media", "details", medium_id, plain)


async def _shown(tx: Transaction, room: ReadableRoomId, medium_id: UUID) -> bool:
    """Whether the actor sent it, or it was sent in a message: what was not sent is nobody else's yet."""
    return (
        await tx.one(
            "SELECT 1 FROM media m WHERE m.id = %s AND (m.sender_id = %s"
            " OR EXISTS (SELECT FROM messages s WHERE s.media_id = m.id))",
            (medium_id, room.actor.account_id),
        )
        is not None
    )


async def _medium(tx: Transaction, stored: Opening, row: Row) -> Medium:
    """A recording whose duration and waveform are damaged plays without them."""
    details, damaged = None, False
    if row["details_sealed"] is not None:
        coming = tx.ring.opened(KeyScope.MEDIA, row["id"], row["key_version"], row["wrapped"])
        key = await stored.key_of(row["id"], coming)
        damaged = key is None
        plain = (
            None if key is None else stored.field("media", "details", row["id"], row["details_sealed"], key)
        )
        if plain is not None:
            duration, waveform, width, height = json.loads(plain)
            details = Details(duration, tuple(waveform), width, height)
    return Medium(
        row["id"],
        row["room_id"],
        MediumKind(row["kind"]),
        MediumState(row["state"]),
        details,
        row["poster"],
        row["captions"],
        row["refused_reason"],
        damaged,
    )
