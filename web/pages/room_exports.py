"""Taking the record of a room along: what is in it, and the download, with or without a script."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response

from api.deps import Care, InServices
from api.room_exports import archive_of
from domain.access import Action
from records import relations, room_exports
from web.pages.frame import InFrame
from web.pages.headers import header_of, other_of, place_of, reader_of
from web.pages.refusals import PageRoute
from web.views.room_exports import RoomExportView

router = APIRouter(route_class=PageRoute)


@router.get("/rooms/{room_id}/export")
async def show_export(room_id: UUID, frame: InFrame, tx: Care) -> Response:
    """What the archive holds, and the button."""
    room = await relations.readable(tx, room_id, Action.EXPORT_RECORD)
    found = await room_exports.summary(tx, room)
    view = RoomExportView(
        room_id=str(room_id),
        other=other_of(frame, await header_of(tx, room_id)),
        messages=found.messages,
        recordings=found.recordings,
        goals=found.goals,
        check_ins=found.check_ins,
        about=size_words(found.about_bytes),
    )
    here = f"/rooms/{room_id}/access" if reader_of(frame) == "client" else place_of(frame, room_id)
    return frame.page("room/export.html", view, here)


@router.post("/rooms/{room_id}/export")
async def download(room_id: UUID, tx: Care, services: InServices) -> Response:
    """The archive as a plain download, where no script shows its progress."""
    return await archive_of(services, tx, room_id)


def size_words(size: int) -> str:
    """`under 1 MB`, `about 4 MB`, `about 1.2 GB`."""
    if size < 1_000_000:
        return "under 1 MB"
    if size < 1_000_000_000:
        return f"about {round(size / 1_000_000):,} MB"
    return f"about {size / 1_000_000_000:.1f} GB"
