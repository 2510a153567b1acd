"""Opening what a room holds: what is damaged stands as None among the rest, and whoever runs the service is told.

Everything that is shown of a room is opened here. A key that is missing, of another version, or away is no damage:
those are raised.
"""

from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from uuid import UUID

from encryption.errors import Damaged
from encryption.keys import DataKey, KeyScope
from encryption.rooms import Opened, open_field, open_message
from records.audit import note_damage
from records.database import Transaction


class Opening:
    """Opens piece by piece under one key. `damaged`: ids of messages, notes and the like that did not open."""

    def __init__(self, key: DataKey) -> None:
        self._key = key
        self.damaged: set[UUID] = set()

    def message(self, message_id: UUID, sender_id: UUID | None, kind: str, body: bytes) -> Opened | None:
        """A message's text. Raises Unreadable for another version of the key."""
        try:
            return open_message(self._key, self._key.owner_id, message_id, sender_id, kind, body)
        except Damaged:
            self.damaged.add(message_id)
            return None

    def field(
        self, table: str, column: str, row_id: UUID, sealed: bytes, key: DataKey | None = None
    ) -> Opened | None:
        """One column of one row, of something with a `key` of its own perhaps. Raises Unreadable as `message`."""
        key = key or self._key
        try:
            return open_field(key, key.owner_id, table, column, row_id, sealed)
        except Damaged:
            self.damaged.add(row_id)
            return None

    async def key_of(self, subject: UUID, coming: Awaitable[DataKey]) -> DataKey | None:
        """The key of something in the room. Raises KeyMissing, Unavailable."""
        try:
            return await coming
        except Damaged:
            self.damaged.add(subject)
            return None


@asynccontextmanager
async def opening(
    tx: Transaction, room_id: UUID, scope: KeyScope = KeyScope.ROOM, owner_id: UUID | None = None
) -> AsyncIterator[Opening]:
    """Open with the room's key, or with another one, what belongs to the room; what was damaged is noted at the end.

    Raises KeyMissing, Unavailable, and Damaged when it is the key itself.
    """
    stored = Opening(await tx.key(scope, owner_id or room_id))
    yield stored
    await note_damage(tx, room_id, stored.damaged)
