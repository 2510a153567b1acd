"""The installation itself: its one data key, for what belongs to no client."""

from uuid import UUID

from encryption.keys import DataKey, KeyScope
from records.database import Database, Transaction

CLINIC_ID = UUID("00000000-0000-4000-8000-000000000001")
"""Owner of the clinic's own data key. One database is one clinic."""


async def ensure_clinic_key(database: Database) -> None:
    """Make the clinic's data key at first start. Safe when several processes start at once."""
    async with database.transaction() as tx:
        await tx.run("SELECT pg_advisory_xact_lock(7465002)")
        if await tx.one("SELECT 1 AS there FROM keys.data_keys WHERE scope = 'clinic'") is None:
            await tx.new_key(KeyScope.CLINIC, CLINIC_ID)


async def clinic_key(tx: Transaction) -> DataKey:
    """The clinic's opened data key."""
    return await tx.key(KeyScope.CLINIC, CLINIC_ID)
