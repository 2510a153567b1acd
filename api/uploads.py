"""The bytes of an upload: read as they come, sealed off the event loop, kept by one of those who send the same part."""

import asyncio
from collections.abc import AsyncIterator
from typing import Final
from uuid import UUID

from fastapi import Request
from starlette.requests import ClientDisconnect

from api.ranges import SentRange, sent
from api.services import Services
from domain.access import Actor
from domain.errors import FieldError, Invalid, TooLarge
from domain.media import MIB, PART_BYTES, MediumState, RecordingRefused, Refusal
from encryption.media import MediaSealer, folder_of
from integrations.blobs.sealed import read_parts
from records import media, relations, uploads
from records.database import Transaction
from records.uploads import Upload

_SLOWEST: Final = 120  # seconds that the bytes of one part may take
_ENDS: Final = 8 * MIB  # bytes at either end that are looked at: more than the tables of a recording take


async def receive(
    services: Services, actor: Actor, medium_id: UUID, content_range: str, request: Request
) -> Upload:
    """Take a part. When this returns it is durable and counted.

    No connection is held while the bytes come. Of two who send the same part the second is told where to go on.
    Raises OffsetMismatch, TooLarge, Invalid, Conflict (`medium_uploaded`), NotFound.
    """
    async with services.care.transaction(actor) as tx:
        coming = await _own(tx, medium_id)
        part = sent(content_range)
        if coming.complete and part.total == coming.size and coming.state is not MediumState.UPLOADING:
            return coming  # it was ended before: the answer to that was lost
        uploads.expect(coming, part.start, part.stop, part.total)
    if part.length > PART_BYTES:
        raise TooLarge("part_too_large")
    async with services.lanes.coming:
        sealed = await _sealed(request, coming, part) if part.length else []
        async with services.lanes.keeping, services.care.transaction(actor) as tx:
            coming = await _own(tx, medium_id, hold=True)
            uploads.expect(coming, part.start, part.stop, part.total)
            if sealed:
                await services.blobs.put(coming.part(part.start).blob, _each(sealed))
            await uploads.keep_part(tx, coming, part.start, part.stop, part.total)
            return await _own(tx, medium_id)


async def finish(services: Services, actor: Actor, coming: Upload) -> MediumState:
    """A whole recording: looked at, and handed over to be made playable; how it stands.

    Raises RecordingRefused, and Unavailable: ended once more (`bytes */TOTAL`) it is looked at again.
    """
    if coming.state is MediumState.UPLOADING:
        await _look(services, actor, coming)
    async with services.care.transaction(actor) as tx:
        await _own(tx, coming.id)
        await uploads.hand_over(tx, coming.id)
        standing = await _own(tx, coming.id)
        refused = await uploads.refusal(tx, coming.id)
    if refused is not None:
        raise RecordingRefused(Refusal(refused))
    return standing.state


async def _look(services: Services, actor: Actor, coming: Upload) -> None:
    async with services.care.transaction(actor) as tx:
        parts = await uploads.parts_of(tx, coming)
    ends = [(0, min(_ENDS, coming.received))]
    if coming.received > _ENDS:
        ends.append((max(_ENDS, coming.received - _ENDS), coming.received))

    async def sparse() -> AsyncIterator[tuple[int, bytes]]:
        for start, stop in ends:
            at = start
            async for piece in read_parts(services.blobs, parts, start, stop):
                yield at, piece
                at += len(piece)

    try:
        await services.recordings.probe(coming.received, sparse(), coming.kind)
    except RecordingRefused as refused:
        async with services.care.transaction(actor) as tx:
            await uploads.refuse(tx, coming.id, refused.code)
        await services.blobs.delete_all(folder_of(coming.room_id, coming.id))
        raise


async def _own(tx: Transaction, medium_id: UUID, *, hold: bool = False) -> Upload:
    room = await relations.writable(tx, await media.room_of(tx, medium_id))
    return await uploads.upload(tx, room, medium_id, hold=hold)


async def _each(pieces: list[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


async def _sealed(request: Request, coming: Upload, part: SentRange) -> list[bytes]:
    """The part's body in pieces, sealed while it comes. Raises Invalid unless it has as many bytes as it says."""
    file = coming.part(part.start)
    sealer = MediaSealer(file.key, file.place)
    sealed, pending, count = list[bytes](), bytearray(), 0
    try:
        async with asyncio.timeout(_SLOWEST):
            async for chunk in request.stream():
                count += len(chunk)
                if count > part.length:
                    break
                pending += chunk
                if len(pending) >= MIB:
                    sealed.append(await asyncio.to_thread(sealer.add, bytes(pending)))
                    pending.clear()
    except (ClientDisconnect, TimeoutError):
        raise Invalid(FieldError("body", "cut_off"), code="cut_off") from None
    if count != part.length:
        raise Invalid(FieldError("Content-Range", "size_mismatch"), code="size_mismatch")
    sealed.append(await asyncio.to_thread(sealer.add, bytes(pending)))
    sealed.append(sealer.finish())
    return sealed
