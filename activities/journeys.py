"""What a client's journey asks for: the ladder of its present wait."""

from collections.abc import Callable
from typing import Any

from temporalio import activity

from activities.shapes.journeys import Climbed, ClimbLadder
from domain.errors import NotFound
from records import journey_ladders
from records.database import Database


class JourneyActivities:
    """Ladders of journeys."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[Callable[..., Any]]:
        """The activities to register."""
        return [self.climb_ladder]

    @activity.defn
    async def climb_ladder(self, ask: ClimbLadder) -> Climbed:
        """Fire each rung that is due, once and in order. A client who is gone has no ladder."""
        try:
            async with self._database.transaction() as tx:
                found = await journey_ladders.climb(tx, ask.client_id)
        except NotFound:
            return Climbed(0, closed=True)
        return Climbed(found.version, found.next_rung_at, found.closed)
