"""A client may go away in peace, and is back with their first word."""

from datetime import timedelta
from typing import TYPE_CHECKING

from factories import Room, instant, room
from test_messages import clocks, say

from records.pauses import pause, resume

if TYPE_CHECKING:
    from conftest import Databases

MONDAY = instant("2026-05-11T09:00:00-04:00")


async def away(databases: "Databases", where: Room, hours: float) -> None:
    async with databases.care.transaction(where.client, MONDAY + timedelta(hours=hours)) as tx:
        await pause(tx, where.client.account_id)


async def test_a_pause_holds_the_running_clock_and_its_end_lets_it_run_on(databases: "Databases") -> None:
    where = await room(databases.care, at=MONDAY)
    await away(databases, where, 1)
    (clock,) = await clocks(databases, where)
    assert (clock["held"], clock["due_at"], clock["remaining_seconds"]) == ("paused", None, 2 * 3600)
    async with databases.care.transaction(where.client, MONDAY + timedelta(days=3)) as tx:
        await resume(tx, where.client.account_id)
        await resume(tx, where.client.account_id)
    (clock,) = await clocks(databases, where)
    assert (clock["held"], clock["due_at"]) == (None, MONDAY + timedelta(days=3, hours=2))
    async with databases.worker.transaction() as tx:
        spans = await tx.all("SELECT reason, starts_at, ends_at FROM pauses")
    assert spans == [
        {
            "reason": "client",
            "starts_at": MONDAY + timedelta(hours=1),
            "ends_at": MONDAY + timedelta(days=3),
        }
    ]


async def test_a_message_ends_the_pause_and_opens_a_clock(databases: "Databases") -> None:
    where = await room(databases.care, at=MONDAY)
    await say(databases, where, where.therapist, "Welcome", at=MONDAY + timedelta(minutes=5))
    await away(databases, where, 1)
    posted = await say(databases, where, where.client, at=MONDAY + timedelta(days=2))
    assert posted.due_at == MONDAY + timedelta(days=2, hours=8)
    assert [clock["state"] for clock in await clocks(databases, where)] == ["met", "running"]
    async with databases.worker.transaction() as tx:
        assert await tx.one("SELECT paused_at FROM clients") == {"paused_at": None}
        assert await tx.one("SELECT client_away FROM rooms") == {"client_away": False}


async def test_a_message_into_a_held_clock_lets_it_run_on(databases: "Databases") -> None:
    where = await room(databases.care, at=MONDAY)
    await away(databases, where, 1)
    posted = await say(databases, where, where.client, at=MONDAY + timedelta(days=2))
    assert posted.due_at == MONDAY + timedelta(days=2, hours=2)
    (clock,) = await clocks(databases, where)
    assert (clock["kind"], clock["client_messages"]) == ("welcome", 1)
