"""Rows that are locked together, in the one order that all keep: calendar, room, clock."""

from uuid import UUID

from domain.errors import NotFound
from records.calendars import hold_rooms
from records.database import Row, Transaction


async def lock_room(tx: Transaction, room_id: UUID) -> Row:
    """The room until the commit, and before it the version of the calendar that its clock counts by.

    For whoever changes a room and then moves its clock. Raises NotFound.
    """
    for room in await hold_rooms(tx, [room_id]):
        return room
    raise NotFound
