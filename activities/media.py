"""Recordings made playable by a fenced process, and removed when nobody sends them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final

from temporalio import activity

from activities.shapes.media import MadePlayable, MakePlayable, MediaSwept
from domain.errors import Conflict
from domain.media import FileName, MediumState, RecordingRefused
from encryption.keys import KeyScope
from encryption.media import SealedFile, folder_of
from integrations.blobs.port import Blobs
from integrations.blobs.sealed import read_parts, seal_into
from integrations.media.port import Made, MediaProcessor
from records import media_copies, uploads
from records.database import Database
from records.uploads import Upload

_HEARTBEAT_SECONDS: Final = 5
_SWEPT_TOGETHER: Final = 200


class MediaActivities:
    """Recordings after their upload."""

    def __init__(self, database: Database, blobs: Blobs, processor: MediaProcessor) -> None:
        self._database = database
        self._blobs = blobs
        self._processor = processor

    def all(self) -> list[Callable[..., Any]]:
        """The activities to register."""
        return [self.make_playable, self.sweep_media]

    @activity.defn
    async def make_playable(self, ask: MakePlayable) -> MadePlayable:
        """Make the copy, keep it, forget the parts. Done before, it only tells the devices again."""
        async with self._database.transaction() as tx:
            given = await media_copies.to_make(tx, ask.medium_id)
            parts = await uploads.parts_of(tx, given) if given is not None else []
        if given is not None:
            try:
                async with _alive():
                    await self._make(given, parts)
            finally:
                # The key is the worker's for as long as the work takes.
                self._database.ring.forget(KeyScope.MEDIA, given.id)
        async with self._database.transaction() as tx:
            await media_copies.announce(tx, ask.medium_id)
            standing = await uploads.standing(tx, ask.medium_id)
        if standing is None:
            return MadePlayable(None)
        folder = folder_of(standing.room_id, ask.medium_id)
        await self._blobs.delete_all(folder if standing.state is MediumState.REFUSED else f"{folder}part-")
        return MadePlayable(standing.state)

    @activity.defn
    async def sweep_media(self) -> MediaSwept:
        """Remove what was never ended, refused, or never sent, with its bytes. What a hold keeps stays."""
        async with self._database.transaction() as tx:
            found = await media_copies.abandoned(tx, _SWEPT_TOGETHER)
        removed = 0
        for room_id, medium_id in found:
            try:
                async with self._database.transaction() as tx:
                    await media_copies.forget(tx, room_id, medium_id)
            except Conflict:
                continue
            await self._blobs.delete_all(folder_of(room_id, medium_id))
            removed += 1
        return MediaSwept(removed)

    async def _make(self, given: Upload, parts: list[tuple[SealedFile, int, int]]) -> None:
        content = read_parts(self._blobs, parts, 0, given.received)
        try:
            async with self._processor.process(given.received, content, given.kind) as made:
                await self._keep(given, made)
        except RecordingRefused as refused:
            async with self._database.transaction() as tx:
                await uploads.refuse(tx, given.id, refused.code)

    async def _keep(self, given: Upload, made: Made) -> None:
        contents = {FileName.PLAY: (f"{given.kind.value}/mp4", made.play)}
        if made.poster is not None:
            contents[FileName.POSTER] = ("image/jpeg", made.poster)
        files = []
        for name, (content_type, content) in contents.items():
            file = SealedFile(given.room_id, given.id, name.value, given.key)
            files.append((name.value, content_type, await seal_into(self._blobs, file, content.chunks())))
        async with self._database.transaction() as tx:
            kept = await media_copies.keep(tx, given, made.details, files)
        if not kept:
            await self._drop_if_gone(given)

    async def _drop_if_gone(self, given: Upload) -> None:
        """It was removed while its copy was made: what was just kept is nobody's."""
        async with self._database.transaction() as tx:
            gone = await uploads.standing(tx, given.id) is None
        if gone:
            await self._blobs.delete_all(folder_of(given.room_id, given.id))


@asynccontextmanager
async def _alive() -> AsyncIterator[None]:
    """Tell Temporal every few seconds that this goes on: a killed worker's work is handed on soon."""

    async def beat() -> None:
        while True:
            activity.heartbeat()
            await asyncio.sleep(_HEARTBEAT_SECONDS)

    beating = asyncio.create_task(beat())
    try:
        yield
    finally:
        beating.cancel()
