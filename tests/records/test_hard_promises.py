"""The hard corners of the promise: late between two alarms, nobody who works, and a calendar that is not known."""

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg
import pytest
from factories import Room, account, instant, room

from domain.access import Role, writable_room
from domain.calendars import calendar_from_json
from domain.errors import Invalid, NotFound
from records import clock_audits, messages, rooms, rungs
from records.database import Row
from records.messages import NewMessage, Posted

if TYPE_CHECKING:
    from datetime import datetime

    from conftest import Databases

    from domain.access import Actor

MONDAY = instant("2026-05-11T09:00:00-04:00")


async def say(databases: "Databases", where: Room, who: "Actor", at: "datetime | None" = None) -> Posted:
    """Post as the API does: the door, then the message."""
    door = await rooms.door(databases.care, who, where.id)
    new = NewMessage(uuid4().hex, "It was a long day")
    return await messages.post(databases.care, writable_room(who, door.related), door.key, new, at=at)


async def found(databases: "Databases", query: str) -> list[Row]:
    async with databases.worker.transaction() as tx:
        return await tx.all(query)


async def test_an_answer_between_the_reminder_and_the_breach_alarm_is_still_late(
    databases: "Databases",
) -> None:
    """Past due, but before the alarm rang: what decides is the due time, not whether anybody had noticed."""
    where = await room(databases.care, always=False, at=MONDAY)
    await say(databases, where, where.therapist, MONDAY + timedelta(minutes=1))
    asked = await say(databases, where, where.client, MONDAY + timedelta(minutes=2))
    assert asked.due_at is not None
    (clock,) = await found(databases, "SELECT * FROM response_clocks WHERE state = 'running'")
    async with databases.worker.transaction(where.therapist, asked.due_at - timedelta(minutes=1)) as tx:
        await rungs.fire_due_rungs(tx, where.id, clock["id"])
    await say(databases, where, where.therapist, asked.due_at + timedelta(microseconds=1))
    (closed,) = await found(databases, "SELECT * FROM response_clocks WHERE opened_seq = 2")
    assert (closed["state"], closed["closed_at"] - closed["due_at"]) == ("late", timedelta(microseconds=1))
    assert await found(databases, "SELECT clock_id, breached_at FROM clock_breaches") == [
        {"clock_id": clock["id"], "breached_at": asked.due_at}
    ]
    async with databases.worker.transaction() as tx:
        assert (await rungs.fire_due_rungs(tx, where.id, clock["id"])).outcome == "superseded"
    assert [row["rung"] for row in await found(databases, "SELECT rung FROM clock_rungs")] == ["nudge"]


async def test_an_answer_at_the_due_instant_is_in_time(databases: "Databases") -> None:
    where = await room(databases.care, always=False, at=MONDAY)
    (clock,) = await found(databases, "SELECT * FROM response_clocks")
    await say(databases, where, where.therapist, clock["due_at"])
    (closed,) = await found(databases, "SELECT * FROM response_clocks")
    assert closed["state"] == "met"
    assert await found(databases, "SELECT * FROM clock_breaches") == []


async def test_where_nobody_works_for_sixty_days_a_message_is_accepted_held_and_told_to_the_supervisor_now(
    databases: "Databases",
) -> None:
    """Never taken for somebody who works round the clock: no due time, no alarm, nothing the audit would repair."""
    where = await room(databases.care, always=False, at=MONDAY)
    await say(databases, where, where.therapist, MONDAY + timedelta(minutes=1))
    async with databases.care.transaction(where.therapist, MONDAY) as tx:
        supervisor = await account(tx, Role.SUPERVISOR)
        await tx.insert(
            "leaves",
            id=uuid4(),
            therapist_id=where.therapist.account_id,
            starts_at=MONDAY + timedelta(minutes=2),
            ends_at=MONDAY + timedelta(days=70),
            recorded_at=MONDAY,
        )
    posted = await say(databases, where, where.client, MONDAY + timedelta(minutes=3))
    assert (posted.seq, posted.clock_state, posted.held, posted.due_at) == (2, "running", "no_capacity", None)
    (clock,) = await found(databases, "SELECT * FROM response_clocks WHERE state = 'running'")
    assert (clock["next_alarm_at"], clock["alarms"]["rungs"]) == (None, [])
    told = await found(databases, "SELECT account_id, subject_id FROM notices WHERE template = 'no_capacity'")
    assert told == [{"account_id": supervisor, "subject_id": clock["id"]}]
    async with databases.worker.transaction() as tx:
        look = await clock_audits.look(tx)
    assert (look.overdue_alarms, look.waiting_without_clock) == (0, 0)


async def test_a_message_to_somebody_whose_calendar_is_not_known_is_refused_and_leaves_nothing(
    databases: "Databases",
) -> None:
    where = await room(databases.care, always=False, at=MONDAY)
    await say(databases, where, where.therapist, MONDAY + timedelta(minutes=1))
    with psycopg.connect(databases.owner_dsn) as owner:
        owner.execute("DELETE FROM calendars")
    with pytest.raises(NotFound) as refused:
        await say(databases, where, where.client, MONDAY + timedelta(minutes=2))
    assert refused.value.code == "no_calendar"
    assert await found(databases, "SELECT last_seq FROM rooms") == [{"last_seq": 1}]
    assert await found(databases, "SELECT id FROM response_clocks WHERE state = 'running'") == []


def test_a_zone_that_is_not_known_is_refused() -> None:
    with pytest.raises(Invalid):
        calendar_from_json({"tz": "Mars/Olympus", "weekly": {}, "holidays": []})
