"""What a room's workflow asks for: the rungs of its clock."""

from collections.abc import Callable
from typing import Any

from temporalio import activity

from activities.shapes.rooms import Fired, FireRung, RungOutcome
from records import rungs
from records.database import Database


class RoomActivities:
    """Alarms of response clocks."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[Callable[..., Any]]:
        """The activities to register."""
        return [self.fire_rung]

    @activity.defn
    async def fire_rung(self, ask: FireRung) -> Fired:
        """Fire each rung that is due, once and in order. A repeat finds them fired."""
        async with self._database.transaction() as tx:
            fired = await rungs.fire_due_rungs(tx, ask.room_id, ask.clock_id)
        return Fired(RungOutcome(fired.outcome), fired.next_alarm_at)
