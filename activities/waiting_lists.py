"""A waiting list assigned at once, beside one client after the other."""

import asyncio
from collections.abc import Callable
from typing import Any

from temporalio import activity

from activities.shapes.waiting_lists import AssignWaitingList
from domain.matching import Candidate, Pool
from domain.waiting_lists import Assignment, WaitingList, in_turn
from integrations.optimiser.port import Optimiser
from records import waiting_lists
from records.database import Database
from records.waiting_lists import Line, ToAssign


class WaitingListActivities:
    """Runs that somebody at the match desk asked for."""

    def __init__(self, database: Database, optimiser: Optimiser) -> None:
        self._database = database
        self._optimiser = optimiser

    def all(self) -> list[Callable[..., Any]]:
        """The activities to register."""
        return [self.assign_waiting_list]

    @activity.defn
    async def assign_waiting_list(self, ask: AssignWaitingList) -> None:
        """Look, compute beside the event loop, keep. Run twice, it is kept once."""
        async with self._database.transaction() as tx:
            given = await waiting_lists.to_assign(tx, ask.run_id)
        if given is None:
            return
        lines, listed = await asyncio.to_thread(self._assign, given)
        async with self._database.transaction() as tx:
            await waiting_lists.keep(tx, ask.run_id, lines, sum(listed.places), len(listed.worth))

    def _assign(self, given: ToAssign) -> tuple[list[Line], WaitingList]:
        pool = Pool(given.therapists)
        listed = pool.waiting_list(given.searches, given.waited)
        best, turn = self._optimiser.assign(listed), in_turn(listed)
        return _lines(given, pool, listed, best, turn), listed


def _lines(
    given: ToAssign, pool: Pool, listed: WaitingList, best: Assignment, turn: Assignment
) -> list[Line]:
    """Who gets whom, either way, in the order of waiting; those of whom nobody knows where they are at the end."""

    def candidate(client: int, pair: int | None) -> Candidate | None:
        if pair is None:
            return None
        return pool.candidate(given.searches[client], listed.therapists[listed.therapist_of[pair]])

    eligible = [0] * len(given.searches)
    for client in listed.client_of:
        eligible[client] += 1
    lines = [
        Line(match, eligible[n], candidate(n, best.pair_of[n]), candidate(n, turn.pair_of[n]))
        for n, match in enumerate(given.matches)
    ]
    return lines + [Line(match) for match in given.unplaceable]
