"""What an erasure's workflow asks for: its standing, and the destruction step by step."""

from collections.abc import Callable
from typing import Any

from temporalio import activity

from activities.shapes.erasures import ErasureStanding, MoveErasure
from encryption.ledgers import ShredLedger
from integrations.blobs.port import Blobs
from records import erasures, shreds
from records.database import Database
from records.erasures import Standing


class ErasureActivities:
    """Steps of an erasure. Every one may be repeated, and killed at any point: the next run finishes it."""

    def __init__(self, database: Database, blobs: Blobs, ledger: ShredLedger) -> None:
        self._database = database
        self._blobs = blobs
        self._ledger = ledger

    def all(self) -> list[Callable[..., Any]]:
        """The activities to register."""
        return [
            self.read_erasure,
            self.begin_erasure,
            self.destroy_keys,
            self.destroy_blobs,
            self.forget_client,
        ]

    @activity.defn
    async def read_erasure(self, ask: MoveErasure) -> ErasureStanding:
        """How it stands, its date worked out anew."""
        async with self._database.transaction() as tx:
            return _shape(await erasures.standing(tx, ask.client_id))

    @activity.defn
    async def begin_erasure(self, ask: MoveErasure) -> ErasureStanding:
        """From here on there is no way back; unless it is not due any more."""
        async with self._database.transaction() as tx:
            return _shape(await erasures.begin(tx, ask.client_id))

    @activity.defn
    async def destroy_keys(self, ask: MoveErasure) -> None:
        """Nothing of it can be read any more, in no backup either."""
        await shreds.destroy(self._database, self._ledger, ask.client_id)

    @activity.defn
    async def destroy_blobs(self, ask: MoveErasure) -> None:
        """The files of its recordings, unreadable already, are removed."""
        async with self._database.transaction() as tx:
            rooms = await erasures.rooms_of(tx, ask.client_id)
        removed = 0
        for room_id in rooms:
            removed += await self._blobs.delete_all(f"rooms/{room_id}/")
        async with self._database.transaction() as tx:
            await erasures.count(tx, ask.client_id, blobs=removed)

    @activity.defn
    async def forget_client(self, ask: MoveErasure) -> ErasureStanding:
        """What is left of the person goes; the proof stays."""
        async with self._database.transaction() as tx:
            await erasures.finish(tx, ask.client_id)
            return _shape(await erasures.standing(tx, ask.client_id))


def _shape(found: Standing) -> ErasureStanding:
    return ErasureStanding(found.version, found.next.step, found.next.at)
