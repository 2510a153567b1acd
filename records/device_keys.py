"""The key under which a browser seals what it must keep while there is no connection."""

from domain.access import Actor
from records.clinic import clinic_key
from records.database import Transaction


async def device_key(tx: Transaction, actor: Actor) -> bytes:
    """32 bytes that belong to this session: no other session gets them, and none once it has ended."""
    return (await clinic_key(tx)).derive(f"device {actor.session_id}")
