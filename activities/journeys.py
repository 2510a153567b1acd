"""What a client's journey asks for: the ladder of its present wait; and the look for rungs that nobody climbed."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from temporalio import activity

from activities.shapes.journeys import Climbed, ClimbLadder
from domain.errors import KindroomError, NotFound
from records import journey_ladders, stage_policies
from records.database import Database

_SLACK: Final = timedelta(minutes=2)
"""A rung is missed when its workflow had this long for it."""
_AT_ONCE: Final = 500


class JourneyActivities:
    """Ladders of journeys."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[Callable[..., Any]]:
        """The activities to register."""
        return [self.climb_ladder, self.climb_missed_ladders]

    @activity.defn
    async def climb_ladder(self, ask: ClimbLadder) -> Climbed:
        """Fire each rung that is due, once and in order. A client who is gone has no ladder."""
        try:
            async with self._database.transaction() as tx:
                found = await journey_ladders.climb(tx, ask.client_id)
        except NotFound:
            return Climbed(0, closed=True)
        return Climbed(found.version, found.next_rung_at, found.closed)

    @activity.defn
    async def climb_missed_ladders(self) -> int:
        """Let timings that begin now hold; fire rungs that are due and were not, each journey in a transaction of its
        own. How many journeys.
        """
        async with self._database.transaction() as tx:
            await stage_policies.apply_due(tx)
        async with self._database.transaction() as tx:
            missed = await journey_ladders.missed(tx, tx.now - _SLACK, _AT_ONCE)
        refused: KindroomError | None = None
        for client_id in missed:
            try:
                await self.climb_ladder(ClimbLadder(client_id))
            except KindroomError as refusal:  # the others are not kept waiting for this one
                refused = refusal
        if refused is not None:
            raise refused
        return len(missed)
