"""A room's whole record as one archive, made while it is downloaded and kept nowhere."""

from datetime import timedelta
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from api.deps import Care, InServices
from api.services import Services
from domain.access import Action, ReadableRoomId
from records import check_ins, goals, places, relations, room_exports, throttles
from records.check_ins import CheckIn
from records.database import Transaction
from reports.room_archive import RoomArchive, RoomRecord

router = APIRouter(prefix="/v1/rooms", tags=["rooms"])

_AN_HOUR = timedelta(hours=1)
_PER_HOUR = 20  # beginnings: a download that broke is begun again
_CHECK_INS = 200


@router.post("/{room_id}/export", response_class=StreamingResponse)
async def export_room(room_id: UUID, tx: Care, services: InServices) -> StreamingResponse:
    """Everything of the room in one ZIP archive: to read, to print, for programs. `X-Export-Bytes`: about how large.

    For the client, also of a closed room. Audited before the first byte, and when it is complete.
    """
    return await archive_of(services, tx, room_id)


async def archive_of(services: Services, tx: Transaction, room_id: UUID) -> StreamingResponse:
    """The answer that carries the archive. Raises NotFound, TooMany, Unreadable."""
    room = await relations.readable(tx, room_id, Action.EXPORT_RECORD)
    await throttles.take(tx, throttles.bucket("export", room.actor.account_id.bytes), _PER_HOUR, _AN_HOUR)
    record = await record_of(tx, room)
    await tx.audit("export_room", room_id=room.id, last=record.contents.last_seq)
    archive = RoomArchive(services.care, services.blobs, room.actor, record)
    return StreamingResponse(
        archive.chunks(),
        media_type="application/zip",
        headers={
            "Content-Disposition": f'attachment; filename="{record.file_name}"',
            "Cache-Control": "private, no-store",
            "X-Export-Bytes": str(record.about_bytes),
        },
    )


async def record_of(tx: Transaction, room: ReadableRoomId) -> RoomRecord:
    """What the archive will hold, but for the messages."""
    contents = await room_exports.contents(tx, room)
    files = await room_exports.files(tx, room, contents.last_seq)
    terms, said = await goals.listing(tx, room), await places.said(tx, contents.client_id)
    return RoomRecord(contents, terms, await _all_check_ins(tx, room), files, said)


async def _all_check_ins(tx: Transaction, room: ReadableRoomId) -> list[CheckIn]:
    found = await check_ins.listing(tx, room, limit=_CHECK_INS)
    while len(found) % _CHECK_INS == 0 and found:
        more = await check_ins.listing(tx, room, before=found[-1].n, limit=_CHECK_INS)
        if not more:
            break
        found += more
    return found
