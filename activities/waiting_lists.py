"""A waiting list assigned at once, beside one client after the other."""

import asyncio
from collections.abc import Callable
from typing import Any

from temporalio import activity

from activities.shapes.waiting_lists import AssignWaitingList
from domain.matching import Pool
from domain.waiting_lists import SCORE, Assignment, WaitingList, in_turn, worth_of_waiting
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
        listed = Pool(given.therapists).waiting_list(given.searches, given.waited)
        return lines_of(given, listed, self._optimiser.assign(listed), in_turn(listed)), listed


def lines_of(given: ToAssign, listed: WaitingList, best: Assignment, turn: Assignment) -> list[Line]:
    """Who gets whom, either way, in the order of waiting; those of whom nobody knows where they are at the end."""
    eligible = [0] * len(given.searches)
    for client in listed.client_of:
        eligible[client] += 1
    lines = []
    for n, match in enumerate(given.matches):
        waiting = worth_of_waiting(given.waited[n])
        ours, theirs = best.pair_of[n], turn.pair_of[n]
        lines.append(
            Line(
                match=match,
                eligible=eligible[n],
                therapist_id=None if ours is None else listed.therapists[listed.therapist_of[ours]],
                score=None if ours is None else (listed.worth[ours] - waiting) / SCORE,
                in_turn_id=None if theirs is None else listed.therapists[listed.therapist_of[theirs]],
                in_turn_score=None if theirs is None else (listed.worth[theirs] - waiting) / SCORE,
            )
        )
    return lines + [Line(match) for match in given.unplaceable]
