"""A search in skipped time: the client takes their time, offers lapse, news is lost, repeated, late."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from stage import ASIDE, keep_history, replay, stored, worker
from temporalio import activity
from temporalio.client import WorkflowHandle
from temporalio.testing import WorkflowEnvironment

from activities.shapes.matches import MatchStanding, MoveMatch
from domain.match_states import MatchStatus
from workflows.matches import MatchChanged, TherapistMatch, TherapistMatchInput

WINDOW = timedelta(hours=20)


class Row:
    """A search's row as activities meet it. `answers`: what each therapist does, "yes", "no" or nothing."""

    def __init__(self, environment: WorkflowEnvironment) -> None:
        self._environment = environment
        self.standing = MatchStanding(1, MatchStatus.RANKING)
        self.done: list[str] = []
        self.misses = 0
        self.lapsed: list[datetime] = []

    def becomes(self, status: MatchStatus, expires_at: object = None) -> MatchStanding:
        self.standing = MatchStanding(self.standing.version + 1, status, expires_at)  # type: ignore[arg-type]
        return self.standing

    @activity.defn
    async def read_match(self, _: MoveMatch) -> MatchStanding:
        self.done.append("read")
        return self.standing

    @activity.defn
    async def rank_candidates(self, _: MoveMatch) -> MatchStanding:
        self.done.append("rank")
        return self.becomes(MatchStatus.CHOOSING)

    @activity.defn
    async def offer_next(self, _: MoveMatch) -> MatchStanding:
        self.done.append("offer")
        if self.misses >= 3:
            return self.becomes(MatchStatus.HUMAN)
        return self.becomes(MatchStatus.OFFERING, await self._environment.get_current_time() + WINDOW)

    @activity.defn
    async def expire_offer(self, _: MoveMatch) -> MatchStanding:
        self.done.append("expire")
        now = await self._environment.get_current_time()
        if self.standing.offer_expires_at is not None and self.standing.offer_expires_at <= now:
            self.misses += 1
            self.lapsed.append(now)
            self.becomes(MatchStatus.OFFERING)
        return self.standing

    def all(self) -> list[object]:
        return [self.read_match, self.rank_candidates, self.offer_next, self.expire_offer]


Handle = WorkflowHandle[TherapistMatch, None]


async def start(environment: WorkflowEnvironment, match_id: UUID) -> Handle:
    return await environment.client.start_workflow(
        TherapistMatch.run, TherapistMatchInput(match_id), id=f"match-{uuid4()}-1", task_queue="care"
    )


async def news(handle: Handle, row: Row) -> None:
    await handle.signal(
        TherapistMatch.match_changed, MatchChanged(row.standing.version, uuid4(), 1, row.standing.status)
    )


async def test_candidates_a_choice_after_days_and_a_yes(skipping: WorkflowEnvironment) -> None:
    row = Row(skipping)
    async with worker(skipping.client, TherapistMatch, row.all()):  # type: ignore[arg-type]
        handle = await start(skipping, uuid4())
        await skipping.sleep(timedelta(days=3) + ASIDE)
        row.becomes(MatchStatus.OFFERING)
        await news(handle, row)
        await skipping.sleep(timedelta(hours=2))
        row.becomes(MatchStatus.MATCHED)
        await news(handle, row)
        await handle.result()
        await keep_history(handle, "matches-chosen-and-accepted")
    assert row.done.count("rank") == row.done.count("offer") == 1
    assert "expire" not in row.done


async def test_three_offers_lapse_in_their_time_and_a_person_takes_over(
    skipping: WorkflowEnvironment,
) -> None:
    row = Row(skipping)
    row.becomes(MatchStatus.OFFERING)
    begun = await skipping.get_current_time()
    async with worker(skipping.client, TherapistMatch, row.all()):  # type: ignore[arg-type]
        handle = await start(skipping, uuid4())
        await handle.result()
        await keep_history(handle, "matches-three-misses")
    assert row.done.count("offer") == 4
    assert len(row.lapsed) == 3
    for turn, at in enumerate(row.lapsed, start=1):
        assert turn * WINDOW <= at - begun < turn * WINDOW + timedelta(minutes=1)


async def test_repeated_and_reordered_news_offers_nothing_twice(skipping: WorkflowEnvironment) -> None:
    row = Row(skipping)
    async with worker(skipping.client, TherapistMatch, row.all()):  # type: ignore[arg-type]
        handle = await start(skipping, uuid4())
        await skipping.sleep(timedelta(minutes=1))
        row.becomes(MatchStatus.OFFERING)
        for version in (3, 1, 3, 2, 3):
            message = MatchChanged(version, uuid4(), 1, MatchStatus.OFFERING)
            await handle.signal(TherapistMatch.match_changed, message)
        await skipping.sleep(timedelta(minutes=1))
        reads = row.done.count("read")
        await handle.signal(TherapistMatch.match_changed, MatchChanged(1))
        await skipping.sleep(timedelta(minutes=1))
        assert row.done.count("offer") == 1
        assert row.done.count("read") == reads
        row.becomes(MatchStatus.WITHDRAWN)
        await news(handle, row)
        await handle.result()


async def test_news_that_was_lost_is_healed_by_the_row_within_a_day(skipping: WorkflowEnvironment) -> None:
    row = Row(skipping)
    async with worker(skipping.client, TherapistMatch, row.all()):  # type: ignore[arg-type]
        handle = await start(skipping, uuid4())
        await skipping.sleep(timedelta(minutes=1))
        row.becomes(MatchStatus.OFFERING)
        await skipping.sleep(timedelta(days=1, minutes=1))
        assert row.done.count("offer") == 1
        row.becomes(MatchStatus.MATCHED)
        await news(handle, row)
        await handle.result()
        await keep_history(handle, "matches-lost-news")


async def test_a_second_start_after_the_end_does_nothing(skipping: WorkflowEnvironment) -> None:
    row = Row(skipping)
    row.becomes(MatchStatus.MATCHED)
    async with worker(skipping.client, TherapistMatch, row.all()):  # type: ignore[arg-type]
        await (await start(skipping, uuid4())).result()
    assert row.done == ["read"]


@pytest.mark.parametrize("name", stored("matches"))
async def test_searches_that_run_today_survive_this_version(name: str) -> None:
    await replay(TherapistMatch, name)
