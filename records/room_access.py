"""A room opened by somebody without a part in its care: for an hour, with a purpose and a reason its client reads."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from domain.access import VisibleRoomId
from domain.ids import new_id
from domain.purposes import stated
from encryption.keys import KeyScope
from encryption.rooms import seal_field
from records import throttles
from records.database import Transaction
from records.events import Event, EventKind
from records.relations import signed_in_actor

ACCESS: Final = timedelta(minutes=60)
"""How long a recorded purpose, or broken glass, opens a room."""

OPENINGS: Final = 60
"""Nobody opens rooms in rows: so many in an hour are more than anybody reads."""

_WINDOW: Final = timedelta(hours=1)


async def open_with_purpose(tx: Transaction, room: VisibleRoomId, purpose: str, reason: str) -> UUID:
    """Open a room for a supervisor for an hour. The id of the opening. Raises TooMany."""
    who = room.actor.account_id
    await throttles.take(tx, throttles.bucket("room_access", who.bytes), OPENINGS, _WINDOW)
    code, kept = stated(purpose, reason)
    access_id = await record(tx, room.id, code, kept)
    await tx.audit("open_with_purpose", room_id=room.id, subject_id=access_id, purpose=code)
    return access_id


async def record(
    tx: Transaction, room_id: UUID, purpose: str, reason: str, *, break_glass: bool = False
) -> UUID:
    """The opening itself, for the actor. Their streams end, to begin again with this room among theirs."""
    actor, access_id = signed_in_actor(tx), new_id()
    await tx.insert(
        "room_access",
        id=access_id,
        room_id=room_id,
        account_id=actor.account_id,
        purpose=purpose,
        reason_sealed=b"",
        granted_at=tx.now,
        expires_at=tx.now + ACCESS,
        break_glass=break_glass,
    )
    key = await tx.key(KeyScope.ROOM, room_id)  # the opening itself opens the key's row policy
    sealed = seal_field(key, room_id, "room_access", "reason_sealed", access_id, reason)
    await tx.run("UPDATE room_access SET reason_sealed = %s WHERE id = %s", (sealed, access_id))
    tx.announce(Event(EventKind.DEVICES, account_id=actor.account_id))
    return access_id
