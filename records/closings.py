"""The end of care, whenever the client wishes: the room is closed and kept, what was running ends, people are told."""

from uuid import UUID

from domain.errors import Conflict
from records import covers, journeys, pauses
from records.cover_spans import end_with_assignment
from records.database import Transaction
from records.events import Event, EventKind
from records.locks import lock_room
from records.notices import notify, notify_lead
from records.rooms import close_room


async def end_care(tx: Transaction, client_id: UUID) -> None:
    """The client leaves. Their rooms stay for them to read; therapist and supervisors are told.

    An open risk flag stays open, with those who answer for it. Raises NotFound, Conflict (`journey_closed`).
    """
    await journeys.hold(tx, client_id)
    gone = await tx.one("SELECT 1 AS yes FROM clients WHERE id = %s AND closed_at IS NOT NULL", (client_id,))
    if gone is not None:
        raise Conflict("journey_closed")
    rooms = await tx.all(
        "SELECT id FROM rooms WHERE client_id = %s AND state = 'open' ORDER BY id", (client_id,)
    )
    for room in rooms:
        await _close(tx, room["id"])
    await journeys.close(tx, client_id)


async def _close(tx: Transaction, room_id: UUID) -> None:
    room = await lock_room(tx, room_id)
    await covers.withdraw(tx, room_id)
    await end_with_assignment(tx, room_id, room["therapist_id"])
    await pauses.end_all(tx, room_id)
    await close_room(tx, room_id)
    await notify(tx, room["therapist_id"], "care_ended", room_id, room_id)
    await notify_lead(tx, "care_ended", room_id, room_id)
    for person in (room["client_id"], room["therapist_id"]):
        tx.announce(Event(EventKind.JOURNEY, account_id=person))
