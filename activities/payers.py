"""What the calendar brings for the office: a payer's change comes into force, sessions of a sponsor run out."""

from collections.abc import Callable
from typing import Any

from temporalio import activity

from records import payers, sponsors
from records.database import Database


class PayerActivities:
    """What is dated, and due."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[Callable[..., Any]]:
        """The activities to register."""
        return [self.apply_payer_changes, self.tell_credits_run_out]

    @activity.defn
    async def apply_payer_changes(self) -> int:
        """Let payers be what they are from today on. How many changed."""
        async with self._database.transaction() as tx:
            return await payers.apply_due(tx)

    @activity.defn
    async def tell_credits_run_out(self) -> int:
        """Tell clients whose sponsored sessions soon lapse, once each. How many."""
        async with self._database.transaction() as tx:
            return await sponsors.tell_running_out(tx)
