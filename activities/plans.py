"""What the plan's workflow asks for: check-ins asked, reminded, closed, and silence told."""

from collections.abc import Callable
from typing import Any

from temporalio import activity

from activities.shapes.plans import KeepCheckIns, Kept
from records import check_ins
from records.database import Database


class PlanActivities:
    """Check-ins of rooms. Nothing here reads a goal's words or an answer: this login has no right to them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[Callable[..., Any]]:
        """The activities to register."""
        return [self.keep_check_ins]

    @activity.defn
    async def keep_check_ins(self, ask: KeepCheckIns) -> Kept:
        """Do what is due, once: a repeat finds it done."""
        async with self._database.transaction() as tx:
            kept = await check_ins.keep(tx, ask.room_id)
        return Kept(kept.asked, kept.missed, kept.reminded, kept.step, kept.next_alarm_at)
