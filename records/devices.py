"""A person's signed-in devices: listed, and signed out at once."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.errors import NotFound
from records import sessions
from records.database import Transaction
from records.relations import signed_in_actor


@dataclass(frozen=True, slots=True)
class Device:
    """A signed-in device of the actor. `this`: the one that asks."""

    id: UUID
    name: str
    signed_in_at: datetime
    last_seen_at: datetime
    this: bool


async def devices(tx: Transaction) -> list[Device]:
    """The actor's signed-in devices, the latest seen first."""
    actor = signed_in_actor(tx)
    rows = await tx.all(
        "SELECT id, device_name, created_at, last_seen_at FROM sessions WHERE account_id = %s"
        " AND revoked_at IS NULL AND expires_at > %s ORDER BY last_seen_at DESC, id",
        (actor.account_id, tx.now),
    )
    return [
        Device(
            row["id"],
            row["device_name"],
            row["created_at"],
            row["last_seen_at"],
            row["id"] == actor.session_id,
        )
        for row in rows
    ]


async def revoke(tx: Transaction, session_id: UUID) -> None:
    """Sign a device of the actor's out: its next request and its open streams end. Raises NotFound."""
    if not await sessions.end(tx, signed_in_actor(tx).account_id, [session_id]):
        raise NotFound
    await tx.audit("revoke_device", subject_id=session_id)


async def revoke_others(tx: Transaction) -> int:
    """Sign out every device of the actor's but the one that asks. How many."""
    others = [device.id for device in await devices(tx) if not device.this]
    await sessions.end(tx, signed_in_actor(tx).account_id, others)
    for session_id in others:
        await tx.audit("revoke_device", subject_id=session_id)
    return len(others)


async def sign_out(tx: Transaction) -> None:
    """End the session that asks."""
    await revoke(tx, signed_in_actor(tx).session_id)
