"""A change moves every running clock it touches, at once and once; before and after are kept; nothing else moves."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import psycopg
import pytest
from factories import Room, account, actor, client, instant, room, therapist
from test_messages import say

from bench.full_clinic import fill
from domain.access import Role
from domain.calendars import Calendar, week
from domain.clocks import project
from domain.errors import NotFound
from domain.ids import new_id
from domain.policies import working_minutes
from records import response_policies, response_terms, rungs, working_hours
from records.calendars import hold_calendars, schedule_of_clock
from records.clocks import policy_of, reproject
from records.database import Row
from records.reprojections import (
    BATCH,
    ask_policy_reprojection,
    due_policies,
    look_again,
    reproject_rooms,
    reproject_therapist,
    retell,
    run_batch,
    stale_rooms,
)
from records.rooms import open_room

if TYPE_CHECKING:
    from conftest import Databases

MONDAY = instant("2026-05-11T09:00:00-04:00")
NINE_TO_FIVE = {day: [("09:00", "17:00")] for day in ("mon", "tue", "wed", "thu", "fri")}
AFTERNOONS = week("America/New_York", {day: [("13:00", "17:00")] for day in ("mon", "tue", "wed")})
NEVER = Calendar("America/New_York", ((),) * 7)
EVERYTHING = """
SELECT (SELECT jsonb_agg(to_jsonb(c) ORDER BY c.id) FROM response_clocks c) AS clocks,
       (SELECT jsonb_agg(to_jsonb(r) ORDER BY r.id) FROM rooms r) AS rooms,
       (SELECT jsonb_agg(to_jsonb(p) ORDER BY p.clock_id, p.version) FROM clock_projections p) AS projections,
       (SELECT count(*) FROM outbox WHERE kind = 'clock_changed') AS notes,
       (SELECT count(*) FROM notices) AS notices
"""


async def rows(databases: "Databases", statement: str, *given: object) -> list[Row]:
    async with databases.worker.transaction() as tx:
        return await tx.all(statement, given)


async def everything(databases: "Databases") -> Row:
    (row,) = await rows(databases, EVERYTHING)
    return row


async def running(databases: "Databases", where: Room) -> Row:
    (row,) = await rows(
        databases, "SELECT * FROM response_clocks WHERE room_id = %s AND state = 'running'", where.id
    )
    return row


async def keeps(databases: "Databases", where: Room, hours: Calendar, at: datetime) -> None:
    async with databases.care.transaction(where.therapist, at) as tx:
        await working_hours.set_hours(tx, where.therapist.account_id, hours)


async def promises(databases: "Databases", name: str, minutes: float, at: datetime) -> UUID:
    """A new version of a policy, in force at once; the re-projection that was asked for."""
    async with databases.care.transaction(actor(Role.SUPERVISOR), at) as tx:
        await response_policies.put_version(tx, working_minutes(name, minutes))
    (asked,) = await rows(
        databases, "SELECT id FROM reprojections WHERE finished_at IS NULL AND asked_at = %s", at
    )
    found: UUID = asked["id"]
    return found


async def work_off(databases: "Databases", asked: UUID, at: datetime | None = None) -> None:
    """As the workflow does: both passes, a transaction to a batch."""
    for last_pass in (False, True):
        while True:
            async with databases.worker.transaction(at=at) as tx:
                if not await run_batch(tx, asked, last_pass=last_pass):
                    break


async def test_a_new_policy_moves_every_clock_it_holds_for_once_and_keeps_before_and_after(
    databases: "Databases",
) -> None:
    places = [await room(databases.care, always=False, at=MONDAY) for _ in range(3)]
    before = [await running(databases, where) for where in places]
    asked = await promises(databases, "welcome", 60, MONDAY + timedelta(minutes=5))
    await work_off(databases, asked, MONDAY + timedelta(minutes=6))
    for where, old in zip(places, before, strict=True):
        clock = await running(databases, where)
        assert (old["due_at"], clock["due_at"]) == (MONDAY + timedelta(hours=3), MONDAY + timedelta(hours=1))
        assert clock["next_alarm_at"] == MONDAY + timedelta(minutes=45)
        assert clock["policy"]["minutes"] == 60
        kept = await rows(databases, "SELECT * FROM clock_projections WHERE clock_id = %s", clock["id"])
        (told,) = await rows(
            databases,
            "SELECT version, payload FROM outbox WHERE subject_id = %s ORDER BY id DESC LIMIT 1",
            where.id,
        )
        assert [(k["version"], k["reason"], k["due_before"], k["due_after"]) for k in kept] == [
            (told["version"], "policy", old["due_at"], clock["due_at"])
        ]
        assert datetime.fromisoformat(told["payload"]["next_alarm_at"]) == clock["next_alarm_at"]
        assert told["payload"]["clock_id"] == str(clock["id"])
    (row,) = await rows(databases, "SELECT * FROM reprojections")
    assert (row["total"], row["done"], row["moved"]) == (3, 3, 3)
    assert row["finished_at"] is not None
    (policy,) = await rows(databases, "SELECT applied_at FROM policies")
    assert policy["applied_at"] == row["finished_at"]


async def test_doing_it_again_changes_nothing(databases: "Databases") -> None:
    where = await room(databases.care, always=False, at=MONDAY)
    await keeps(databases, where, AFTERNOONS, MONDAY + timedelta(minutes=5))
    once = await everything(databases)
    async with databases.care.transaction(at=MONDAY + timedelta(minutes=6)) as tx:
        assert await reproject_rooms(tx, [where.id], "again") == 0
        await reproject(tx, where.id, "again")
    assert await everything(databases) == once


async def test_a_batch_repeated_after_a_crash_goes_on_where_it_ended_and_moves_nothing_twice(
    databases: "Databases",
) -> None:
    clocks = 2 * BATCH + 100
    fill(databases.owner_dsn, clocks)
    async with databases.care.transaction() as tx:
        await response_terms.set_terms(tx, response_terms.CLINIC, policy_name="welcome")
        (row,) = await tx.all("SELECT id FROM reprojections")
    asked = row["id"]
    for moved in (BATCH, 2 * BATCH):  # committed, but the worker died before it could say so
        async with databases.worker.transaction() as tx:
            assert await run_batch(tx, asked, last_pass=False)
        (row,) = await rows(databases, "SELECT done, moved FROM reprojections")
        assert row == {"done": moved, "moved": moved}
    await work_off(databases, asked)
    ended = await everything(databases)
    for last_pass in (False, True):
        async with databases.worker.transaction() as tx:
            assert not await run_batch(tx, asked, last_pass=last_pass)
    assert await everything(databases) == ended
    (counted,) = await rows(
        databases,
        "SELECT count(*) AS rows, count(DISTINCT clock_id) AS clocks,"
        " (SELECT count(*) FROM response_clocks WHERE state = 'running' AND policy_name = 'welcome') AS under"
        " FROM clock_projections",
    )
    # Whose promise was the welcome one already had nothing to move.
    assert counted["rows"] == counted["clocks"] <= counted["under"] == clocks
    assert await rows(databases, "SELECT 1 FROM outbox WHERE kind = 'reprojection_asked'")


async def test_a_therapist_with_more_rooms_than_a_batch_has_the_rest_asked_for(
    databases: "Databases",
) -> None:
    fill(databases.owner_dsn, BATCH + 60)
    with psycopg.connect(databases.owner_dsn) as owner:
        (keeper,) = owner.execute("SELECT min(therapist_id::text)::uuid FROM calendars").fetchone() or ()
        owner.execute("UPDATE rooms SET therapist_id = %s", (keeper,))
        owner.execute("UPDATE response_clocks SET therapist_id = %s WHERE state = 'running'", (keeper,))
        owner.execute("DELETE FROM covers")
    async with databases.care.transaction() as tx:
        await hold_calendars(tx, keeper)
        await tx.run("UPDATE calendars SET version = version + 1 WHERE therapist_id = %s", (keeper,))
        await reproject_therapist(tx, keeper, "hours")
        assert len(await stale_rooms(tx, 1_000)) == 60
    (asked,) = await rows(databases, "SELECT * FROM reprojections")
    assert (asked["total"], asked["done"], asked["finished_at"]) == (BATCH + 60, BATCH, None)
    async with databases.worker.transaction() as tx:
        assert await retell(tx) == 1
        assert not await run_batch(tx, asked["id"], last_pass=False)
        assert await stale_rooms(tx, 1_000) == []
    await work_off(databases, asked["id"])
    async with databases.worker.transaction() as tx:
        assert await retell(tx) == 0


async def test_what_does_not_move_gets_the_version_and_nothing_else(databases: "Databases") -> None:
    where = await room(databases.care, always=False, at=MONDAY)
    before, told = await running(databases, where), await everything(databases)
    later = week("America/New_York", {**NINE_TO_FIVE, "sat": [("10:00", "12:00")]})
    await keeps(databases, where, later, MONDAY + timedelta(minutes=5))
    after, now = await running(databases, where), await everything(databases)
    assert after["calendar_version"] == before["calendar_version"] + 1
    assert {**after, "calendar_version": None} == {**before, "calendar_version": None}
    assert (now["notes"], now["projections"], now["rooms"]) == (told["notes"], None, told["rooms"])


async def test_a_rung_that_fired_does_not_fire_again_when_the_due_time_moves(databases: "Databases") -> None:
    where = await room(databases.care, always=False, at=MONDAY)
    clock = await running(databases, where)
    async with databases.care.transaction(where.therapist, MONDAY + timedelta(minutes=140)) as tx:
        await rungs.fire_due_rungs(tx, where.id, clock["id"])
    await keeps(databases, where, AFTERNOONS, MONDAY + timedelta(minutes=150))
    moved = await running(databases, where)
    assert [each["rung"] for each in moved["alarms"]["rungs"]] == ["breach", "cover"]
    assert moved["next_alarm_at"] == moved["due_at"] == MONDAY + timedelta(hours=7)


async def test_a_clock_that_is_late_under_the_new_policy_rings_at_once(databases: "Databases") -> None:
    where = await room(databases.care, always=False, at=MONDAY)
    noon = MONDAY + timedelta(hours=2, minutes=50)
    await work_off(databases, await promises(databases, "welcome", 30, noon), noon)
    clock = await running(databases, where)
    assert clock["due_at"] == MONDAY + timedelta(minutes=30)
    assert clock["next_alarm_at"] < noon
    async with databases.care.transaction(where.therapist, noon) as tx:
        assert (await rungs.fire_due_rungs(tx, where.id, clock["id"])).outcome == "fired"
        breach = await tx.one("SELECT breached_at, recorded_at FROM clock_breaches")
    assert breach == {"breached_at": clock["due_at"], "recorded_at": noon}


async def test_without_working_time_in_sight_the_clock_is_held_and_supervisors_told_once(
    databases: "Databases",
) -> None:
    async with databases.care.transaction(at=MONDAY) as tx:
        supervisor = await account(tx, Role.SUPERVISOR)
    where = await room(databases.care, always=False, at=MONDAY)
    for minute, hours in enumerate((NEVER, AFTERNOONS, NEVER)):
        await keeps(databases, where, hours, MONDAY + timedelta(minutes=minute))
    clock = await running(databases, where)
    assert (clock["held"], clock["due_at"], clock["next_alarm_at"]) == ("no_capacity", None, None)
    told = await rows(databases, "SELECT account_id, subject_id FROM notices WHERE template = 'no_capacity'")
    assert told == [{"account_id": supervisor, "subject_id": clock["id"]}]
    kept = await rows(databases, "SELECT due_before, due_after FROM clock_projections ORDER BY version")
    assert [(k["due_before"] is None, k["due_after"] is None) for k in kept] == [
        (False, True),
        (True, False),
        (False, True),
    ]


async def test_working_time_that_comes_into_sight_as_days_pass_gives_a_due_time(
    databases: "Databases",
) -> None:
    where = await room(databases.care, always=False, at=MONDAY)
    who, back = where.therapist.account_id, MONDAY + timedelta(days=70)
    async with databases.care.transaction(where.therapist, MONDAY) as tx:
        await hold_calendars(tx, who)
        await tx.insert("leaves", id=new_id(), therapist_id=who, starts_at=MONDAY, ends_at=back)
        await working_hours.moved(tx, who, "leave")
    for day, held, moved in ((1, "no_capacity", 0), (11, None, 1), (12, None, 0)):
        async with databases.worker.transaction(at=MONDAY + timedelta(days=day)) as tx:
            assert await look_again(tx) == moved
        assert (await running(databases, where))["held"] == held
    assert (await running(databases, where))["due_at"] == back + timedelta(hours=3)


async def test_a_clock_without_a_calendar_is_refused_and_nothing_moves(databases: "Databases") -> None:
    where = await room(databases.care, at=MONDAY)
    before = await everything(databases)
    with psycopg.connect(databases.owner_dsn) as owner:
        owner.execute("DELETE FROM calendars")
    with pytest.raises(NotFound) as refused:
        async with databases.care.transaction(at=MONDAY) as tx:
            await reproject(tx, where.id, "reassigned")
    assert refused.value.code == "no_calendar"
    assert await everything(databases) == before


async def test_one_room_without_a_calendar_keeps_no_other_clock_from_its_new_policy(
    databases: "Databases",
) -> None:
    lost, where = [await room(databases.care, at=MONDAY) for _ in range(2)]
    with psycopg.connect(databases.owner_dsn) as owner:
        owner.execute("DELETE FROM calendars WHERE therapist_id = %s", (lost.therapist.account_id,))
    await work_off(databases, await promises(databases, "welcome", 60, MONDAY), MONDAY)
    assert (await running(databases, where))["due_at"] == MONDAY + timedelta(hours=1)
    assert (await running(databases, lost))["due_at"] == MONDAY + timedelta(hours=3)


async def test_terms_that_name_nothing_take_no_promise_away(databases: "Databases") -> None:
    where = await room(databases.care, at=MONDAY)
    before = await running(databases, where)
    async with databases.care.transaction(at=MONDAY) as tx:
        await tx.insert(
            "response_terms", id=new_id(), scope="clinic", policy_name="unknown", effective_from=MONDAY
        )
        assert await stale_rooms(tx, 10) == []
        assert await reproject_rooms(tx, [where.id], "policy") == 0
    assert await running(databases, where) == before


async def test_closed_clocks_stay_as_they_are(databases: "Databases") -> None:
    where = await room(databases.care)
    await say(databases, where, where.therapist, "Welcome, I am glad that you are here with me today.")
    before = await everything(databases)
    await keeps(databases, where, AFTERNOONS, MONDAY)
    async with databases.worker.transaction() as tx:
        assert await reproject_rooms(tx, [where.id], "hours") == 0
    assert (await everything(databases))["clocks"] == before["clocks"]


async def test_a_change_of_somebody_who_covers_moves_the_rooms_they_cover(databases: "Databases") -> None:
    where = await room(databases.care, always=False, at=MONDAY)
    async with databases.care.transaction(at=MONDAY) as tx:
        cover = await therapist(tx, zone="America/Los_Angeles", always=False)
        await hold_calendars(tx, where.therapist.account_id, [cover])
        leave = (instant("2026-05-11T09:30:00-04:00"), instant("2026-05-14T00:00:00-04:00"))
        await tx.insert(
            "leaves",
            id=new_id(),
            therapist_id=where.therapist.account_id,
            starts_at=leave[0],
            ends_at=leave[1],
        )
        await tx.insert(
            "covers",
            id=new_id(),
            room_id=where.id,
            therapist_id=cover,
            starts_at=leave[0],
            ends_at=leave[1],
        )
        await working_hours.moved(tx, where.therapist.account_id, "leave")
    assert (await running(databases, where))["due_at"] == instant("2026-05-11T11:30:00-07:00")
    tuesdays = week("America/Los_Angeles", {"tue": [("08:00", "17:00")]})
    async with databases.care.transaction(actor(Role.THERAPIST, cover), MONDAY) as tx:
        await working_hours.set_hours(tx, cover, tuesdays)
        assert await stale_rooms(tx, 10) == []
    assert (await running(databases, where))["due_at"] == instant("2026-05-12T10:30:00-07:00")


async def test_what_is_stale_is_found_by_calendar_policy_and_therapist(databases: "Databases") -> None:
    by_calendar, by_policy, by_therapist, right = [await room(databases.care, at=MONDAY) for _ in range(4)]
    with psycopg.connect(databases.owner_dsn) as owner:
        owner.execute(
            "UPDATE calendars SET version = 7 WHERE therapist_id = %s", (by_calendar.therapist.account_id,)
        )
        owner.execute(
            "INSERT INTO response_terms (id, scope, room_id, policy_name, effective_from)"
            " VALUES (gen_random_uuid(), 'room', %s, 'consult', %s)",
            (by_policy.id, MONDAY),
        )
        owner.execute(
            "UPDATE rooms SET therapist_id = %s WHERE id = %s",
            (right.therapist.account_id, by_therapist.id),
        )
    async with databases.worker.transaction() as tx:
        found = await stale_rooms(tx, 10)
        assert found == sorted([by_calendar.id, by_policy.id, by_therapist.id])
        assert await stale_rooms(tx, 1) == found[:1]
        assert await reproject_rooms(tx, found, "audit") == 2
        assert await stale_rooms(tx, 10) == []


async def test_a_version_to_come_moves_clocks_when_its_time_has_come_and_once(databases: "Databases") -> None:
    where = await room(databases.care, at=MONDAY)
    begins = MONDAY + timedelta(hours=1)
    async with databases.care.transaction(actor(Role.SUPERVISOR), MONDAY) as tx:
        await response_policies.put_version(tx, working_minutes("welcome", 60), begins)
        assert await due_policies(tx) == []
    async with databases.worker.transaction(at=begins - timedelta(minutes=1)) as tx:
        assert (await due_policies(tx), await stale_rooms(tx, 10)) == ([], [])
    async with databases.worker.transaction(at=begins) as tx:
        assert (await due_policies(tx), await stale_rooms(tx, 10)) == (["welcome"], [where.id])
        asked = await ask_policy_reprojection(tx, "welcome", "policy")
        assert await due_policies(tx) == []
    await work_off(databases, asked, begins)
    assert (await running(databases, where))["due_at"] == begins
    async with databases.worker.transaction(at=begins + timedelta(hours=1)) as tx:
        assert await due_policies(tx) == []


@pytest.mark.parametrize("changes", [(), (AFTERNOONS, week("America/New_York", NINE_TO_FIVE))])
async def test_an_old_clock_is_explained_by_the_hours_it_counted(
    databases: "Databases", changes: tuple[Calendar, ...]
) -> None:
    where = await room(databases.care, always=False, at=MONDAY)
    counted = week("America/New_York", NINE_TO_FIVE)
    for minute, hours in enumerate(changes):
        await keeps(databases, where, hours, MONDAY + timedelta(minutes=minute))
    async with databases.care.transaction(at=MONDAY) as tx:
        assert (await schedule_of_clock(tx, await running(databases, where))).schedule.calendar == counted
    with psycopg.connect(databases.owner_dsn) as owner:
        owner.execute(
            "UPDATE response_clocks SET state = 'met', closed_at = %s", (MONDAY + timedelta(hours=1),)
        )
    await keeps(databases, where, NEVER, MONDAY + timedelta(days=1))
    async with databases.care.transaction(where.therapist, MONDAY + timedelta(days=2)) as tx:
        await tx.insert(  # recorded after the clock had closed: it never counted by it
            "leaves",
            id=new_id(),
            therapist_id=where.therapist.account_id,
            starts_at=MONDAY,
            ends_at=MONDAY + timedelta(days=3),
            recorded_at=tx.now,
        )
        (clock,) = await tx.all("SELECT * FROM response_clocks")
        found = await schedule_of_clock(tx, clock)
        assert (found.version, found.schedule.calendar, found.schedule.leave) == (
            1 + len(changes),
            counted,
            (),
        )
        told = project(policy_of(clock), found.schedule, clock["opened_at"], clock["closed_at"])
    assert told.due_at == clock["due_at"] == MONDAY + timedelta(hours=3)


async def test_a_room_that_opens_meanwhile_counts_by_the_new_hours(databases: "Databases") -> None:
    where = await room(databases.care, always=False, at=MONDAY)
    await keeps(databases, where, AFTERNOONS, MONDAY)
    async with databases.care.transaction(at=MONDAY) as tx:
        other = await client(tx)
    async with databases.care.transaction(where.therapist, MONDAY) as tx:
        opened = await open_room(tx, other, where.therapist.account_id)  # type: ignore[arg-type]
        (clock,) = await tx.all("SELECT * FROM response_clocks WHERE room_id = %s", (opened,))
        assert (clock["calendar_version"], clock["due_at"]) == (2, MONDAY + timedelta(hours=7))
        assert await stale_rooms(tx, 10) == []
