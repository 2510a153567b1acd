"""A database that lives one transaction: the whole history of the demo clinic is committed at once, or not at all.

The product's own functions open transactions as they always do; here they share one connection, at an instant of
the story instead of the present. What fails, fails as a whole: a crash leaves nothing behind, and seeding is
repeated from the beginning.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime

from psycopg import AsyncConnection
from psycopg.rows import DictRow, dict_row

from domain.access import Actor
from encryption.keys import KeyRing
from records.database import Database, Transaction
from records.events import Event


class Past(Database):
    """One connection, one transaction. `now` is the instant the story has come to (UTC)."""

    def __init__(self, conn: AsyncConnection[DictRow], ring: KeyRing, now: datetime) -> None:
        self._conn, self._ring = conn, ring
        self.present = self.now = now
        self._acting: tuple[str, str] | None = None

    @contextmanager
    def at(self, instant: datetime) -> Iterator[datetime]:
        """Let everything inside happen at `instant`, never later than the present."""
        before, self.now = self.now, min(instant, self.present)
        try:
            yield self.now
        finally:
            self.now = before

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[AsyncConnection[DictRow]]:
        """The one connection, for statements that say themselves who acts."""
        self._acting = None
        yield self._conn

    @asynccontextmanager
    async def transaction(
        self, actor: Actor | None = None, at: datetime | None = None
    ) -> AsyncIterator[Transaction]:
        """A part of the one transaction, at the story's instant. Nobody is told: no device is connected to the past."""
        acting = (str(actor.account_id), actor.role.value) if actor else ("", "system")
        if acting != self._acting:
            await self._conn.execute(
                "SELECT set_config('kindroom.actor', %s, true), set_config('kindroom.role', %s, true)", acting
            )
            self._acting = acting
        yield Transaction(self._conn, actor, at or self.now, self._ring)

    def announce(self, events: list[Event]) -> None:
        """Nobody listens."""


@asynccontextmanager
async def past(dsn: str, ring: KeyRing, now: datetime | None = None) -> AsyncIterator[Past]:
    """The story's database, on the owner's login: one history is written by every hand of the clinic.

    `now` is the present of the story, the database's own unless a test chooses an hour.
    Commits when the block ends well. Raises psycopg's errors as they come.
    """
    connected = await AsyncConnection.connect(dsn, row_factory=dict_row, autocommit=True)
    async with connected as conn, conn.transaction():
        cursor = await conn.execute("SELECT now() AS now")
        row = await cursor.fetchone()
        assert row is not None  # noqa: S101  a SELECT without FROM has one row
        yield Past(conn, ring, now or row["now"].astimezone(UTC))
