"""Recordings as their senders make them: begun, uploaded part by part, handed over or refused, captioned, removed."""

from dataclasses import dataclass, field
from uuid import UUID

from domain.access import ReadableRoomId, WritableRoomId
from domain.errors import Conflict, FieldError, Invalid, NotFound, OffsetMismatch, TooLarge
from domain.ids import new_id
from domain.media import MAX_BYTES, MAX_UNFINISHED, MediumKind, MediumState, recorded_type
from encryption.keys import DataKey, KeyScope
from encryption.media import SealedFile
from encryption.rooms import seal_field
from records.database import Transaction


@dataclass(frozen=True, slots=True)
class Upload:
    """A recording as its sender uploads it. `received`: bytes that are here, without a gap from the first."""

    id: UUID
    room_id: UUID
    kind: MediumKind
    state: MediumState
    size: int | None
    received: int
    key: DataKey = field(repr=False)

    @property
    def complete(self) -> bool:
        """Whether every byte is here."""
        return self.size is not None and self.received == self.size

    def part(self, first_byte: int) -> SealedFile:
        """The sealed piece that begins there."""
        return SealedFile(self.room_id, self.id, f"part-{first_byte}", self.key)


async def begin(
    tx: Transaction, room: WritableRoomId, kind: MediumKind, content_type: str, size: int | None
) -> UUID:
    """A new recording of the actor's, with a key of its own; nothing of it is here yet.

    Raises TooLarge, Invalid (`wrong_kind`), Conflict (`too_many_uploads`).
    """
    if size is not None and size > MAX_BYTES:
        raise TooLarge
    found = await tx.one(
        "SELECT count(*) AS n FROM media WHERE room_id = %s AND sender_id = %s AND state = 'uploading'",
        (room.id, room.actor.account_id),
    )
    if found is not None and found["n"] >= MAX_UNFINISHED:
        raise Conflict("too_many_uploads")
    medium_id = new_id()
    await tx.insert(
        "media",
        id=medium_id,
        room_id=room.id,
        sender_id=room.actor.account_id,
        kind=kind,
        state=MediumState.UPLOADING,
        content_type=recorded_type(kind, content_type),
        size=size,
        received=0,
        version=0,
        created_at=tx.now,
    )
    await tx.new_key(KeyScope.MEDIA, medium_id)
    await tx.audit("begin_medium", room_id=room.id, subject_id=medium_id)
    return medium_id


_OWN = """
SELECT id, room_id, kind, state, size, received FROM media WHERE id = %s AND room_id = %s AND sender_id = %s
"""
_HOLD = _OWN + "FOR UPDATE"


async def upload(
    tx: Transaction, room: ReadableRoomId | WritableRoomId, medium_id: UUID, *, hold: bool = False
) -> Upload:
    """The actor's own recording. With `hold` nobody else changes it until the commit. Raises NotFound."""
    row = await tx.one(_HOLD if hold else _OWN, (medium_id, room.id, room.actor.account_id))
    if row is None:
        raise NotFound
    key = await tx.key(KeyScope.MEDIA, medium_id)
    kind, state = MediumKind(row["kind"]), MediumState(row["state"])
    return Upload(medium_id, row["room_id"], kind, state, row["size"], row["received"], key)


def expect(coming: Upload, first_byte: int, stop: int, total: int | None) -> None:
    """Whether the bytes `[first_byte, stop)` go on where the upload stands.

    Raises OffsetMismatch, TooLarge, Conflict (`medium_uploaded`), Invalid (`size_mismatch`: another total than before).
    """
    if coming.state is not MediumState.UPLOADING:
        raise Conflict("medium_uploaded")
    if first_byte != coming.received:
        raise OffsetMismatch(coming.received)
    if max(stop, total or 0) > MAX_BYTES:
        raise TooLarge
    known = coming.size if total is None else total
    if (known is not None and stop > known) or (coming.size is not None and total not in {None, coming.size}):
        raise Invalid(FieldError("Content-Range", "size_mismatch"), code="size_mismatch")


async def keep_part(tx: Transaction, coming: Upload, first_byte: int, stop: int, total: int | None) -> None:
    """A part is durable on the blob port: it counts from this commit on. The upload is held (`upload(hold=True)`)."""
    if stop > first_byte:
        await tx.insert("media_parts", medium_id=coming.id, first_byte=first_byte, size=stop - first_byte)
    await tx.run(
        "UPDATE media SET received = %s, size = coalesce(%s, size) WHERE id = %s", (stop, total, coming.id)
    )


async def parts_of(tx: Transaction, coming: Upload) -> list[tuple[SealedFile, int, int]]:
    """Every part in order, with its first byte and its size: for `integrations.blobs.sealed.read_parts`."""
    rows = await tx.all(
        "SELECT first_byte, size FROM media_parts WHERE medium_id = %s ORDER BY first_byte", (coming.id,)
    )
    return [(coming.part(row["first_byte"]), row["first_byte"], row["size"]) for row in rows]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a recording belongs, and how it stands."""

    room_id: UUID
    state: MediumState


async def standing(tx: Transaction, medium_id: UUID) -> Standing | None:
    """How a recording stands; None when it is not there."""
    row = await tx.one("SELECT room_id, state FROM media WHERE id = %s", (medium_id,))
    return None if row is None else Standing(row["room_id"], MediumState(row["state"]))


async def refusal(tx: Transaction, medium_id: UUID) -> str | None:
    """Why a recording was not taken; None when it was, or may be."""
    row = await tx.one("SELECT refused_reason FROM media WHERE id = %s", (medium_id,))
    return None if row is None else row["refused_reason"]


async def hand_over(tx: Transaction, medium_id: UUID) -> None:
    """The recording is whole and looks playable: it is made so from now on. A repeat changes nothing."""
    row = await tx.one(
        "UPDATE media SET state = 'processing', uploaded_at = %s, version = version + 1"
        " WHERE id = %s AND state = 'uploading' RETURNING room_id, version",
        (tx.now, medium_id),
    )
    if row is not None:
        await tx.tell("medium_uploaded", medium_id, row["version"])
        await tx.audit("upload_medium", room_id=row["room_id"], subject_id=medium_id)


async def refuse(tx: Transaction, medium_id: UUID, reason: str) -> bool:
    """The recording is not taken, and its parts are forgotten. False when that was decided before."""
    row = await tx.one(
        "UPDATE media SET state = 'refused', refused_reason = %s, finished_at = %s, version = version + 1"
        " WHERE id = %s AND state IN ('uploading', 'processing') RETURNING room_id",
        (reason, tx.now, medium_id),
    )
    if row is None:
        return False
    await tx.run("DELETE FROM media_parts WHERE medium_id = %s", (medium_id,))
    await tx.audit("refuse_medium", room_id=row["room_id"], subject_id=medium_id)
    return True


async def remove(tx: Transaction, room: WritableRoomId, medium_id: UUID) -> None:
    """Take back the actor's own recording. Its blobs go after the commit. Raises NotFound, Conflict (`medium_sent`)."""
    coming = await upload(tx, room, medium_id, hold=True)
    if await tx.one("SELECT 1 FROM messages WHERE media_id = %s", (medium_id,)) is not None:
        raise Conflict("medium_sent")
    await delete_rows(tx, coming.id)
    await tx.audit("remove_medium", room_id=room.id, subject_id=medium_id)


async def delete_rows(tx: Transaction, medium_id: UUID) -> None:
    """Forget a recording that is in no message; its key goes with it, by a trigger."""
    for table in ("media_parts", "media_files"):
        await tx.run(f"DELETE FROM {table} WHERE medium_id = %s", (medium_id,))  # noqa: S608  names are ours
    await tx.run("DELETE FROM media WHERE id = %s", (medium_id,))


async def save_captions(tx: Transaction, room: WritableRoomId, medium_id: UUID, text: str) -> None:
    """The words of the actor's own recording (WebVTT), sealed; an empty text removes them. Raises NotFound."""
    coming = await upload(tx, room, medium_id, hold=True)
    sealed = seal_field(coming.key, medium_id, "media", "captions", medium_id, text) if text else None
    await tx.run("UPDATE media SET captions_sealed = %s WHERE id = %s", (sealed, medium_id))
    await tx.audit("caption_medium", room_id=room.id, subject_id=medium_id)
