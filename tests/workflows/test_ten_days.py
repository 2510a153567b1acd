"""The real journeys on skipped time, over real rows: nobody acts for ten days, and a named person was told in time."""

from datetime import timedelta
from typing import TYPE_CHECKING

from factories import account, therapist
from stage import worker
from temporalio import activity
from temporalio.testing import WorkflowEnvironment
from waits import WAITS, waiting_client

from activities.shapes.journeys import Climbed, ClimbLadder
from domain.access import Duty, Role
from domain.stages import POLICIES, STAFF, Wait
from records import journey_ladders
from records.database import Database
from workflows.journeys import ClientJourney, ClientJourneyInput, JourneyChanged

if TYPE_CHECKING:
    from conftest import Databases

TEN_DAYS = timedelta(days=10)
PROMPT = timedelta(minutes=1)


class Ladders:
    """The activity of the service, in the time of the engine that skips it."""

    def __init__(self, database: Database, environment: WorkflowEnvironment) -> None:
        self._database = database
        self._environment = environment

    @activity.defn
    async def climb_ladder(self, ask: ClimbLadder) -> Climbed:
        now = await self._environment.get_current_time()
        async with self._database.transaction(at=now) as tx:
            found = await journey_ladders.climb(tx, ask.client_id)
        return Climbed(found.version, found.next_rung_at, found.closed)


async def test_for_every_wait_of_every_stage_ten_silent_days_reach_a_named_person_in_time(
    skipping: WorkflowEnvironment, databases: "Databases"
) -> None:
    start = await skipping.get_current_time()
    care = databases.care
    async with care.transaction(at=start) as tx:
        staff = {role: await account(tx, role) for role in (Role.SUPERVISOR, Role.BILLING)}
        matcher, asked = await therapist(tx), await therapist(tx)
        await tx.insert("duties", account_id=matcher, duty=Duty.MATCHER, granted_at=tx.now)
    clients = {await waiting_client(care, wait, asked, start): wait for wait in WAITS}
    ladders = Ladders(databases.worker, skipping)
    async with worker(skipping.client, ClientJourney, [ladders.climb_ladder]):
        for client_id in clients:
            await skipping.client.start_workflow(
                ClientJourney.run,
                ClientJourneyInput(client_id),
                id=f"journey-{client_id}",
                task_queue="care",
                start_signal="journey_changed",
                start_signal_args=[JourneyChanged(1)],
            )
        await skipping.sleep(TEN_DAYS)
    async with databases.worker.transaction() as tx:
        rungs = await tx.all("SELECT * FROM journey_rungs ORDER BY client_id, n")
        notices = await tx.all("SELECT account_id, subject_id FROM notices")
    told = {(row["account_id"], row["subject_id"]) for row in notices}
    ours = {*staff.values(), matcher}
    for client_id, wait in clients.items():
        climbed = [row for row in rungs if row["client_id"] == client_id]
        policy = POLICIES[wait]
        assert [row["wait"] for row in climbed] == [wait] * len(policy.ladder)
        for row, rung in zip(climbed, policy.ladder, strict=True):
            assert timedelta(0) <= row["fired_at"] - (row["since"] + rung.after) < PROMPT, wait
            assert row["told"], wait
            assert {(who, row["id"]) for who in row["told"]} <= told, wait
        named = [row for row in climbed if row["whom"] in STAFF and set(row["told"]) <= ours]
        assert named, wait
        assert min(row["fired_at"] for row in named) < start + TEN_DAYS
    assert set(clients.values()) == set(Wait) - {Wait.NOTHING}
