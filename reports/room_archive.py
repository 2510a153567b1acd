"""An exported room as one archive: a page to read, documents for programs, recordings; made while it is downloaded.

Messages are read twice, once for the page and once for the documents: nothing is held beyond one page of them.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from domain.access import Actor
from domain.errors import NotFound
from domain.media import FileName
from domain.places import Place
from domain.zones import zone
from encryption.errors import Unreadable
from integrations.blobs.port import BlobMissing, Blobs
from integrations.blobs.sealed import read_plain
from records import media, room_exports
from records.audit import note_damage
from records.check_ins import CheckIn
from records.database import Database
from records.goals import Goal
from records.room_exports import Contents, Exported, File
from reports.room_documents import (
    MessagesDocument,
    check_ins_document,
    goals_document,
    places_document,
    readme,
)
from reports.room_pages import SEARCH, RecordingFile, RoomPage
from reports.zip_stream import ZipStream

_KINDS: Final = {"audio": "voice", "video": "video"}
_ENDINGS: Final = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}


@dataclass(frozen=True, slots=True)
class RoomRecord:
    """What goes into the archive beside the messages, which are read as they are written."""

    contents: Contents
    goals: list[Goal]
    check_ins: list[CheckIn]
    files: list[File]
    places: tuple[Place, ...]

    @property
    def file_name(self) -> str:
        """What the archive is called: no name, no code."""
        return f"kindroom-room-{self.contents.at.astimezone(zone(self.contents.client_zone)):%Y-%m-%d}.zip"

    @property
    def about_bytes(self) -> int:
        """How large the archive will be, roughly: for a progress bar."""
        messages = sum(month.messages for month in self.contents.months)
        media_bytes = sum(file.size for file in self.files)
        return room_exports.about_bytes(messages, self.contents.bodies, media_bytes)


class RoomArchive:
    """Writes the archive of one room for one actor, whose access is asked for again with every page."""

    def __init__(self, database: Database, blobs: Blobs, actor: Actor, record: RoomRecord) -> None:
        self._database, self._blobs, self._actor, self._record = database, blobs, actor, record
        self._zip = ZipStream(record.contents.at.astimezone(zone(record.contents.client_zone)))
        self._recordings: dict[UUID, RecordingFile] = {}
        self._damaged: set[UUID] = set()

    async def chunks(self) -> AsyncIterator[bytes]:
        """The archive's bytes. Raises NotFound or Unauthenticated when the access ends: what was sent is no archive."""
        async for chunk in self._recorded():
            yield chunk
        page = RoomPage(self._record.contents, self._actor.account_id, self._recordings)
        document = MessagesDocument(self._record.contents, self._recordings)
        goals, check_ins = self._record.goals, self._record.check_ins
        entries = {
            "index.html": self._written(lambda: page.begin(goals, check_ins), page.messages, page.end),
            "messages.json": self._written(document.begin, document.messages, document.end),
            "goals.json": _whole(goals_document(goals)),
            "check-ins.json": _whole(check_ins_document(check_ins)),
            "places.json": _whole(places_document(self._record.places)),
            "search.js": _whole(SEARCH.read_bytes()),
            "README.txt": _whole(readme(self._record.contents)),
        }
        for name, parts in entries.items():
            async for chunk in self._zip.add(name, parts):
                yield chunk
        await self._note_end()
        yield self._zip.end()

    async def _recorded(self) -> AsyncIterator[bytes]:
        """Recordings first: the page names those that were there. One that cannot be opened is left out."""
        for file, path in _named(self._record):
            parts = await self._opened(file)
            if parts is None:
                continue
            async for chunk in self._zip.add(path, parts, packed=False, size=file.size):
                yield chunk
            known = self._recordings.get(file.media_id, RecordingFile(None))
            changed = {"poster": path} if file.name == FileName.POSTER else {"path": path}
            self._recordings[file.media_id] = replace(known, **changed)

    async def _opened(self, file: File) -> AsyncIterator[bytes] | None:
        """The file's plaintext, if its first piece opens."""
        async with self._database.transaction(self._actor) as tx:
            room = await room_exports.still_readable(tx, self._record.contents.room_id)
            try:
                stored = await media.stored(tx, room, file.media_id, FileName(file.name))
            except (NotFound, Unreadable):
                return None
        parts = read_plain(self._blobs, stored.sealed, stored.size)
        try:
            first = await anext(parts, b"")
        except (BlobMissing, Unreadable):
            return None
        return _joined(first, parts)

    async def _written(
        self,
        begin: Callable[[], bytes],
        write: Callable[[Iterable[Exported]], bytes],
        end: Callable[[], bytes],
    ) -> AsyncIterator[bytes]:
        """One file of all messages, opened and written a page at a time, off the event loop."""
        yield await asyncio.to_thread(begin)
        seq, last = 0, self._record.contents.last_seq
        while seq < last:
            async with self._database.transaction(self._actor) as tx:
                page = await room_exports.page(tx, self._record.contents.room_id, seq, last)
            yield await asyncio.to_thread(lambda page=page: write(page.opened()))  # type: ignore[misc]
            self._damaged |= page.stored.damaged
            seq = page.last_seq
        yield end()

    async def _note_end(self) -> None:
        """Audited once more, with what was damaged, before the last bytes, which make the archive whole."""
        contents = self._record.contents
        async with self._database.transaction(self._actor) as tx:
            await room_exports.still_readable(tx, contents.room_id)
            await note_damage(tx, contents.room_id, self._damaged)
            await tx.audit("export_room_finished", room_id=contents.room_id, last=contents.last_seq)


async def _joined(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for piece in rest:
        yield piece


async def _whole(content: bytes) -> AsyncIterator[bytes]:
    yield content


def _named(record: RoomRecord) -> Iterable[tuple[File, str]]:
    """Each file and its path: day and kind, numbered. A name says nothing more."""
    here = zone(record.contents.client_zone)
    numbers: Counter[str] = Counter()
    stems: dict[UUID, str] = {}
    for file in record.files:
        if file.media_id not in stems:
            day = f"{file.sent_at.astimezone(here):%Y-%m-%d}-{_KINDS[file.kind]}"
            numbers[day] += 1
            stems[file.media_id] = f"{day}-{numbers[day]}"
        yield file, f"media/{stems[file.media_id]}.{_ENDINGS.get(file.content_type, 'mp4')}"
