"""Recordings: uploaded in parts that can be resumed, read by range through links that die."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel, Field

from api.deps import Care, InServices, SignedIn
from api.media_views import MediumOut, medium_out
from api.openings import Openings
from api.problems import problem
from api.ranges import NotSatisfiable, asked
from api.schemas import Input, ShortText
from api.services import Services
from api.uploads import finish, receive
from domain.access import Actor
from domain.errors import FieldError, Invalid, TooLarge
from domain.media import (
    MAX_BYTES,
    MAX_CAPTIONS,
    PART_BYTES,
    FileName,
    MediumKind,
    MediumState,
    check_captions,
)
from encryption.media import folder_of
from integrations.blobs.sealed import read_plain
from records import media, relations, uploads
from records.media import StoredFile

router = APIRouter(prefix="/v1", tags=["media"])
_openings: Final = Openings()
_PRIVATE: Final = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}


class MediumIn(Input):
    """A recording that begins. `size` in bytes, when it is known before the end."""

    kind: MediumKind
    content_type: ShortText
    size: Annotated[int, Field(ge=1, le=2**53)] | None = None


class BegunOut(BaseModel):
    """Where its bytes go. A part has at most `part_bytes`."""

    media_id: UUID
    offset: int = 0
    max_bytes: int = MAX_BYTES
    part_bytes: int = PART_BYTES


@router.post("/rooms/{room_id}/media", status_code=201)
async def begin_medium(room_id: UUID, body: MediumIn, tx: Care) -> BegunOut:
    """Begin an upload. Who may write in the room may send a recording there."""
    room = await relations.writable(tx, room_id)
    return BegunOut(media_id=await uploads.begin(tx, room, body.kind, body.content_type, body.size))


@router.put("/media/{medium_id}", status_code=204, response_class=Response)
async def upload_part(
    medium_id: UUID,
    request: Request,
    services: InServices,
    actor: SignedIn,
    content_range: Annotated[str | None, Header(max_length=100)] = None,
) -> Response:
    """The next bytes: 204 with `Upload-Offset`, or 202 when they were the last and the recording is taken.

    409 `offset_mismatch` says where to go on. A part counts when it is durable; a part that was cut off does not.
    """
    coming = await receive(services, actor, medium_id, content_range or "", request)
    if not coming.complete:
        return Response(status_code=204, headers={"Upload-Offset": str(coming.received)})
    state = await finish(services, actor, coming)
    answer = {"media_id": str(medium_id), "state": state.value}
    return JSONResponse(answer, 202, {"Upload-Offset": str(coming.received)})


@router.head("/media/{medium_id}", status_code=204, response_class=Response)
async def upload_offset(medium_id: UUID, tx: Care) -> Response:
    """How far one's own upload has come: `Upload-Offset`, and `Upload-Complete` (0 or 1)."""
    room = await relations.readable(tx, await media.room_of(tx, medium_id))
    coming = await uploads.upload(tx, room, medium_id)
    complete = coming.state is not MediumState.UPLOADING
    headers = {"Upload-Offset": str(coming.received), "Upload-Complete": str(int(complete)), **_PRIVATE}
    return Response(status_code=204, headers=headers)


@router.delete("/media/{medium_id}", status_code=204)
async def remove_medium(medium_id: UUID, services: InServices, actor: SignedIn) -> Response:
    """Take back one's own recording while it is in no message."""
    async with services.care.transaction(actor) as tx:
        room = await relations.writable(tx, await media.room_of(tx, medium_id))
        await uploads.remove(tx, room, medium_id)
    await services.blobs.delete_all(folder_of(room.id, medium_id))
    return Response(status_code=204)


@router.get("/media/{medium_id}/status")
async def medium_status(medium_id: UUID, services: InServices, tx: Care) -> MediumOut:
    """The recording without its bytes, with fresh links."""
    room = await relations.readable(tx, await media.room_of(tx, medium_id))
    found = await media.one(tx, room, medium_id)
    return medium_out(found, room.actor, services.links, datetime.now(UTC))


@router.put("/media/{medium_id}/captions", status_code=204)
async def save_captions(medium_id: UUID, request: Request, tx: Care) -> Response:
    """The words of one's own recording as WebVTT; an empty body removes them."""
    room = await relations.writable(tx, await media.room_of(tx, medium_id))
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > MAX_CAPTIONS:
            raise TooLarge
    try:
        text = content.decode()
    except UnicodeDecodeError:
        raise Invalid(FieldError("body", "not_webvtt"), code="not_webvtt") from None
    if text:
        check_captions(text)
    await uploads.save_captions(tx, room, medium_id, text)
    return Response(status_code=204)


@router.get("/media/{medium_id}", response_class=Response)
async def read_medium(
    medium_id: UUID,
    request: Request,
    services: InServices,
    actor: SignedIn,
    file: FileName = FileName.PLAY,
    expires: int | None = None,
    signature: Annotated[str | None, Query(max_length=100)] = None,
    wanted: Annotated[str | None, Header(alias="Range", max_length=100)] = None,
) -> Response:
    """A recording, its picture, or its words. 206 for a Range, 416 where there is none of it.

    A bearer token opens it plainly. A browser's session needs the link of the message besides: it dies after 15
    minutes, and is of no use to another account or session.
    """
    linked = None if "authorization" in request.headers else (expires, signature)
    if file is FileName.CAPTIONS:
        return await _captions(services, actor, medium_id, linked)
    stored = await _opened(services, actor, medium_id, file, linked)
    try:
        span = asked(wanted, stored.size)
    except NotSatisfiable:
        nothing = {"Content-Range": f"bytes */{stored.size}", **_PRIVATE}
        return problem(416, "Not in the file", "range_not_satisfiable", headers=nothing)
    start, stop = span or (0, stored.size)
    headers = {
        "Content-Type": stored.content_type,
        "Content-Length": str(stop - start),
        "Content-Disposition": "inline" if file is FileName.PLAY else 'attachment; filename="poster.jpg"',
        "Accept-Ranges": "bytes",
        **_PRIVATE,
    }
    if span is not None:
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{stored.size}"
    content = read_plain(services.blobs, stored.sealed, stored.size, start, stop)
    first = await anext(content, b"")  # what cannot be read is refused before the answer begins
    return StreamingResponse(_from(first, content), 206 if span else 200, headers)


async def _from(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for piece in rest:
        yield piece


Link = tuple[int | None, str | None]


async def _opened(
    services: Services, actor: Actor, medium_id: UUID, name: FileName, link: Link | None
) -> StoredFile:
    """The file, if the actor may read the room now; its opening is in the audit log when this returns."""
    opening = (actor.session_id, medium_id, name)
    async with services.care.transaction(actor) as tx:
        room = await relations.readable(tx, await media.room_of(tx, medium_id))
        _check(services, actor, medium_id, name, link)
        stored = await media.stored(tx, room, medium_id, name)
        if not _openings.known(opening):
            await tx.audit("read_media", room_id=room.id, subject_id=medium_id)
    _openings.remember(opening)
    return stored


async def _captions(services: Services, actor: Actor, medium_id: UUID, link: Link | None) -> Response:
    async with services.care.transaction(actor) as tx:
        room = await relations.readable(tx, await media.room_of(tx, medium_id))
        _check(services, actor, medium_id, FileName.CAPTIONS, link)
        text = await media.captions(tx, room, medium_id)
        await tx.audit("read_media", room_id=room.id, subject_id=medium_id)
    headers = {"Content-Disposition": 'attachment; filename="captions.vtt"', **_PRIVATE}
    return Response(text.encode(), 200, headers, media_type="text/vtt")


def _check(services: Services, actor: Actor, medium_id: UUID, file: FileName, link: Link | None) -> None:
    if link is not None:
        services.links.check(actor, medium_id, file, *link, datetime.now(UTC))
