"""The stage follows from the facts, whoever adds one; each rung of a wait calls someone once."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from factories import account, actor, client, room, therapist

from activities.journeys import JourneyActivities
from activities.shapes.journeys import ClimbLadder
from domain.access import Duty, Role
from domain.coverage import CoverageStatus
from domain.stages import Stage, Wait
from encryption.keys import KeyScope
from encryption.rooms import seal_field
from records import journey_ladders, journeys
from records.database import Database, Transaction
from records.journey_ladders import Climbed

NOW = datetime.now(UTC)
LONG_AGO = NOW - timedelta(days=40)


async def ready_client(database: Database, *, status: CoverageStatus = CoverageStatus.ACTIVE) -> UUID:
    """A client with consents, measures and a cover on file."""
    async with database.transaction(at=LONG_AGO) as tx:
        client_id = await client(tx)
        await tx.run(
            "UPDATE clients SET intake_submitted_at = %s, stage = 'intake' WHERE id = %s", (tx.now, client_id)
        )
    async with database.transaction(actor(Role.CLIENT, client_id), LONG_AGO) as tx:
        key = await tx.key(KeyScope.CHART, client_id)
        sealed = seal_field(key, client_id, "consents", "signature_sealed", client_id, "Ana")
        for document in ("privacy_notice", "telehealth", "financial_responsibility", "release_of_benefits"):
            await tx.insert(
                "consents",
                id=uuid4(),
                client_id=client_id,
                document=document,
                version="2025-01",
                state="NY",
                signature_sealed=sealed,
                signed_at=tx.now,
            )
        for instrument in ("PHQ-9", "GAD-7"):
            await tx.insert(
                "measure_responses",
                id=uuid4(),
                client_id=client_id,
                instrument=instrument,
                answers_sealed=sealed,
                result_sealed=sealed,
                taken_at=tx.now,
                complete=True,
            )
        await tx.insert(
            "coverages",
            id=uuid4(),
            client_id=client_id,
            kind="insurance",
            details_sealed=sealed,
            status=status,
            status_at=tx.now,
            asking=False,
            verification=1,
            version=1,
            reasons=[],
            created_at=tx.now,
        )
    return client_id


async def stage_of(database: Database, client_id: UUID) -> tuple[str, str]:
    async with database.transaction() as tx:
        row = await tx.one("SELECT stage, wait FROM clients WHERE id = %s", (client_id,))
    assert row is not None
    return row["stage"], row["wait"]


@pytest.mark.parametrize(
    ("login", "role"),
    [
        ("care", Role.THERAPIST),
        ("care", Role.SUPERVISOR),
        ("care", None),
        ("billing", Role.BILLING),
        ("worker", None),
    ],
)
async def test_whoever_adds_a_fact_finds_the_same_stage(
    databases: Any, login: str, role: Role | None
) -> None:
    """A declining therapist or a billing clerk may not read consents; the stage must not fall back for that."""
    client_id = await ready_client(databases.care)
    database: Database = getattr(databases, login)
    async with database.transaction(actor(role) if role else None) as tx:
        await journeys.advance(tx, client_id)
    assert await stage_of(databases.care, client_id) == (Stage.MATCHING, Wait.CANDIDATES)
    async with databases.worker.transaction() as tx:
        assert len(await tx.all("SELECT id FROM matches WHERE client_id = %s", (client_id,))) == 1


async def test_advancing_twice_tells_once(databases: Any) -> None:
    client_id = await ready_client(databases.care)
    for _ in range(3):
        async with databases.worker.transaction() as tx:
            await journeys.advance(tx, client_id)
    async with databases.worker.transaction() as tx:
        notes = await tx.all("SELECT version FROM outbox WHERE kind = 'journey_changed'")
        steps = await tx.all("SELECT version, stage FROM journey_steps")
    assert len(notes) == len(steps) == 1


async def test_a_rolled_back_fact_moves_nothing(databases: Any) -> None:
    client_id = await ready_client(databases.care)
    before = await stage_of(databases.care, client_id)

    async def fails() -> None:
        async with databases.worker.transaction() as tx:
            await journeys.advance(tx, client_id)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fails()
    assert await stage_of(databases.care, client_id) == before


async def climb(database: Database, client_id: UUID, at: datetime) -> Climbed:
    async with database.transaction(at=at) as tx:
        return await journey_ladders.climb(tx, client_id)


async def told(database: Database) -> list[tuple[UUID, str]]:
    async with database.transaction() as tx:
        rows = await tx.all("SELECT account_id, template FROM notices ORDER BY created_at")
    return [(row["account_id"], row["template"]) for row in rows]


async def staff(database: Database, role: Role, *duties: Duty) -> UUID:
    async with database.transaction() as tx:
        account_id = await account(tx, role)
        for duty in duties:
            await tx.insert("duties", account_id=account_id, duty=duty, granted_at=tx.now)
    return account_id


async def test_a_manual_review_over_ten_days_calls_billing_the_client_and_a_supervisor(
    databases: Any,
) -> None:
    billing = await staff(databases.care, Role.BILLING)
    supervisor = await staff(databases.care, Role.SUPERVISOR)
    client_id = await ready_client(databases.care, status=CoverageStatus.MANUAL_REVIEW)
    for day in (0, 0, 1, 1, 2, 5, 10):
        climbed = await climb(databases.worker, client_id, LONG_AGO + timedelta(days=day))
    assert climbed.next_rung_at is None
    assert await told(databases.worker) == [
        (billing, "coverage_waits"),
        (client_id, "step_waiting"),
        (supervisor, "journey_stuck"),
    ]


async def test_after_an_outage_missed_rungs_come_once_and_in_order(databases: Any) -> None:
    await staff(databases.care, Role.BILLING)
    await staff(databases.care, Role.SUPERVISOR)
    client_id = await ready_client(databases.care, status=CoverageStatus.MANUAL_REVIEW)
    activities = JourneyActivities(databases.worker)
    for _ in range(2):
        climbed = await activities.climb_ladder(ClimbLadder(client_id))
    assert climbed.next_rung_at is None
    async with databases.worker.transaction() as tx:
        rows = await tx.all("SELECT n, whom FROM journey_rungs ORDER BY n")
    assert [(row["n"], row["whom"]) for row in rows] == [(1, "billing"), (2, "client"), (3, "supervisor")]


async def test_without_a_matcher_on_duty_supervisors_are_called(databases: Any) -> None:
    supervisor = await staff(databases.care, Role.SUPERVISOR)
    client_id = await ready_client(databases.care)
    await climb(databases.worker, client_id, LONG_AGO + timedelta(hours=2))
    assert await told(databases.worker) == [(supervisor, "journey_waits")]


async def test_a_policy_row_shortens_a_ladder(databases: Any) -> None:
    client_id = await ready_client(databases.care, status=CoverageStatus.NEEDS_INFORMATION)
    timing = {"due_seconds": 30, "ladder": [{"after_seconds": 10, "whom": "client"}]}
    async with databases.care.transaction() as tx:
        await tx.insert(
            "policies",
            id=uuid4(),
            kind="stages",
            name="coverage_details",
            definition=timing,
            effective_from=LONG_AGO - timedelta(days=1),
        )
    climbed = await climb(databases.worker, client_id, LONG_AGO + timedelta(seconds=5))
    assert climbed.next_rung_at == LONG_AGO + timedelta(seconds=10)
    async with databases.worker.transaction(at=LONG_AGO) as tx:
        assert (await journeys.view(tx, client_id)).due_at == LONG_AGO + timedelta(seconds=30)


async def test_an_open_room_is_care_and_a_closed_client_is_closed(databases: Any) -> None:
    place = await room(databases.care)
    async with databases.worker.transaction() as tx:
        await journeys.advance(tx, place.client.account_id)
    assert (await stage_of(databases.care, place.client.account_id))[0] == Stage.IN_CARE
    async with databases.care.transaction() as tx:
        await journeys.close(tx, place.client.account_id)
    assert (await stage_of(databases.care, place.client.account_id))[0] == Stage.CLOSED


async def test_a_lost_temporal_store_is_told_every_open_journey(databases: Any) -> None:
    open_one, closed_one = await ready_client(databases.care), await ready_client(databases.care)
    async with databases.care.transaction() as tx:
        await journeys.advance(tx, open_one)
        await journeys.close(tx, closed_one)
        await _forget_notes(tx)
        assert await journeys.retell(tx) == 1
        notes = await tx.all("SELECT subject_id, payload FROM outbox WHERE sent_at IS NULL")
    assert [note["subject_id"] for note in notes] == [open_one]
    assert notes[0]["payload"]["stage"] == "matching"


async def _forget_notes(tx: Transaction) -> None:
    await tx.run("UPDATE outbox SET sent_at = %s", (tx.now,))


async def test_an_unanswered_offer_reminds_the_therapist_who_was_asked(databases: Any) -> None:

    client_id = await ready_client(databases.care)
    async with databases.care.transaction(at=LONG_AGO) as tx:
        asked, other = await therapist(tx), await therapist(tx)
        match_id = uuid4()
        await tx.insert(
            "matches",
            id=match_id,
            client_id=client_id,
            n=1,
            status="offering",
            version=1,
            choice=[asked],
            misses=0,
            created_at=tx.now,
        )
        await tx.insert(
            "offers",
            id=uuid4(),
            match_id=match_id,
            client_id=client_id,
            therapist_id=asked,
            n=1,
            state="open",
            offered_at=tx.now,
            expires_at=tx.now + timedelta(days=2),
        )
    await climb(databases.worker, client_id, LONG_AGO + timedelta(days=1))
    assert await told(databases.worker) == [(asked, "offer_waits")]
    assert other != asked
