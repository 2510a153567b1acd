"""Signed-in devices: who holds a token, and for how long."""

import hashlib
from datetime import timedelta
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import DictRow

from domain.access import Actor, Duty, Role
from domain.ids import AccountId, SessionId
from records.database import Database, Row

_TOUCH_EVERY = timedelta(seconds=30)

FIND = """
SELECT s.id AS session_id, s.account_id, a.role, s.locked_at, s.last_seen_at < now() - %(touch)s AS stale,
       a.passcode_hash IS NOT NULL AND s.last_seen_at < now() - %(passcode_idle)s AS idle,
       coalesce((SELECT array_agg(duty) FROM duties d WHERE d.account_id = a.id), '{}') AS duties
FROM sessions s JOIN accounts a ON a.id = s.account_id
WHERE s.token_hash = %(hash)s AND s.revoked_at IS NULL AND s.expires_at > now() AND a.disabled_at IS NULL
  AND (a.role = 'client' OR s.last_seen_at > now() - %(staff_idle)s)
"""
"""The session of a token; its parameters come from `asked`, its row goes to `actor_of`."""


def token_hash(token: str) -> bytes:
    """What is stored instead of a token: 256 random bits need no slow hash."""
    return hashlib.sha256(token.encode()).digest()


def asked(token: str, staff_idle: timedelta, passcode_idle: timedelta) -> dict[str, Any]:
    """The parameters of `FIND`."""
    return {
        "hash": token_hash(token),
        "touch": _TOUCH_EVERY,
        "staff_idle": staff_idle,
        "passcode_idle": passcode_idle,
    }


async def find_actor(
    database: Database, token: str, *, staff_idle: timedelta, passcode_idle: timedelta
) -> Actor | None:
    """Who holds this token now, or None. Locks the device when it was idle and has a passcode."""
    async with database.connection() as conn:
        cursor = await conn.execute(FIND, asked(token, staff_idle, passcode_idle))
        row = await cursor.fetchone()
        return None if row is None else await actor_of(conn, row)


async def actor_of(conn: AsyncConnection[DictRow], row: Row) -> Actor:
    """The person of a row of `FIND`. An idle device is locked; now and then it is noted that it was seen."""
    session_id = row["session_id"]
    if row["idle"] and row["locked_at"] is None:
        await conn.execute("UPDATE sessions SET locked_at = now() WHERE id = %s", (session_id,))
    elif row["stale"]:
        await conn.execute("UPDATE sessions SET last_seen_at = now() WHERE id = %s", (session_id,))
    return Actor(
        AccountId(row["account_id"]),
        Role(row["role"]),
        frozenset(Duty(duty) for duty in row["duties"]),
        SessionId(session_id),
        bool(row["locked_at"] or row["idle"]),
    )
