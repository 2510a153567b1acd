"""Rows that are locked together, in the one order that all keep: calendar, room, clock."""

from uuid import UUID

from domain.errors import NotFound
from records.database import Row, Transaction


async def lock_room(tx: Transaction, room_id: UUID) -> Row:
    """A room and its running clock, locked until the commit, behind the calendars that the clock counts by.

    For whoever changes a room and then moves its clock. Raises NotFound.
    """
    room = await tx.one("SELECT * FROM hold_rooms(%s::uuid[])", ([room_id],))
    if room is None:
        raise NotFound
    return room
