"""Whoever is first: a clock ends on the calendar, policy and therapist that hold at the end; nobody waits in a ring."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import psycopg
import pytest
from factories import Room, account, actor, room, therapist
from psycopg import AsyncConnection
from psycopg.types.json import Jsonb
from test_messages import say

from domain.access import Action, Role
from domain.assignments import AssignmentReason
from domain.calendars import Calendar, calendar_to_json, week
from domain.clocks import project
from domain.ids import new_id
from domain.policies import working_minutes
from records import relations, response_policies, response_terms, rooms, working_hours
from records.assignments import reassign
from records.calendars import hold_calendars, room_schedule
from records.clocks import policy_of
from records.database import Row, Transaction
from records.locks import lock_room
from records.messages import Posted
from records.reprojections import reproject_rooms, reproject_therapist, run_batch, stale_rooms

if TYPE_CHECKING:
    from conftest import Databases

ANSWER = "Thank you for telling me. Let us look at this together when we speak on Tuesday."
MORNINGS = week("America/New_York", {day: [("08:00", "10:00")] for day in ("mon", "wed", "fri")})
EVENINGS = week("America/Los_Angeles", {day: [("17:00", "21:00")] for day in ("tue", "thu", "sat", "sun")})
WAITING = """
SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
WHERE NOT l.granted AND a.datname = current_database()
"""

Step = Callable[[Transaction], Awaitable[Any]]


async def stands(databases: "Databases", where: Room) -> Row:
    """The running clock, after checking that it is what the room's present facts make of it."""
    async with databases.worker.transaction() as tx:
        (clock,) = await tx.all(
            "SELECT c.*, r.therapist_id AS assigned_id FROM response_clocks c JOIN rooms r ON r.id = c.room_id"
            " WHERE c.room_id = %s AND c.state = 'running'",
            (where.id,),
        )
        found = await room_schedule(tx, where.id, clock["assigned_id"], clock["opened_at"])
        due = project(policy_of(clock), found.schedule, clock["opened_at"], tx.now)
        assert await stale_rooms(tx, 10) == []
    assert (clock["therapist_id"], clock["calendar_version"]) == (clock["assigned_id"], found.version)
    assert clock["due_at"] == due.due_at
    return clock


async def met_or_waiting(owner_dsn: str, task: "asyncio.Task[Any]") -> None:
    """Until the task is done or stands before somebody's lock."""
    async with await AsyncConnection.connect(owner_dsn, autocommit=True) as owner:
        while not task.done():
            (waiting,) = await (await owner.execute(WAITING)).fetchone() or (0,)
            if waiting:
                return
            await asyncio.sleep(0.005)


async def answered_room(databases: "Databases") -> Room:
    """A room in which the next message of the client opens a clock."""
    where = await room(databases.care, always=False)
    await say(databases, where, where.therapist, ANSWER)
    return where


def change_of_hours(where: Room) -> list[Step]:
    """What `set_hours` does, step by step."""
    who = where.therapist.account_id
    hours = Jsonb(calendar_to_json(MORNINGS))
    return [
        lambda tx: hold_calendars(tx, who),
        lambda tx: tx.run("UPDATE calendars SET hours = %s WHERE therapist_id = %s", (hours, who)),
        lambda tx: working_hours.bump(tx, who),
        lambda tx: reproject_therapist(tx, who, "hours"),
    ]


def leave(where: Room) -> list[Step]:
    """Leave from now: the calendar's row says only that its version grew, the time stands in another table."""
    who = where.therapist.account_id

    async def away(tx: Transaction) -> None:
        at = tx.now - timedelta(hours=1)
        await tx.insert("leaves", id=new_id(), therapist_id=who, starts_at=at, ends_at=at + timedelta(days=9))

    return [
        lambda tx: hold_calendars(tx, who),
        away,
        lambda tx: working_hours.bump(tx, who),
        lambda tx: reproject_therapist(tx, who, "leave"),
    ]


def pause(where: Room) -> list[Step]:
    """The room stands still, then does not: its own facts, under its own lock."""

    async def away(tx: Transaction) -> None:
        ends = tx.now + timedelta(days=2)
        await tx.insert(
            "pauses", id=new_id(), room_id=where.id, reason="client", starts_at=tx.now, ends_at=ends
        )

    return [
        lambda tx: lock_room(tx, where.id),
        away,
        lambda tx: reproject_rooms(tx, [where.id], "pause"),
    ]


def terms(where: Room) -> list[Step]:
    """The room gets a policy of its own."""
    reach = response_terms.Reach(where.id)
    return [
        lambda tx: lock_room(tx, where.id),
        lambda tx: response_terms.set_terms(tx, reach, policy_name="consult"),
    ]


CHANGES = {"hours": change_of_hours, "leave": leave, "pause": pause, "terms": terms}
PLACES = [
    (name, step)
    for name, steps in (("hours", 5), ("leave", 5), ("pause", 4), ("terms", 3))
    for step in range(steps)
]


@pytest.mark.parametrize(("name", "place"), PLACES)
async def test_a_post_that_meets_a_change_halfway_ends_on_the_changed_state(
    databases: "Databases", name: str, place: int
) -> None:
    where = await answered_room(databases)
    steps = CHANGES[name](where)
    async with databases.care.transaction(where.therapist) as tx:
        for step in steps[:place]:
            await step(tx)
        post = asyncio.create_task(say(databases, where, where.client))
        await met_or_waiting(databases.owner_dsn, post)
        for step in steps[place:]:
            await step(tx)
    posted = await post
    clock = await stands(databases, where)
    assert clock["opened_at"] == posted.sent_at
    if name == "terms":
        assert clock["policy_name"] == "consult"


async def test_a_clock_opens_in_the_posts_own_statement_at_the_instant_of_the_door(
    databases: "Databases",
) -> None:
    where = await answered_room(databases)
    await say(databases, where, where.client)  # opens the window for billing, too
    await say(databases, where, where.therapist, ANSWER)
    door = await rooms.door(databases.care, where.client, where.id)
    assert door.opening is not None
    posted = await say(databases, where, where.client, door=door)
    clock = await stands(databases, where)
    assert posted.sent_at == clock["opened_at"] == door.opening.at


async def changed_since(databases: "Databases", where: Room, name: str) -> None:
    async with databases.care.transaction(where.therapist) as tx:
        for step in CHANGES[name](where):
            await step(tx)


@pytest.mark.parametrize("name", [*CHANGES, "written"])
async def test_what_the_door_saw_opens_no_clock_once_it_is_not_so_any_more(
    databases: "Databases", name: str
) -> None:
    where = await answered_room(databases)
    await say(databases, where, where.client)
    await say(databases, where, where.therapist, ANSWER)
    door = await rooms.door(databases.care, where.client, where.id)
    assert door.opening is not None
    if name == "written":
        await say(databases, where, where.therapist, ANSWER)
    else:
        await changed_since(databases, where, name)
    posted = await say(databases, where, where.client, door=door)
    clock = await stands(databases, where)
    assert posted.sent_at == clock["opened_at"] > door.opening.at


@pytest.mark.parametrize("name", CHANGES)
async def test_a_change_that_meets_a_post_halfway_moves_the_clock_it_opened(
    databases: "Databases", name: str
) -> None:
    where = await answered_room(databases)

    async def change() -> None:
        async with databases.care.transaction(where.therapist) as tx:
            for step in CHANGES[name](where):
                await step(tx)

    async with halted_post(databases, where) as (post, go_on):
        changed = asyncio.create_task(change())
        await met_or_waiting(databases.owner_dsn, changed)
        assert not changed.done()
        await go_on()
        await asyncio.gather(post, changed)
    clock = await stands(databases, where)
    kept = await rows(databases, "SELECT * FROM clock_projections WHERE clock_id = %s", clock["id"])
    assert [each["due_after"] for each in kept] == [clock["due_at"]]


@asynccontextmanager
async def halted_post(
    databases: "Databases", where: Room
) -> AsyncIterator[tuple["asyncio.Task[Posted]", Callable[[], Awaitable[None]]]]:
    """A client's post that has projected its clock and stands before the insert of its message; and what lets it go."""
    async with await AsyncConnection.connect(databases.owner_dsn) as owner:
        await owner.execute("LOCK TABLE messages IN EXCLUSIVE MODE")
        door = replace(await rooms.door(databases.care, where.client, where.id), opening=None)
        post = asyncio.create_task(say(databases, where, where.client, door=door))
        await met_or_waiting(databases.owner_dsn, post)
        assert not post.done()
        yield post, owner.commit


async def rows(databases: "Databases", statement: str, *given: object) -> list[Row]:
    async with databases.worker.transaction() as tx:
        return await tx.all(statement, given)


async def test_any_interleaving_of_posts_and_changes_of_hours_ends_on_the_last_hours(
    databases: "Databases",
) -> None:
    source = random.Random(11)
    where = await answered_room(databases)

    async def keep(hours: Calendar) -> None:
        async with databases.care.transaction(where.therapist) as tx:
            await working_hours.set_hours(tx, where.therapist.account_id, hours)

    for turn in range(12):
        work = [say(databases, where, where.client), keep(MORNINGS), keep(EVENINGS)]
        if turn % 2:
            work.append(say(databases, where, where.client))
        source.shuffle(work)
        await asyncio.gather(*work)
        await stands(databases, where)
        await say(databases, where, where.therapist, ANSWER)


async def test_a_post_under_way_when_the_policy_changes_is_moved_by_the_last_pass(
    databases: "Databases",
) -> None:
    where = await answered_room(databases)
    async with halted_post(databases, where) as (post, go_on):
        async with databases.care.transaction(actor(Role.SUPERVISOR)) as tx:
            await response_policies.put_version(tx, working_minutes("next_response", 15))
        (asked,) = await rows(databases, "SELECT id FROM reprojections")
        assert not await batch(databases, asked["id"], last_pass=False)
        await go_on()
        old = (await post).due_at
    assert not await batch(databases, asked["id"], last_pass=True)
    clock = await stands(databases, where)
    assert clock["policy"]["minutes"] == 15
    kept = await rows(databases, "SELECT due_before, due_after FROM clock_projections")
    assert kept == [{"due_before": old, "due_after": clock["due_at"]}]


async def batch(databases: "Databases", asked: UUID, *, last_pass: bool) -> bool:
    async with databases.worker.transaction() as tx:
        return await run_batch(tx, asked, last_pass=last_pass)


async def test_an_answer_that_meets_a_re_projection_is_judged_once_and_moves_no_more(
    databases: "Databases",
) -> None:
    where = await answered_room(databases)

    async def move(at: datetime) -> None:
        async with databases.worker.transaction(at=at) as tx:
            await reproject_rooms(tx, [where.id], "audit")

    for turn in range(12):
        await say(databases, where, where.client)
        with psycopg.connect(databases.owner_dsn) as owner:  # as if the hours had been others
            owner.execute(
                "UPDATE response_clocks SET due_at = opened_at - interval '1 hour' WHERE state = 'running'"
            )
        answer = say(databases, where, where.therapist, ANSWER)
        both = [answer, move(datetime.now().astimezone())]
        await asyncio.gather(*(both if turn % 2 else reversed(both)))
        (clock,) = await rows(
            databases,
            "SELECT * FROM response_clocks WHERE client_messages > 0 ORDER BY opened_at DESC LIMIT 1",
        )
        moved = await rows(databases, "SELECT at FROM clock_projections WHERE clock_id = %s", clock["id"])
        assert clock["state"] == ("met" if moved else "late")
        assert (clock["closed_at"] > clock["due_at"]) == (clock["state"] == "late")
        (told,) = await rows(databases, "SELECT payload FROM outbox ORDER BY version DESC LIMIT 1")
        assert told["payload"]["next_alarm_at"] is None


async def test_changes_of_therapists_who_cover_each_other_never_wait_in_a_ring(
    databases: "Databases",
) -> None:
    places = [await room(databases.care, always=False) for _ in range(3)]
    people = [where.therapist.account_id for where in places]
    async with databases.care.transaction() as tx:
        for where in places:
            for cover in people:
                if cover != where.therapist.account_id:
                    await covered(tx, where, cover)

    async def keep(who: UUID, hours: Calendar) -> None:
        async with databases.care.transaction(actor(Role.THERAPIST, who)) as tx:
            await working_hours.set_hours(tx, who, hours)

    for turn in range(50):
        hours = (MORNINGS, EVENINGS)[turn % 2]
        # A ring would be broken by PostgreSQL after a second, and one of them refused.
        await asyncio.gather(*(keep(who, hours) for who in people))
    for where in places:
        await stands(databases, where)


async def covered(tx: Transaction, where: Room, cover: UUID) -> None:
    await tx.insert(
        "covers",
        id=uuid4(),
        room_id=where.id,
        therapist_id=cover,
        starts_at=tx.now + timedelta(days=1),
        ends_at=tx.now + timedelta(days=2),
    )


async def test_a_room_handed_over_while_its_clock_is_moved_counts_by_its_new_therapist(
    databases: "Databases",
) -> None:
    where = await room(databases.care, always=False)
    async with databases.care.transaction() as tx:
        successor = await therapist(tx, always=False)
        supervisor = actor(Role.SUPERVISOR, await account(tx, Role.SUPERVISOR))
    people = [where.therapist.account_id, successor]

    async def hand_over(to: UUID) -> None:
        async with databases.care.transaction(supervisor) as tx:
            permit = await relations.visible(tx, where.id, Action.REASSIGN)
            await reassign(tx, permit, to, AssignmentReason.OVERLOAD)

    async def keep(who: UUID, hours: Calendar) -> None:
        async with databases.care.transaction(actor(Role.THERAPIST, who)) as tx:
            await working_hours.set_hours(tx, who, hours)

    for turn in range(8):
        hours = (MORNINGS, EVENINGS)[turn % 2]
        to = people[(turn + 1) % 2]
        work: Iterable[Awaitable[None]] = (*(keep(who, hours) for who in people), hand_over(to))
        await asyncio.gather(*work)
        clock = await stands(databases, where)
        assert clock["therapist_id"] == to


async def test_a_therapist_who_comes_in_while_one_waits_for_the_room_is_held_as_well(
    databases: "Databases",
) -> None:
    where = await room(databases.care, always=False)
    async with databases.care.transaction() as tx:
        successor = await therapist(tx, always=False)

    async def hold() -> Row:
        async with databases.care.transaction() as tx:
            found = await lock_room(tx, where.id)
            held.set()
            await done.wait()
            return found

    held, done = asyncio.Event(), asyncio.Event()
    async with databases.care.transaction() as tx:
        await tx.run("UPDATE rooms SET therapist_id = %s WHERE id = %s", (successor, where.id))
        task = asyncio.create_task(hold())
        await met_or_waiting(databases.owner_dsn, task)
    await held.wait()
    async with await AsyncConnection.connect(databases.owner_dsn) as owner:
        with pytest.raises(psycopg.errors.LockNotAvailable):
            await owner.execute(
                "SELECT FROM calendars WHERE therapist_id = %s FOR UPDATE NOWAIT", (successor,)
            )
        await owner.rollback()
        await owner.execute(  # the former therapist's was let go
            "SELECT FROM calendars WHERE therapist_id = %s FOR UPDATE NOWAIT", (where.therapist.account_id,)
        )
    done.set()
    assert (await task)["therapist_id"] == successor
