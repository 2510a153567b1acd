"""Counting tries: one statement decides, so that parallel tries cannot slip through together."""

import hashlib
from datetime import datetime, timedelta

from domain.errors import TooMany
from records.database import Transaction

_TAKE = """
INSERT INTO throttles AS t (bucket, tries, window_ends_at) VALUES (%(bucket)s, 1, %(now)s + %(window)s)
ON CONFLICT (bucket) DO UPDATE
SET tries = CASE WHEN t.window_ends_at <= %(now)s THEN 1 ELSE t.tries + 1 END,
    window_ends_at = CASE WHEN t.window_ends_at <= %(now)s THEN excluded.window_ends_at ELSE t.window_ends_at END
RETURNING tries, window_ends_at
"""


def bucket(name: str, *parts: bytes) -> bytes:
    """Who tries what from where, hashed: addresses are not kept."""
    digest = hashlib.sha256(name.encode())
    for part in parts:
        digest.update(len(part).to_bytes(4, "big") + part)
    return digest.digest()


async def take(tx: Transaction, key: bytes, limit: int, window: timedelta) -> None:
    """Count one try. Commit it before the work it allows. Raises TooMany beyond `limit` in a window."""
    row = await tx.one(_TAKE, {"bucket": key, "now": tx.now, "window": window})
    assert row is not None  # noqa: S101  an upsert returns its row
    if row["tries"] > limit:
        ends_at: datetime = row["window_ends_at"]
        raise TooMany(max(ends_at - tx.now, timedelta(seconds=1)))


async def forget(tx: Transaction, key: bytes) -> None:
    """The try succeeded: earlier misses count no longer."""
    await tx.run("DELETE FROM throttles WHERE bucket = %s", (key,))


async def purge(tx: Transaction) -> int:
    """Forget windows that are over; how many."""
    return await tx.run("DELETE FROM throttles WHERE window_ends_at < %s", (tx.now,))
