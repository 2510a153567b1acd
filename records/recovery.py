"""When Temporal's store is new, every living promise is told again. Facts are in PostgreSQL, so nothing is lost."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from records import (
    claims,
    clocks,
    coverages,
    erasures,
    journeys,
    leave_steps,
    matches,
    media_copies,
    messaging_sessions,
    plans,
    reprojections,
    risk,
    rosters,
    waiting_lists,
)
from records.database import Transaction

RETELL: tuple[Callable[[Transaction], Awaitable[int]], ...] = (
    journeys.retell,
    coverages.retell,
    matches.retell,
    clocks.retell,
    reprojections.retell,
    waiting_lists.retell,
    plans.retell,
    messaging_sessions.retell,
    claims.retell,
    risk.retell,
    leave_steps.retell,
    media_copies.retell,
    erasures.retell,
    rosters.retell,
)


async def retell_if_new(tx: Transaction, store_id: UUID) -> int | None:
    """Compare the Temporal store's id with the last one seen; if it is another, tell everything again.

    How many notes were written, or None when the store is the known one.
    """
    await tx.run("SELECT pg_advisory_xact_lock(7465004)")
    known = await tx.one("SELECT store_id FROM temporal_store")
    if known is not None and known["store_id"] == store_id:
        return None
    await tx.run(
        'INSERT INTO temporal_store ("only", store_id, seen_at) VALUES (true, %s, %s)'
        ' ON CONFLICT ("only") DO UPDATE SET store_id = excluded.store_id, seen_at = excluded.seen_at',
        (store_id, tx.now),
    )
    return await retell_all(tx)


async def retell_all(tx: Transaction) -> int:
    """Write an outbox note for every living promise; workflows that know them ignore the repeat."""
    return sum([await tell(tx) for tell in RETELL])
