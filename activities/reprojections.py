"""Running clocks moved in batches, a transaction each."""

from collections.abc import Callable
from typing import Any

from temporalio import activity

from activities.shapes.reprojections import BatchReprojected, ReprojectBatch
from records import reprojections
from records.database import Database


class ReprojectionActivities:
    """Re-projections that were asked for."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[Callable[..., Any]]:
        """The activities to register."""
        return [self.reproject_batch]

    @activity.defn
    async def reproject_batch(self, ask: ReprojectBatch) -> BatchReprojected:
        """Move up to 500 clocks. A repeat goes on where the batch before it ended: nothing moves twice."""
        async with self._database.transaction() as tx:
            goes_on = await reprojections.run_batch(tx, ask.reprojection_id, last_pass=ask.last_pass)
        return BatchReprojected(goes_on)
