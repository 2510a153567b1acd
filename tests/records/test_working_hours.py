"""Hours with public holidays: given back as they were given, spread out in the calendar, and never run out."""

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from factories import OFFICE_HOURS, actor, instant, room, therapist

from domain.access import Role
from domain.calendars import week
from domain.errors import Invalid
from records import working_hours
from records.database import Row

if TYPE_CHECKING:
    from conftest import Databases

FRIDAY = instant("2026-05-22T16:00:00-04:00")  # before Memorial Day, the 25th
OFFICE = week("America/New_York", OFFICE_HOURS, [date(2026, 5, 26)])


async def one(databases: "Databases", sql: str, *values: object) -> Row:
    async with databases.worker.transaction() as tx:
        found = await tx.one(sql, values)
    assert found is not None
    return found


async def test_public_holidays_and_own_days_off_move_the_clock_and_are_given_back_apart(
    databases: "Databases",
) -> None:
    where = await room(databases.care, always=False, at=FRIDAY)  # 180 minutes: an hour today, two on Monday
    me = where.therapist.account_id
    async with databases.care.transaction(where.therapist, FRIDAY) as tx:
        await working_hours.set_hours(tx, me, OFFICE, ["US", "US-NY", "US"])
        given = await working_hours.hours(tx, me)
    assert (given["public_holidays"], given["holidays"]) == (["US", "US-NY"], ["2026-05-26"])
    clock = await one(databases, "SELECT due_at, calendar_version FROM response_clocks")
    assert clock["due_at"] == instant("2026-05-27T11:00:00-04:00")
    kept = await one(
        databases,
        "SELECT hours->'holidays' AS days FROM calendar_versions WHERE therapist_id = %s AND version = %s",
        me,
        clock["calendar_version"],
    )
    assert {"2026-05-25", "2026-05-26", "2026-12-25"} <= set(kept["days"])


async def test_an_unknown_place_is_refused_and_nothing_changes(databases: "Databases") -> None:
    where = await room(databases.care, at=FRIDAY)
    with pytest.raises(Invalid):
        async with databases.care.transaction(where.therapist, FRIDAY) as tx:
            await working_hours.set_hours(tx, where.therapist.account_id, OFFICE, ["US-XX"])
    assert await one(databases, "SELECT version, public_holidays FROM calendars") == {
        "version": 1,
        "public_holidays": [],
    }


async def test_years_that_come_near_are_added_once_and_clocks_follow(databases: "Databases") -> None:
    async with databases.care.transaction(at=FRIDAY) as tx:
        who = await therapist(tx, always=False)
    async with databases.care.transaction(actor(Role.THERAPIST, who), FRIDAY) as tx:
        await working_hours.set_hours(tx, who, OFFICE, ["US"])
    before = await one(databases, "SELECT * FROM calendars")
    assert before["holidays_until"] == date(2027, 12, 31)
    for at, extended in (
        (FRIDAY, 0),
        (datetime(2027, 6, 1, tzinfo=UTC), 1),
        (datetime(2027, 6, 2, tzinfo=UTC), 0),
    ):
        async with databases.worker.transaction(at=at) as tx:
            assert await working_hours.running_out(tx, 10) == [who] * extended
            assert await working_hours.extend_holidays(tx, who) is bool(extended)
            assert await working_hours.extend_holidays(tx, who) is False
    after = await one(databases, "SELECT * FROM calendars")
    assert after["version"] == before["version"] + 1
    assert "2028-07-04" in after["hours"]["holidays"]
    assert after["own_holidays"] == ["2026-05-26"]


async def test_a_change_of_hours_is_one_new_version_also_for_those_who_are_covered(
    databases: "Databases",
) -> None:
    where, other = await room(databases.care, at=FRIDAY), await room(databases.care, at=FRIDAY)
    async with databases.care.transaction(at=FRIDAY) as tx:
        await tx.insert(
            "covers",
            id=where.id,
            room_id=where.id,
            therapist_id=other.therapist.account_id,
            starts_at=FRIDAY,
            ends_at=FRIDAY + timedelta(days=3),
        )
    async with databases.care.transaction(other.therapist, FRIDAY) as tx:
        await working_hours.set_hours(tx, other.therapist.account_id, OFFICE)
    stale = await one(
        databases,
        "SELECT count(*) FILTER (WHERE c.calendar_version <> k.version) AS stale, min(k.version) AS version"
        " FROM response_clocks c JOIN rooms r ON r.id = c.room_id JOIN calendars k ON k.therapist_id = r.therapist_id",
    )
    assert stale == {"stale": 0, "version": 2}
