"""After a restore: what was erased since the backup is destroyed again before anything opens."""

import asyncio
from typing import Final

from encryption.keys import KeyRing
from encryption.ledgers import ShredLedger
from records import shreds
from records.database import Database

_WAIT_SECONDS: Final = 10
"""A worker that is destroying something right now has written it down a moment before it is gone."""


class ErasedCameBack(RuntimeError):
    """A backup was restored that still holds what was erased. `kindroom migrate` destroys it again."""

    def __init__(self, clients: int) -> None:
        super().__init__(f"{clients} erased records came back with a backup: run `kindroom migrate` first")


async def refuse_what_came_back(database: Database, ledger: ShredLedger) -> None:
    """Return when nothing did. Raises ErasedCameBack; KeyStoreRefused: the ledger is damaged, or another clinic's."""
    for _ in range(_WAIT_SECONDS):
        back = await shreds.came_back(database, ledger)
        if not back:
            return
        await asyncio.sleep(1)
    raise ErasedCameBack(len(back))


async def replay(owner_dsn: str, ring: KeyRing, ledger: ShredLedger) -> int:
    """Destroy it again, under the login that owns the schema; how many clients. Raises as `shreds.replay`."""
    owner = Database(owner_dsn, ring, size=2, name="restore")
    await owner.open()
    try:
        return await shreds.replay(owner, ledger)
    finally:
        await owner.close()
