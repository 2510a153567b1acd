"""What a client's journey asks for: the ladder of its present wait, and the start of matching."""

from collections.abc import Callable
from typing import Any

from temporalio import activity

from activities.shapes.journeys import Climbed, ClimbLadder, StartMatching
from domain.errors import NotFound
from domain.stages import Wait
from records import journeys, matches
from records.database import Database


class JourneyActivities:
    """Ladders, and what a stage needs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[Callable[..., Any]]:
        """The activities to register."""
        return [self.climb_ladder, self.start_matching]

    @activity.defn
    async def climb_ladder(self, ask: ClimbLadder) -> Climbed:
        """Fire each rung that is due, once and in order. A client who is gone has no ladder."""
        try:
            async with self._database.transaction() as tx:
                found = await journeys.climb(tx, ask.client_id)
        except NotFound:
            return Climbed(0, closed=True)
        return Climbed(
            found.version,
            found.next_rung_at,
            needs_match=found.wait is Wait.CANDIDATES,
            closed=found.closed,
        )

    @activity.defn
    async def start_matching(self, ask: StartMatching) -> None:
        """Start the search, unless one is under way or the journey has moved on."""
        async with self._database.transaction() as tx:
            if await journeys.needs_match(tx, ask.client_id):
                await matches.start_match(tx, ask.client_id)
