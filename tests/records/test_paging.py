"""Pages: once per rung, by the wall clock, also when Temporal is down."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from factories import account, actor, client, room

from activities.paging import page_overdue, send_pages
from activities.risk import RiskActivities
from activities.shapes.risk import PageDue
from domain.access import Duty, Role
from domain.risk import Source, Urgency
from integrations.notify.fake import FakeNotifier
from integrations.notify.port import NotHandedOver
from records import paging, risk
from records.database import Database

NOW = datetime.now(UTC)


async def staff(database: Database, role: Role, *duties: Duty) -> UUID:
    async with database.transaction() as tx:
        account_id = await account(tx, role)
        for duty in duties:
            await tx.insert("duties", account_id=account_id, duty=duty, granted_at=tx.now)
    return account_id


async def flag(database: Database, urgency: Urgency, opened_at: datetime) -> UUID:
    async with database.transaction(at=opened_at) as tx:
        client_id = await client(tx)
        raised = await risk.raise_flag(tx, source=Source.ITEM_9, urgency=urgency, client_id=client_id)
    return raised.id


async def rungs(database: Database, flag_id: UUID) -> list[tuple[str, UUID]]:
    async with database.transaction() as tx:
        rows = await tx.all(
            "SELECT rung, account_id FROM risk_pages WHERE flag_id = %s ORDER BY sent_at, rung", (flag_id,)
        )
    return [(row["rung"], row["account_id"]) for row in rows]


async def look(databases: Any, flag_id: UUID, at: datetime) -> paging.Standing:
    """What the workflow's activity does at this instant."""
    async with databases.worker.transaction(at=at) as tx:
        return await paging.page_due(tx, flag_id)


async def test_the_ladder_calls_each_in_turn_and_none_twice(databases: Any) -> None:
    on_call = await staff(databases.care, Role.THERAPIST, Duty.ON_CALL)
    supervisor = await staff(databases.care, Role.SUPERVISOR)
    director = await staff(databases.care, Role.SUPERVISOR, Duty.CLINICAL_DIRECTOR)
    flag_id = await flag(databases.care, Urgency.PAGE_NOW, NOW)
    assert await rungs(databases.care, flag_id) == [("first_page", on_call)]
    for minutes in (1, 6, 6, 16, 31, 31, 600):
        await look(databases, flag_id, NOW + timedelta(minutes=minutes))
    called = await rungs(databases.care, flag_id)
    assert called[:2] == [("first_page", on_call), ("second_page", on_call)]
    assert {who for rung, who in called if rung == "supervisor"} == {supervisor, director}
    assert [who for rung, who in called if rung == "clinical_director"] == [director]
    assert len(called) == 5


async def test_the_primary_therapist_is_called_beside_the_one_on_call(databases: Any) -> None:
    on_call = await staff(databases.care, Role.THERAPIST, Duty.ON_CALL)
    place = await room(databases.care)
    async with databases.care.transaction(place.client) as tx:
        raised = await risk.ask_for_help(tx, place.client.account_id, None)
    assert {who for _, who in await rungs(databases.care, raised.id)} == {
        on_call,
        place.therapist.account_id,
    }


async def test_silence_for_five_minutes_pages_and_four_do_not(databases: Any) -> None:
    on_call = await staff(databases.care, Role.THERAPIST, Duty.ON_CALL)
    flag_id = await flag(databases.care, Urgency.ASKING, NOW)
    waiting = await look(databases, flag_id, NOW + timedelta(minutes=4))
    assert waiting.next_at == NOW + timedelta(minutes=5)
    assert await rungs(databases.care, flag_id) == []
    await look(databases, flag_id, NOW + timedelta(minutes=5))
    assert await rungs(databases.care, flag_id) == [("first_page", on_call)]


async def test_a_same_day_task_that_nobody_reads_pages_at_the_end_of_the_day(databases: Any) -> None:
    on_call = await staff(databases.care, Role.THERAPIST, Duty.ON_CALL)
    flag_id = await flag(databases.care, Urgency.SAME_DAY, NOW)
    waiting = await look(databases, flag_id, NOW)
    assert waiting.next_at is not None
    assert timedelta() < waiting.next_at - NOW <= timedelta(hours=25)
    await look(databases, flag_id, waiting.next_at)
    assert await rungs(databases.care, flag_id) == [("first_page", on_call)]


async def test_with_temporal_down_the_sweep_pages_in_its_place(databases: Any) -> None:
    on_call = await staff(databases.care, Role.THERAPIST, Duty.ON_CALL)
    asked_at = datetime.now(UTC) - timedelta(minutes=5, seconds=1)
    flag_id = await flag(databases.care, Urgency.ASKING, asked_at)
    mail = FakeNotifier()
    for _ in range(3):
        await page_overdue(databases.worker, mail)
    assert await rungs(databases.care, flag_id) == [("first_page", on_call)]


async def test_a_page_that_was_not_handed_over_is_sent_again_and_then_never_more(databases: Any) -> None:
    care = databases.care
    on_call = await staff(care, Role.THERAPIST, Duty.ON_CALL)
    await give_address(care, on_call)
    flag_id = await flag(care, Urgency.PAGE_NOW, datetime.now(UTC))
    mail = FakeNotifier()
    mail.fail_next(NotHandedOver())
    assert await send_pages(care, mail, flag_id) == 1
    assert await send_pages(care, mail, flag_id) == 0
    assert await send_pages(care, mail, flag_id) == 0
    assert len(mail.sent) == 1


async def test_the_activity_of_a_closed_flag_calls_nobody(databases: Any) -> None:
    care = databases.care
    await staff(care, Role.THERAPIST, Duty.ON_CALL)
    supervisor = await staff(care, Role.SUPERVISOR)
    flag_id = await flag(care, Urgency.ASKING, NOW - timedelta(hours=1))
    async with care.transaction(actor(Role.SUPERVISOR, supervisor)) as tx:
        await risk.close(tx, flag_id, "Called, safe, plan agreed.")
    paged = await RiskActivities(databases.worker, FakeNotifier()).page_due(PageDue(flag_id))
    assert paged.closed
    assert await rungs(care, flag_id) == []


async def give_address(database: Database, account_id: UUID) -> None:
    from encryption.rooms import seal_field
    from records.clinic import CLINIC_ID, clinic_key

    async with database.transaction() as tx:
        sealed = seal_field(
            await clinic_key(tx), CLINIC_ID, "accounts", "email_sealed", account_id, "on-call@example.org"
        )
        await tx.run("UPDATE accounts SET email_sealed = %s WHERE id = %s", (sealed, account_id))
