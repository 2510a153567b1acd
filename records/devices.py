"""A person's signed-in devices: listed, and signed out at once."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from domain.errors import NotFound
from encryption.keys import DataKey
from encryption.rooms import open_field
from records import sessions
from records.clinic import CLINIC_ID, clinic_key
from records.database import Row, Transaction
from records.relations import signed_in_actor


@dataclass(frozen=True, slots=True)
class Device:
    """A signed-in device of the actor. `this`: the one that asks."""

    id: UUID
    name: str = field(repr=False)
    signed_in_at: datetime
    last_seen_at: datetime
    this: bool


async def devices(tx: Transaction) -> list[Device]:
    """The actor's signed-in devices, the latest seen first."""
    actor = signed_in_actor(tx)
    rows = await tx.all(
        "SELECT id, name_sealed, created_at, last_seen_at FROM sessions WHERE account_id = %s"
        " AND revoked_at IS NULL AND expires_at > %s ORDER BY last_seen_at DESC, id",
        (actor.account_id, tx.now),
    )
    key = await clinic_key(tx)
    return [
        Device(
            row["id"],
            _name(key, row),
            row["created_at"],
            row["last_seen_at"],
            row["id"] == actor.session_id,
        )
        for row in rows
    ]


def _name(key: DataKey, row: Row) -> str:
    sealed = row["name_sealed"]
    return open_field(key, CLINIC_ID, "sessions", "name_sealed", row["id"], sealed) if sealed else "A device"


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
