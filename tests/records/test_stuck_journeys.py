"""Nobody is forgotten on the way into care: ten silent days of every wait, whatever engine is down; and who helps."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import pytest
from factories import account, actor, room, therapist
from waits import WAITS, waiting_client

from activities.journeys import JourneyActivities
from domain.access import Action, Duty, Role
from domain.errors import Conflict
from domain.ids import ClientId
from domain.stages import STAFF, Party, Stage, Wait
from records import clock_audits, journey_ladders, journeys, relations, stuck_journeys
from records.database import Database, Transaction
from records.stuck_journeys import Standing, StuckFilter, Taken

if TYPE_CHECKING:
    from conftest import Databases

NOW = datetime.now(UTC).replace(microsecond=0)
TEN_DAYS = timedelta(days=10)
AGO = NOW - TEN_DAYS
EVERYBODY = StuckFilter(Standing.ALL)


async def staff(tx: Transaction, role: Role, name: str, *duties: Duty) -> UUID:
    account_id = await account(tx, role, name=name)
    for duty in duties:
        await tx.insert("duties", account_id=account_id, duty=duty, granted_at=tx.now)
    return account_id


async def one_of_each(care: Database, at: datetime) -> dict[Wait, ClientId]:
    """A client for each wait, since `at`."""
    async with care.transaction(at=at) as tx:
        asked = await therapist(tx)
    return {wait: await waiting_client(care, wait, asked, at) for wait in WAITS}


async def test_without_any_workflow_ten_silent_days_of_every_wait_reach_a_named_person(
    databases: "Databases",
) -> None:
    """What the schedule does alone, had every workflow been lost: nobody is missed, nobody is told twice."""
    async with databases.care.transaction(at=AGO) as tx:
        ruth = await staff(tx, Role.SUPERVISOR, "Ruth Ade")
        sam = await staff(tx, Role.THERAPIST, "Sam Ito", Duty.MATCHER)
        bea = await staff(tx, Role.BILLING, "Bea Cho")
    clients = await one_of_each(databases.care, AGO)
    async with databases.worker.transaction(at=NOW) as tx:
        missed = await journey_ladders.missed(tx, NOW, 100)
    assert set(missed) == set(clients.values())
    sweep = JourneyActivities(databases.worker)
    assert await sweep.climb_missed_ladders() == len(clients)
    assert await sweep.climb_missed_ladders() == 0
    async with databases.worker.transaction() as tx:
        rungs = await tx.all(
            "SELECT r.*, n.account_id FROM journey_rungs r JOIN notices n ON n.subject_id = r.id"
        )
    for wait, client_id in clients.items():
        named = {row["account_id"] for row in rungs if row["client_id"] == client_id and row["whom"] in STAFF}
        assert named & {ruth, sam, bea}, wait
        assert ruth in named, wait  # whoever leads hears of everybody within ten days
    assert all(row["account_id"] in row["told"] for row in rungs)


async def test_a_journey_that_cannot_be_climbed_keeps_nobody_else_waiting(
    databases: "Databases", monkeypatch: pytest.MonkeyPatch
) -> None:
    async with databases.care.transaction(at=AGO) as tx:
        await staff(tx, Role.SUPERVISOR, "Ruth Ade")
        asked = await therapist(tx)
    first, second = [await waiting_client(databases.care, Wait.INTAKE, asked, AGO) for _ in range(2)]
    climb = journey_ladders.climb

    async def stumbles(tx: Transaction, client_id: UUID) -> journey_ladders.Climbed:
        if client_id == first:
            raise Conflict
        return await climb(tx, client_id)

    sweep = JourneyActivities(databases.worker)
    with monkeypatch.context() as patched:
        patched.setattr(journey_ladders, "climb", stumbles)
        with pytest.raises(Conflict):
            await sweep.climb_missed_ladders()
    async with databases.worker.transaction(at=NOW) as tx:
        assert await journey_ladders.missed(tx, NOW, 10) == [first]
    assert second != first
    assert await sweep.climb_missed_ladders() == 1


async def test_an_empty_desk_is_never_told_alone(databases: "Databases") -> None:
    async with databases.care.transaction(at=AGO) as tx:
        left = await staff(tx, Role.THERAPIST, "Gone", Duty.MATCHER)
        await tx.run("UPDATE accounts SET disabled_at = %s WHERE id = %s", (tx.now, left))
        admin = await staff(tx, Role.ADMINISTRATOR, "Ada")
        asked = await therapist(tx)
    client_id = await waiting_client(databases.care, Wait.HUMAN_MATCH, asked, AGO)
    async with databases.care.transaction(at=AGO) as tx:
        assert await journey_ladders.tell(tx, client_id, Party.MATCHER, client_id) == [admin]
        director = await staff(tx, Role.THERAPIST, "Dee", Duty.CLINICAL_DIRECTOR)
        for party in (Party.MATCHER, Party.BILLING, Party.THERAPIST, Party.SUPERVISOR):
            assert await journey_ladders.tell(tx, client_id, party, client_id) == [director]


async def test_each_row_says_who_must_act_why_since_when_and_who_is_told_next(databases: "Databases") -> None:
    async with databases.care.transaction(at=AGO) as tx:
        ruth = await staff(tx, Role.SUPERVISOR, "Ruth Ade")
        await staff(tx, Role.BILLING, "Bea Cho")
    clients = await one_of_each(databases.care, AGO)
    day = AGO + timedelta(days=1, minutes=1)
    async with databases.worker.transaction(at=day) as tx:
        for client_id in clients.values():
            await journey_ladders.climb(tx, client_id)
    async with databases.care.transaction(actor(Role.SUPERVISOR, ruth), day) as tx:
        found = {each.wait: each for each in await stuck_journeys.queue(tx, EVERYBODY, 100)}
        assert {wait: each.client_id for wait, each in found.items()} == clients
        stuck = {each.wait for each in await stuck_journeys.queue(tx, StuckFilter(), 100)}
        counted = (await clock_audits.health(tx)).stuck_journeys
        counts = await stuck_journeys.counts(tx, EVERYBODY)
        pages = await _in_pages(tx, EVERYBODY, 4)
    assert [each.client_id for each in pages] == [each.client_id for each in pages if each.due_at] + [
        clients[Wait.RESUMING]
    ]
    assert len({each.client_id for each in pages}) == len(clients)
    assert sum(counts.values()) == len(clients)
    assert counts[Party.CLIENT] == 9
    late, moving = found[Wait.COVERAGE_REVIEW], found[Wait.INTAKE]
    assert (late.owner, late.late, late.since, late.due_at) == (
        Party.BILLING,
        True,
        AGO,
        AGO + timedelta(days=1),
    )
    assert [(told.n, told.whom, told.names) for told in late.told] == [
        (1, Party.BILLING, ("Bea Cho",)),
        (2, Party.CLIENT, ()),
    ]
    assert late.next_rung is not None
    assert (late.next_rung.n, late.next_rung.whom) == (3, Party.SUPERVISOR)
    assert late.next_rung.at == AGO + timedelta(days=2)
    assert (moving.owner, moving.late, moving.stage) == (Party.CLIENT, False, Stage.INTAKE)
    assert found[Wait.OFFER_ANSWER].owner_name is not None
    assert {Wait.COVERAGE_REVIEW, Wait.HUMAN_MATCH, Wait.PAYER_ANSWER} <= stuck
    assert stuck == {wait for wait, each in found.items() if each.late}
    assert Wait.INTAKE not in stuck
    assert counted == len(stuck)  # the health page and the metric mean the same clients


async def _in_pages(tx: Transaction, chosen: StuckFilter, size: int) -> list[stuck_journeys.Stuck]:
    found: list[stuck_journeys.Stuck] = []
    while True:
        after = (found[-1].due_at, found[-1].client_id) if found else None
        page = await stuck_journeys.queue(tx, chosen, size, after)
        if not page:
            return found
        found += page


async def test_one_takes_it_another_reminds_and_nobody_is_pestered(databases: "Databases") -> None:
    async with databases.care.transaction(at=AGO) as tx:
        ruth, sam = await staff(tx, Role.SUPERVISOR, "Ruth Ade"), await staff(tx, Role.SUPERVISOR, "Sam Ito")
        asked = await therapist(tx)
    intake, paused, offered = [
        await waiting_client(databases.care, wait, asked, AGO)
        for wait in (Wait.INTAKE, Wait.RESUMING, Wait.OFFER_ANSWER)
    ]

    async def act(who: UUID, client_id: ClientId, deed: str, at: datetime) -> object:
        async with databases.care.transaction(actor(Role.SUPERVISOR, who), at) as tx:
            permit = await relations.writable_chart(tx, client_id, Action.HELP_JOURNEY)
            return await getattr(stuck_journeys, deed)(tx, permit)

    async def taken(who: UUID, by: Taken) -> list[ClientId]:
        async with databases.care.transaction(actor(Role.SUPERVISOR, who), NOW) as tx:
            rows = await stuck_journeys.queue(tx, StuckFilter(Standing.ALL, taken=by), 10)
            return [ClientId(row.client_id) for row in rows]

    await act(ruth, intake, "take", AGO)
    await act(ruth, intake, "take", AGO)
    with pytest.raises(Conflict, match="taken"):
        await act(sam, intake, "take", AGO)
    assert await taken(ruth, Taken.MINE) == [intake] == await taken(sam, Taken.SOMEBODY)
    assert set(await taken(sam, Taken.NOBODY)) == {paused, offered}
    await act(sam, intake, "hand_back", AGO + timedelta(hours=1))
    await act(sam, intake, "take", AGO + timedelta(hours=2))
    assert await taken(sam, Taken.MINE) == [intake]

    assert await act(sam, intake, "remind", AGO) is Party.CLIENT
    assert await act(sam, offered, "remind", AGO) is Party.THERAPIST
    with pytest.raises(Conflict, match="reminded_today"):
        await act(ruth, intake, "remind", AGO + timedelta(hours=23))
    await act(ruth, intake, "remind", AGO + timedelta(hours=24))
    with pytest.raises(Conflict, match="nobody_to_remind"):
        await act(ruth, paused, "remind", NOW)
    async with databases.worker.transaction() as tx:
        told = await tx.all("SELECT account_id, template FROM notices ORDER BY created_at")
    assert [(row["account_id"], row["template"]) for row in told] == [
        (intake, "step_waiting"),
        (asked, "offer_waits"),
        (intake, "step_waiting"),
    ]


async def test_a_client_in_care_who_looks_for_somebody_else_is_seen_and_never_missed(
    databases: "Databases",
) -> None:
    place = await room(databases.care)
    client_id = place.client.account_id
    async with databases.care.transaction(at=AGO) as tx:
        ruth = await staff(tx, Role.SUPERVISOR, "Ruth Ade")
        await tx.insert(
            "matches",
            id=uuid4(),
            client_id=client_id,
            n=1,
            status="choosing",
            from_room_id=place.id,
            version=1,
            choice=[],
            misses=0,
            created_at=NOW - timedelta(days=4),
        )
    async with databases.care.transaction(actor(Role.SUPERVISOR, ruth), NOW) as tx:
        await journeys.advance(tx, client_id)
        (row,) = await stuck_journeys.queue(tx, EVERYBODY, 10)
        assert (row.client_id, row.stage, row.wait) == (client_id, Stage.IN_CARE, Wait.CHOICE)
        assert await journey_ladders.missed(tx, NOW, 10) == [client_id]
        await tx.run("UPDATE matches SET status = 'withdrawn' WHERE client_id = %s", (client_id,))
        await journeys.advance(tx, client_id)
        assert await stuck_journeys.queue(tx, EVERYBODY, 10) == []
