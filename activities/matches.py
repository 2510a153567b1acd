"""What a search's workflow asks for: candidates, the next offer, the end of one."""

from collections.abc import Callable
from typing import Any

from temporalio import activity

from activities.shapes.matches import CountOutcomes, MatchStanding, MoveMatch, OutcomesCounted
from records import offers, outcome_counts, rankings
from records.database import Database, Transaction


class MatchActivities:
    """Searches for a therapist. Every activity looks at the row first: run twice, it does its thing once."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[Callable[..., Any]]:
        """The activities to register."""
        return [
            self.read_match,
            self.rank_candidates,
            self.offer_next,
            self.expire_offer,
            self.count_outcomes,
        ]

    @activity.defn
    async def read_match(self, ask: MoveMatch) -> MatchStanding:
        """How the search stands."""
        async with self._database.transaction() as tx:
            return await _standing(tx, ask)

    @activity.defn
    async def rank_candidates(self, ask: MoveMatch) -> MatchStanding:
        """Rank, and let the client choose; with nobody to choose, hand over to a person."""
        async with self._database.transaction() as tx:
            await rankings.rank_candidates(tx, ask.match_id)
            return await _standing(tx, ask)

    @activity.defn
    async def offer_next(self, ask: MoveMatch) -> MatchStanding:
        """Ask the next of those chosen, or let the client choose anew, or hand over to a person."""
        async with self._database.transaction() as tx:
            await offers.offer_next(tx, ask.match_id)
            return await _standing(tx, ask)

    @activity.defn
    async def expire_offer(self, ask: MoveMatch) -> MatchStanding:
        """Let the open offer lapse if its time is over and nobody was quicker."""
        async with self._database.transaction() as tx:
            await offers.expire(tx, ask.match_id)
            return await _standing(tx, ask)

    @activity.defn
    async def count_outcomes(self, ask: CountOutcomes) -> OutcomesCounted:
        """The next therapists in line, each in a transaction: a repeat counts the same again."""
        async with self._database.transaction() as tx:
            line = await outcome_counts.next_in_line(tx, ask.after)
        for therapist_id in line:
            async with self._database.transaction() as tx:
                await outcome_counts.count(tx, therapist_id)
        return OutcomesCounted(line[-1] if line else None)


async def _standing(tx: Transaction, ask: MoveMatch) -> MatchStanding:
    found = await offers.standing(tx, ask.match_id)
    return MatchStanding(found.version, found.status, found.expires_at)
