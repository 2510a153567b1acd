"""What a leave's workflow asks for: cover, words to clients, the rooms handed over and back."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from temporalio import activity

from activities.shapes.leaves import LeaveStanding, MoveLeave
from records import leave_steps
from records.database import Database, Transaction


class LeaveActivities:
    """Steps of a leave. Every one looks at the row first: run twice, it does its thing once."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[Callable[..., Any]]:
        """The activities to register."""
        return [
            self.read_leave,
            self.propose_cover,
            self.announce_leave,
            self.hand_over_rooms,
            self.hand_back_rooms,
        ]

    @activity.defn
    async def read_leave(self, ask: MoveLeave) -> LeaveStanding:
        """How the leave stands."""
        return await self._step(ask)

    @activity.defn
    async def propose_cover(self, ask: MoveLeave) -> LeaveStanding:
        """Ask for cover wherever there is a gap; where nobody is left to ask, tell the supervisors."""
        return await self._step(ask, leave_steps.propose_cover)

    @activity.defn
    async def announce_leave(self, ask: MoveLeave) -> LeaveStanding:
        """Tell the clients."""
        return await self._step(ask, leave_steps.announce)

    @activity.defn
    async def hand_over_rooms(self, ask: MoveLeave) -> LeaveStanding:
        """The leave begins."""
        return await self._step(ask, leave_steps.hand_over)

    @activity.defn
    async def hand_back_rooms(self, ask: MoveLeave) -> LeaveStanding:
        """The leave is over."""
        return await self._step(ask, leave_steps.hand_back)

    async def _step(
        self, ask: MoveLeave, work: Callable[[Transaction, UUID], Awaitable[None]] | None = None
    ) -> LeaveStanding:
        async with self._database.transaction() as tx:
            if work is not None:
                await work(tx, ask.leave_id)
            found = await leave_steps.standing(tx, ask.leave_id)
        return LeaveStanding(found.version, found.step, found.at)
