"""Signed-in devices: who holds a token, and for how long."""

import hashlib
from datetime import timedelta
from uuid import UUID

from domain.access import Actor, Duty, Role
from domain.ids import AccountId, SessionId
from records.database import Database

_TOUCH_EVERY = timedelta(seconds=30)

_FIND = """
SELECT s.id, s.account_id, a.role, s.locked_at, s.last_seen_at < now() - %(touch)s AS stale,
       a.passcode_hash IS NOT NULL AND s.last_seen_at < now() - %(passcode_idle)s AS idle,
       coalesce((SELECT array_agg(duty) FROM duties d WHERE d.account_id = a.id), '{}') AS duties
FROM sessions s JOIN accounts a ON a.id = s.account_id
WHERE s.token_hash = %(hash)s AND s.revoked_at IS NULL AND s.expires_at > now() AND a.disabled_at IS NULL
  AND (a.role = 'client' OR s.last_seen_at > now() - %(staff_idle)s)
"""


def token_hash(token: str) -> bytes:
    """What is stored instead of a token: 256 random bits need no slow hash."""
    return hashlib.sha256(token.encode()).digest()


async def find_actor(
    database: Database, token: str, *, staff_idle: timedelta, passcode_idle: timedelta
) -> Actor | None:
    """Who holds this token now, or None. Locks the device when it was idle and has a passcode."""
    async with database.connection() as conn:
        cursor = await conn.execute(
            _FIND,
            {
                "hash": token_hash(token),
                "touch": _TOUCH_EVERY,
                "staff_idle": staff_idle,
                "passcode_idle": passcode_idle,
            },
        )
        row = await cursor.fetchone()
        if row is None:
            return None
        if row["idle"] and row["locked_at"] is None:
            await conn.execute("UPDATE sessions SET locked_at = now() WHERE id = %s", (row["id"],))
        elif row["stale"]:
            await conn.execute("UPDATE sessions SET last_seen_at = now() WHERE id = %s", (row["id"],))
    return _actor(
        row["account_id"], row["role"], row["duties"], row["id"], bool(row["locked_at"] or row["idle"])
    )


def _actor(account_id: UUID, role: str, duties: list[str], session_id: UUID, locked: bool) -> Actor:
    return Actor(
        AccountId(account_id), Role(role), frozenset(Duty(d) for d in duties), SessionId(session_id), locked
    )
