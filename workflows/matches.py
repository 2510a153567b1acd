"""One search for a therapist: candidates, the client's choice, one offer at a time, until somebody says yes."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.shapes.matches import CountOutcomes, MatchStanding, MoveMatch, OutcomesCounted
    from domain.match_states import MatchStatus
    from workflows.alarms import CLOCKS_DIFFER_BY, a_month_since, long_history
    from workflows.policies import PROMISE, RECORD

LOOK_AGAIN = timedelta(days=1)
"""Without news the row is read once a day: news that was lost costs a day at most, never a client."""
ENDED = (MatchStatus.MATCHED, MatchStatus.WITHDRAWN, MatchStatus.HUMAN)
"""A person who looks is nobody's timer: the journey's ladder keeps the client in sight from then on."""


@dataclass(frozen=True, slots=True)
class TherapistMatchInput:
    """Which search; and, carried over, the version last told."""

    match_id: UUID
    version: int = 0


@dataclass(frozen=True, slots=True)
class MatchChanged:
    """The search as it stands in `version`."""

    version: int
    client_id: UUID | None = None
    n: int = 0
    status: MatchStatus = MatchStatus.RANKING


@workflow.defn
class OutcomeCount:
    """Once a day: what came of care, counted for each therapist, since only the worker may look into charts."""

    @workflow.run
    async def run(self, after: UUID | None = None) -> None:
        """Therapist after therapist, until none is left."""
        while True:
            if long_history():
                workflow.continue_as_new(after)
            counted: OutcomesCounted = await workflow.execute_activity(
                "count_outcomes", CountOutcomes(after), result_type=OutcomesCounted, **RECORD
            )
            if counted.last is None:
                return
            after = counted.last


@workflow.defn
class TherapistMatch:
    """One per search. What a person decides is in the row first; this waits, and asks the row what is next."""

    @workflow.init
    def __init__(self, search: TherapistMatchInput) -> None:
        self._match_id = search.match_id
        self._version = search.version
        self._standing: MatchStanding | None = None

    @workflow.run
    async def run(self, search: TherapistMatchInput) -> None:
        """Candidates, choice, offers, until the search is decided or a person takes over."""
        started_at = workflow.now()
        now = await self._do("read_match")
        while now.status not in ENDED:
            if long_history() or a_month_since(started_at):
                workflow.continue_as_new(TherapistMatchInput(search.match_id, self._version))
            if now.status is MatchStatus.RANKING:
                now = await self._do("rank_candidates")
            elif now.status is MatchStatus.OFFERING and now.offer_expires_at is None:
                now = await self._do("offer_next")
            elif now.offer_expires_at is not None and now.offer_expires_at <= workflow.now():
                now = await self._do("expire_offer")
                await self._let_clocks_agree(now)
            else:
                await self._news_or(now)
                now = await self._do("read_match")

    @workflow.signal
    def match_changed(self, news: MatchChanged) -> None:
        """News of the search. What is not newer than what is known changes nothing."""
        self._version = max(self._version, news.version)

    @workflow.query
    def get_state(self) -> MatchStanding | None:
        """The search as the workflow knows it."""
        return self._standing

    async def _do(self, name: str) -> MatchStanding:
        """One activity. News that came while the row was read, and is newer than it, stays to be looked at."""
        heard = self._version
        standing: MatchStanding = await workflow.execute_activity(
            name, MoveMatch(self._match_id), result_type=MatchStanding, **PROMISE
        )
        self._standing = standing
        if self._version == heard or self._version < standing.version:
            self._version = standing.version
        return standing

    async def _news_or(self, known: MatchStanding) -> None:
        """Until somebody decides something, or the offer's time is over."""
        limit = LOOK_AGAIN
        if known.offer_expires_at is not None:
            limit = min(limit, known.offer_expires_at - workflow.now())
        try:
            await workflow.wait_condition(lambda: self._version > known.version, timeout=limit)
        except TimeoutError:
            return

    async def _let_clocks_agree(self, now: MatchStanding) -> None:
        """The database's clock may be a little behind ours: then the offer has not lapsed there yet."""
        if now.offer_expires_at is not None and now.offer_expires_at <= workflow.now():
            await workflow.sleep(CLOCKS_DIFFER_BY)
