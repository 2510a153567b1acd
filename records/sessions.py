"""Signed-in devices: who holds a token, and for how long."""

import hashlib
from collections.abc import Collection
from datetime import timedelta
from typing import Any, LiteralString
from uuid import UUID

from domain.access import Actor, Duty, Role
from domain.ids import AccountId, SessionId
from records.database import Database, Row, Transaction
from records.events import Event, EventKind

_TOUCH_EVERY = timedelta(seconds=10)
"""So much earlier than its time may an idle device be locked, never later."""

FIND = """
SELECT s.id AS session_id, s.account_id, a.role, a.role = 'client' AND EXISTS (
           SELECT 1 FROM clients c WHERE c.id = a.id AND c.sealed_at IS NOT NULL) AS sealed,
       s.locked_at, s.last_seen_at < now() - asked.touch AS stale,
       a.passcode_hash IS NOT NULL AND s.last_seen_at < now() - asked.passcode_idle AS idle,
       coalesce((SELECT array_agg(duty) FROM duties d WHERE d.account_id = a.id), '{}') AS duties
FROM sessions s JOIN accounts a ON a.id = s.account_id
WHERE s.token_hash = decode(asked.hash, 'hex') AND s.revoked_at IS NULL AND s.expires_at > now()
  AND a.disabled_at IS NULL AND (a.role = 'client' OR s.last_seen_at > now() - asked.staff_idle)
"""
"""The session of a token that `asked` holds, as `ASKED` reads it. Its row goes to `actor_of`."""

ASKED = """
jsonb_to_recordset(%(asked)s::jsonb)
    AS asked(n int, hash text, touch interval, passcode_idle interval, staff_idle interval, room uuid)
"""
_WHO = f"SELECT asked.n, who.* FROM {ASKED} LEFT JOIN LATERAL ({FIND}) who ON true"  # noqa: S608  both parts are ours


def token_hash(token: str) -> bytes:
    """What is stored instead of a token: 256 random bits need no slow hash."""
    return hashlib.sha256(token.encode()).digest()


def asked(token: str, staff_idle: timedelta, passcode_idle: timedelta) -> dict[str, Any]:
    """What `ASKED` reads."""
    return {
        "hash": token_hash(token).hex(),
        "touch": _TOUCH_EVERY,
        "staff_idle": staff_idle,
        "passcode_idle": passcode_idle,
    }


async def find_actor(
    database: Database, token: str, *, staff_idle: timedelta, passcode_idle: timedelta, active: bool = True
) -> Actor | None:
    """Who holds this token now, or None. Locks the device when it was idle and has a passcode.

    `active`: a person asks. What a page or an app asks for by itself keeps no device open.
    """
    row = await database.together(_WHO, asked(token, staff_idle, passcode_idle))
    return await actor_of(database, row, active=active)


async def actor_of(database: Database, row: Row, *, active: bool = True) -> Actor | None:
    """The person of a row of `FIND`. An idle device is locked; now and then it is noted that it was seen."""
    session_id = row["session_id"]
    if session_id is None:
        return None
    if row["idle"] and row["locked_at"] is None:
        await _note(database, "UPDATE sessions SET locked_at = now() WHERE id = %s", session_id)
        database.announce([Event(EventKind.DEVICES, account_id=row["account_id"])])  # its streams end, too
    elif row["stale"] and active:
        await _note(database, "UPDATE sessions SET last_seen_at = now() WHERE id = %s", session_id)
    return Actor(
        AccountId(row["account_id"]),
        Role(row["role"]),
        frozenset(Duty(duty) for duty in row["duties"]),
        SessionId(session_id),
        bool(row["locked_at"] or row["idle"]),
        row["sealed"],
    )


async def _note(database: Database, statement: LiteralString, session_id: UUID) -> None:
    async with database.connection() as conn:
        await conn.execute(statement, (session_id,))


_SPENT = """
SELECT s.id FROM sessions s JOIN accounts a ON a.id = s.account_id WHERE s.id = ANY (%(sessions)s) AND (
    s.revoked_at IS NOT NULL OR s.expires_at <= now() OR s.locked_at IS NOT NULL OR a.disabled_at IS NOT NULL
    OR a.passcode_hash IS NOT NULL AND s.last_seen_at <= now() - %(passcode_idle)s
    OR a.role <> 'client' AND s.last_seen_at <= now() - %(staff_idle)s)
"""


async def spent(
    database: Database, sessions: Collection[UUID], *, staff_idle: timedelta, passcode_idle: timedelta
) -> set[UUID]:
    """Those of these sessions that a request would not be answered under any more: ended, locked or idle."""
    asking = {"sessions": list(sessions), "staff_idle": staff_idle, "passcode_idle": passcode_idle}
    async with database.connection() as conn:
        rows = await (await conn.execute(_SPENT, asking)).fetchall()
    return {row["id"] for row in rows}


async def end(tx: Transaction, account_id: UUID, sessions: Collection[UUID]) -> int:
    """End sessions of one account, at once: requests, streams, and being woken by push. How many were alive."""
    ended = await tx.run(
        "UPDATE sessions SET revoked_at = %s WHERE id = ANY (%s) AND account_id = %s AND revoked_at IS NULL",
        (tx.now, list(sessions), account_id),
    )
    if ended:
        tx.announce(Event(EventKind.DEVICES, account_id=account_id))
    return ended
