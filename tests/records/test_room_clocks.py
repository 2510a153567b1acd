"""More time, closing a question, a waiver: who may, what stays on record, and that risk is never put off."""

import asyncio
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from factories import Room, instant, room

from domain.access import Action, Actor
from domain.errors import Conflict, Invalid
from domain.ids import new_id
from domain.response_items import NoReplyReason
from records import relations, room_clocks
from records.database import Row
from records.explanations import story_of

if TYPE_CHECKING:
    from conftest import Databases

MONDAY = instant("2026-05-11T09:00:00-04:00")
HOUR = timedelta(hours=1)


async def running(databases: "Databases", where: Room) -> Row:
    async with databases.worker.transaction() as tx:
        row = await tx.one("SELECT * FROM response_clocks WHERE room_id = %s", (where.id,))
    assert row is not None
    return row


async def extend(
    databases: "Databases", where: Room, by: timedelta, at: datetime = MONDAY, actor: Actor | None = None
) -> room_clocks.Extended:
    async with databases.care.transaction(actor or where.client, at) as tx:
        permit = await relations.visible(tx, where.id, Action.EXTEND_CLOCK)
        return await room_clocks.extend(tx, permit, by)


async def flag(databases: "Databases", where: Room, state: str = "open", at: datetime | None = None) -> None:
    async with databases.care.transaction(at=at) as tx:
        await tx.insert(
            "risk_flags",
            id=new_id(),
            client_id=where.client.account_id,
            room_id=where.id,
            source="help_now",
            urgency="page_now",
            version=1,
            state=state,
            opened_at=tx.now,
        )


async def rows(databases: "Databases", statement: str, *values: Any) -> list[Row]:
    async with databases.worker.transaction() as tx:
        return await tx.all(statement, values)


async def test_more_time_is_working_time_on_top_of_the_due_time(databases: "Databases") -> None:
    where = await room(databases.care, always=False, at=MONDAY)
    done = await extend(databases, where, 6 * HOUR, MONDAY + HOUR)
    assert (done.due_before, done.due_at, done.left) == (
        instant("2026-05-11T12:00:00-04:00"),
        instant("2026-05-12T10:00:00-04:00"),
        2,
    )
    clock = await running(databases, where)
    assert (clock["due_at"], clock["extension_seconds"]) == (done.due_at, 6 * 3600)
    kept = await rows(databases, "SELECT clock_id, account_id, seconds FROM clock_extensions")
    assert kept == [{"clock_id": clock["id"], "account_id": where.client.account_id, "seconds": 6 * 3600}]
    moved = await rows(databases, "SELECT reason, due_before, due_after FROM clock_projections")
    assert moved == [{"reason": "extension", "due_before": done.due_before, "due_after": done.due_at}]
    told = await rows(databases, "SELECT account_id FROM notices WHERE template = 'more_time'")
    assert told == [{"account_id": where.therapist.account_id}]
    audited = await rows(databases, "SELECT actor_id, detail FROM audit_events WHERE action = 'extend_clock'")
    assert audited == [{"actor_id": where.client.account_id, "detail": {"seconds": 6 * 3600}}]


@pytest.mark.parametrize(
    ("by", "code"), [(timedelta(minutes=4), "too_short"), (timedelta(days=5, seconds=1), "too_long")]
)
async def test_more_time_has_its_limits(databases: "Databases", by: timedelta, code: str) -> None:
    where = await room(databases.care, at=MONDAY)
    with pytest.raises(Invalid) as refused:
        await extend(databases, where, by)
    assert refused.value.errors[0].code == code


async def test_three_extensions_a_clock_also_when_asked_for_all_at_once(databases: "Databases") -> None:
    where = await room(databases.care, at=MONDAY)
    asked = await asyncio.gather(*(extend(databases, where, HOUR) for _ in range(5)), return_exceptions=True)
    refused = [each for each in asked if isinstance(each, Conflict)]
    assert [each.code for each in refused] == ["extended_enough"] * 2
    assert (await running(databases, where))["extension_seconds"] == 3 * 3600


async def test_a_late_answer_may_be_given_time_and_its_breach_stays_a_fact(databases: "Databases") -> None:
    where = await room(databases.care, at=MONDAY)
    before = await running(databases, where)
    late = before["due_at"] + timedelta(minutes=10)
    done = await extend(databases, where, HOUR, late)
    assert done.due_at == before["due_at"] + HOUR
    breaches = await rows(databases, "SELECT breached_at FROM clock_breaches")
    assert breaches == [{"breached_at": before["due_at"]}]
    again = await running(databases, where)
    assert [rung["rung"] for rung in again["alarms"]["rungs"]] == ["cover"]


async def test_a_held_clock_and_a_clock_at_risk_take_no_more_time(databases: "Databases") -> None:
    where = await room(databases.care, at=MONDAY)
    await flag(databases, where)
    with pytest.raises(Conflict) as refused:
        await extend(databases, where, HOUR)
    assert refused.value.code == "risk_is_open"
    async with databases.care.transaction() as tx:
        await tx.run("UPDATE risk_flags SET state = 'closed'")
        await tx.run("UPDATE response_clocks SET held = 'paused'")
    with pytest.raises(Conflict) as refused:
        await extend(databases, where, HOUR)
    assert refused.value.code == "clock_is_held"


async def waive(databases: "Databases", where: Room, at: datetime = MONDAY) -> None:
    async with databases.care.transaction(where.therapist, at) as tx:
        permit = await relations.visible(tx, where.id, Action.WAIVE_CLOCK)
        await room_clocks.waive(tx, permit, NoReplyReason.ANSWERED_BY_PHONE)


@pytest.mark.parametrize("state", ["open", "acknowledged", "closed"])
async def test_what_was_flagged_for_risk_is_never_waived_even_when_the_flag_is_closed(
    databases: "Databases", state: str
) -> None:
    where = await room(databases.care, at=MONDAY)
    await flag(databases, where, state, MONDAY + timedelta(minutes=1))
    with pytest.raises(Conflict) as refused:
        await waive(databases, where, MONDAY + HOUR)
    assert refused.value.code == "risk_is_open"
    async with databases.care.transaction(where.client, MONDAY + HOUR) as tx:
        permit = await relations.visible(tx, where.id, Action.CLOSE_QUESTION)
        with pytest.raises(Conflict):
            await room_clocks.close_question(tx, permit)
    assert (await running(databases, where))["state"] == "running"


async def test_a_flag_of_an_earlier_time_does_not_bind_todays_question(databases: "Databases") -> None:
    where = await room(databases.care, at=MONDAY)
    await flag(databases, where, "closed", MONDAY - timedelta(days=30))
    await waive(databases, where)
    clock = await running(databases, where)
    assert (clock["state"], clock["reason"], clock["next_alarm_at"]) == ("waived", "answered_by_phone", None)
    audited = await rows(databases, "SELECT actor_id, detail FROM audit_events WHERE action = 'waive_clock'")
    assert audited == [{"actor_id": where.therapist.account_id, "detail": {"reason": "answered_by_phone"}}]


async def test_a_waiver_after_the_due_time_takes_no_breach_back(databases: "Databases") -> None:
    where = await room(databases.care, at=MONDAY)
    clock = await running(databases, where)
    await waive(databases, where, clock["due_at"] + timedelta(seconds=1))
    breaches = await rows(databases, "SELECT breached_at FROM clock_breaches")
    assert breaches == [{"breached_at": clock["due_at"]}]
    assert (await running(databases, where))["state"] == "waived"


async def test_the_story_of_a_clock_tells_all_that_moved_it(databases: "Databases") -> None:
    where = await room(databases.care, always=False, at=MONDAY)
    await extend(databases, where, 6 * HOUR, MONDAY + HOUR)
    async with databases.care.transaction(where.therapist, MONDAY + 2 * HOUR) as tx:
        story = await story_of(tx, await running(databases, where))
    assert story.told is not None
    assert story.told.due_before_extension == instant("2026-05-11T12:00:00-04:00")
    assert story.told.projection.due_at == story.due_at == instant("2026-05-12T10:00:00-04:00")
    assert [each["seconds"] for each in story.extensions] == [6 * 3600]
    assert [each["reason"] for each in story.moved] == ["extension"]
    assert (story.rungs, story.breach, story.policy_version) == ((), None, None)


async def test_a_closed_clock_is_still_explained_by_the_hours_of_its_day(databases: "Databases") -> None:
    where = await room(databases.care, always=False, at=MONDAY)
    due_at = (await running(databases, where))["due_at"]
    await waive(databases, where, MONDAY + HOUR)
    async with databases.care.transaction(where.therapist, MONDAY + timedelta(days=90)) as tx:
        story = await story_of(tx, await running(databases, where))
    assert story.told is not None
    assert story.told.projection.due_at == due_at
    assert story.told.sentence == "Mon 9:00 AM + 180 min = Mon 12:00 PM (America/New_York)"
