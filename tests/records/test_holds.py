"""The clinic holds a room: the clock stands still, the client is told, somebody looks again; risk never pauses."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from factories import Room, account, actor, instant, room

from domain.access import Action, Actor, Role
from domain.errors import Conflict, Invalid, NotFound
from domain.room_clocks import HoldReason
from records import messages, pauses, relations, rooms
from records.database import Row

if TYPE_CHECKING:
    from conftest import Databases

MONDAY = instant("2026-05-11T09:00:00-04:00")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
UNREACHABLE = HoldReason.UNREACHABLE


async def supervisor(databases: "Databases") -> Actor:
    async with databases.care.transaction() as tx:
        return actor(Role.SUPERVISOR, await account(tx, Role.SUPERVISOR))


async def hold(
    databases: "Databases", where: Room, who: Actor, at: datetime = MONDAY, review: timedelta = 7 * DAY
) -> None:
    async with databases.care.transaction(who, at) as tx:
        permit = await relations.visible(tx, where.id, Action.HOLD_ROOM)
        await pauses.hold(tx, permit, UNREACHABLE, at + review)


async def end(databases: "Databases", where: Room, who: Actor, at: datetime) -> None:
    async with databases.care.transaction(who, at) as tx:
        permit = await relations.visible(tx, where.id, Action.HOLD_ROOM)
        await pauses.end_hold(tx, permit)


async def clock_of(databases: "Databases", where: Room) -> Row:
    async with databases.worker.transaction() as tx:
        row = await tx.one(
            "SELECT * FROM response_clocks WHERE room_id = %s AND state = 'running'", (where.id,)
        )
    assert row is not None
    return row


async def told(databases: "Databases", template: str) -> set[object]:
    async with databases.worker.transaction() as tx:
        rows = await tx.all("SELECT account_id FROM notices WHERE template = %s", (template,))
    return {row["account_id"] for row in rows}


async def test_a_hold_stops_the_clock_and_its_end_lets_it_go_on(databases: "Databases") -> None:
    where, who = await room(databases.care, at=MONDAY), await supervisor(databases)
    before = await clock_of(databases, where)
    await hold(databases, where, who, MONDAY + HOUR)
    held = await clock_of(databases, where)
    assert (held["held"], held["due_at"], held["remaining_seconds"]) == ("paused", None, 2 * 3600)
    people = {where.client.account_id, where.therapist.account_id}
    assert await told(databases, "room_held") == people
    await end(databases, where, who, MONDAY + 3 * DAY)
    after = await clock_of(databases, where)
    assert (after["held"], after["due_at"]) == (None, before["due_at"] + 3 * DAY - HOUR)
    assert await told(databases, "hold_ended") == people


async def test_a_message_during_a_hold_is_accepted_and_its_clock_opens_held(databases: "Databases") -> None:
    where, who = await room(databases.care), await supervisor(databases)
    for person, text in ((where.therapist, "Welcome to the room"), (where.client, "Are you there?")):
        if person is where.client:
            async with databases.care.transaction(who) as tx:
                permit = await relations.visible(tx, where.id, Action.HOLD_ROOM)
                await pauses.hold(tx, permit, UNREACHABLE, tx.now + DAY)
        async with databases.care.transaction(person) as tx:
            writable = await relations.writable(tx, where.id)
        door = await rooms.door(databases.care, person, where.id)
        posted = await messages.post(databases.care, writable, door.key, messages.NewMessage(text, text))
    assert (posted.clock_state, posted.held, posted.due_at) == ("running", "paused", None)
    async with databases.care.transaction(who) as tx:
        assert await pauses.current_hold(tx, where.id) is not None  # unlike a pause of the client's own


async def test_a_hold_is_looked_at_again_within_two_weeks_and_the_review_goes_on_without_a_gap(
    databases: "Databases",
) -> None:
    where, who, other = (
        await room(databases.care, at=MONDAY),
        await supervisor(databases),
        await supervisor(databases),
    )
    for review in (timedelta(), 14 * DAY + timedelta(seconds=1)):
        with pytest.raises(Invalid):
            await hold(databases, where, who, review=review)
    await hold(databases, where, who, review=14 * DAY)
    await hold(databases, where, other, MONDAY + 13 * DAY, review=14 * DAY)
    async with databases.care.transaction(who) as tx:
        spans = await tx.all("SELECT starts_at, ends_at, owner_id, review_by FROM pauses ORDER BY starts_at")
        current = await pauses.current_hold(tx, where.id)
    assert [(span["owner_id"], span["ends_at"]) for span in spans] == [
        (who.account_id, MONDAY + 13 * DAY),
        (other.account_id, None),
    ]
    assert current is not None
    assert (current["reason"], current["review_by"]) == ("unreachable", MONDAY + 27 * DAY)
    assert len(await told(databases, "room_held")) == 2  # the client was told once: it went on


async def test_a_review_that_nobody_made_is_told_to_owner_and_supervisors_once(
    databases: "Databases",
) -> None:
    where, who, other = (
        await room(databases.care, at=MONDAY),
        await supervisor(databases),
        await supervisor(databases),
    )
    await hold(databases, where, who, review=2 * DAY)
    counts = []
    for at in (MONDAY + 2 * DAY - HOUR, MONDAY + 2 * DAY, MONDAY + 3 * DAY):
        async with databases.worker.transaction(at=at) as tx:
            counts.append(await pauses.tell_reviews_due(tx))
    assert counts == [0, 1, 0]
    assert await told(databases, "hold_review_due") == {who.account_id, other.account_id}
    assert (await clock_of(databases, where))["held"] == "paused"


async def test_no_hold_begins_while_risk_is_open(databases: "Databases") -> None:
    where, who = await room(databases.care, at=MONDAY), await supervisor(databases)
    async with databases.care.transaction(at=MONDAY) as tx:
        await tx.insert(
            "risk_flags",
            id=where.id,
            client_id=where.client.account_id,
            room_id=where.id,
            source="help_now",
            urgency="page_now",
            version=1,
            state="open",
            opened_at=tx.now,
        )
    with pytest.raises(Conflict) as refused:
        await hold(databases, where, who)
    assert refused.value.code == "risk_is_open"


async def test_only_a_supervisor_holds_and_only_what_is_held_is_ended(databases: "Databases") -> None:
    where, who = await room(databases.care, at=MONDAY), await supervisor(databases)
    for person in (where.client, where.therapist):
        with pytest.raises(NotFound):
            await hold(databases, where, person)
    with pytest.raises(Conflict) as refused:
        await end(databases, where, who, MONDAY)
    assert refused.value.code == "not_held"


async def test_the_clients_own_pause_and_a_hold_do_not_end_each_other(databases: "Databases") -> None:
    where, who = await room(databases.care, at=MONDAY), await supervisor(databases)
    async with databases.care.transaction(where.client, MONDAY) as tx:
        await pauses.pause(tx, where.client.account_id)
    await hold(databases, where, who, MONDAY + HOUR)
    async with databases.care.transaction(where.client, MONDAY + 2 * HOUR) as tx:
        await pauses.resume(tx, where.client.account_id)
    assert (await clock_of(databases, where))["held"] == "paused"
    await end(databases, where, who, MONDAY + 3 * HOUR)
    assert (await clock_of(databases, where))["due_at"] == MONDAY + 6 * HOUR
