"""Rosters of sponsors worked off, a transaction for each thousand rows."""

from collections.abc import Callable
from typing import Any

from temporalio import activity

from activities.shapes.rosters import RowsTaken, TakeRows
from records import rosters
from records.database import Database


class RosterActivities:
    """Rosters that were sent."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[Callable[..., Any]]:
        """The activities to register."""
        return [self.take_roster_rows]

    @activity.defn
    async def take_roster_rows(self, ask: TakeRows) -> RowsTaken:
        """Take up to a thousand rows. A repeat goes on where the batch before it ended: no row counts twice."""
        async with self._database.transaction() as tx:
            return RowsTaken(await rosters.work(tx, ask.roster_id))
