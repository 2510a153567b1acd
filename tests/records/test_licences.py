"""A therapist writes only where a licence reaches: the room closes at that instant, and somebody licensed answers."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import pytest
from factories import Room, account, instant, room, therapist

from domain.access import Role
from domain.errors import Conflict
from encryption.keys import KeyScope
from records import licence_watch, licences, relations
from records.database import Row
from records.messages import NewMessage, post

if TYPE_CHECKING:
    from conftest import Databases

MONDAY = instant("2026-05-11T09:00:00-04:00")
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


async def write(
    databases: "Databases", where: Room, *, as_therapist: bool, at: datetime, key: str = "k"
) -> None:
    who = where.therapist if as_therapist else where.client
    async with databases.care.transaction(who) as tx:
        data_key = await tx.key(KeyScope.ROOM, where.id)
        permit = await relations.writable(tx, where.id)
    await post(databases.care, permit, data_key, NewMessage(key + str(at), "Good evening to you."), at=at)


async def one(databases: "Databases", sql: str, *values: object) -> Row:
    async with databases.worker.transaction() as tx:
        row = await tx.one(sql, values)
    assert row is not None
    return row


async def templates(databases: "Databases", who: UUID) -> list[str]:
    async with databases.worker.transaction() as tx:
        rows = await tx.all(
            "SELECT template FROM notices WHERE account_id = %s ORDER BY created_at, template", (who,)
        )
    return [row["template"] for row in rows if row["template"].startswith(("licence", "cover"))]


async def moves(databases: "Databases", where: Room, state: str, at: datetime) -> None:
    async with databases.care.transaction(where.client, at) as tx:
        await tx.run("UPDATE clients SET state = %s WHERE id = %s", (state, where.client.account_id))
        await licences.recheck_client(tx, where.client.account_id)


async def test_a_client_who_travels_beyond_a_licence_is_not_written_to_until_they_are_back(
    databases: "Databases",
) -> None:
    where = await room(databases.care, at=MONDAY)
    await write(databases, where, as_therapist=False, at=MONDAY + 10 * MINUTE)
    before = await one(
        databases, "SELECT * FROM response_clocks WHERE room_id = %s AND state = 'running'", where.id
    )
    assert before["due_at"] is not None
    await moves(databases, where, "TX", MONDAY + 10 * MINUTE)
    with pytest.raises(Conflict, match="no_licence"):
        await write(databases, where, as_therapist=True, at=MONDAY + 10 * MINUTE)
    clock = await one(
        databases, "SELECT * FROM response_clocks WHERE room_id = %s AND state = 'running'", where.id
    )
    assert (clock["held"], clock["due_at"], clock["opened_at"]) == ("no_capacity", None, before["opened_at"])
    assert await templates(databases, where.client.account_id) == ["licence_closed_room"]
    assert await templates(databases, where.therapist.account_id) == ["licence_closed_room"]
    await write(
        databases, where, as_therapist=False, at=MONDAY + 10 * MINUTE, key="two"
    )  # a client may always write
    await moves(databases, where, "NY", MONDAY + 2 * DAY)
    await write(databases, where, as_therapist=True, at=MONDAY + 2 * DAY)
    assert await templates(databases, where.client.account_id) == [
        "licence_closed_room",
        "licence_opened_room",
    ]


async def licence_until(databases: "Databases", where: Room, day: str) -> None:
    async with databases.care.transaction() as tx:
        await tx.run(
            "UPDATE licences SET expires_on = %s WHERE therapist_id = %s", (day, where.therapist.account_id)
        )


async def gap(databases: "Databases", where: Room) -> Row:
    return await one(databases, "SELECT * FROM licence_gaps WHERE room_id = %s", where.id)


async def test_the_day_a_licence_ends_is_warned_of_and_then_closes_the_room_and_finds_cover(
    databases: "Databases",
) -> None:
    where = await room(databases.care, at=MONDAY)
    async with databases.care.transaction(at=MONDAY) as tx:
        office = await account(tx, Role.ADMINISTRATOR)
        lead = await account(tx, Role.SUPERVISOR)
    await licence_until(databases, where, "2026-07-30")
    own, told = where.therapist.account_id, []
    for days in (81, 60, 60, 59, 30, 8, 7):  # days before it
        await licence_watch.watch(databases.worker, instant("2026-07-30T08:00:00-04:00") - days * DAY)
        told.append(len(await templates(databases, own)))
    assert told == [0, 1, 1, 1, 2, 2, 3]
    assert await templates(databases, office) == ["licence_ends"] * 3
    assert await templates(databases, lead) == ["licence_ends"]
    midnight = instant("2026-07-30T00:00:00-04:00")
    assert (await gap(databases, where))["starts_at"] == midnight
    await write(databases, where, as_therapist=True, at=midnight - MINUTE, key="last")
    with pytest.raises(Conflict, match="no_licence"):  # nobody had to run at midnight
        await write(databases, where, as_therapist=True, at=midnight)
    await write(databases, where, as_therapist=False, at=midnight + MINUTE)
    async with databases.care.transaction(at=MONDAY) as tx:
        await therapist(tx, states=("TX",))
        licensed = await therapist(tx)
    await licence_watch.watch(databases.worker, midnight + 2 * MINUTE)
    cover = await one(databases, "SELECT * FROM covers WHERE room_id = %s", where.id)
    assert (cover["therapist_id"], cover["ends_at"] - cover["starts_at"]) == (licensed, 14 * DAY)
    clock = await one(
        databases, "SELECT * FROM response_clocks WHERE room_id = %s AND state = 'running'", where.id
    )
    assert clock["due_at"] is not None
    assert (await templates(databases, own))[3:] == ["cover_arranged", "licence_closed_room", "licence_ended"]
    assert await templates(databases, lead) == ["licence_ends", "licence_closed_room", "licence_ended"]
    assert await templates(databases, where.client.account_id) == ["cover_arranged", "licence_closed_room"]
    assert await licence_watch.watch(databases.worker, midnight + 3 * MINUTE) == 0
    await licence_until(databases, where, "2028-07-30")  # renewed
    await licence_watch.watch(databases.worker, midnight + DAY)
    await write(databases, where, as_therapist=True, at=midnight + DAY + MINUTE)
    ended = await one(databases, "SELECT ends_at FROM covers WHERE id = %s", cover["id"])
    assert ended["ends_at"] == midnight + DAY


async def test_cover_by_somebody_whose_licence_does_not_reach_ends_with_the_journey(
    databases: "Databases",
) -> None:
    where = await room(databases.care, at=MONDAY)
    async with databases.care.transaction(at=MONDAY) as tx:
        lead, cover = await account(tx, Role.SUPERVISOR), await therapist(tx)
        await tx.run(
            "UPDATE licences SET state = 'TX' WHERE therapist_id = %s", (where.therapist.account_id,)
        )
        await tx.insert(
            "covers",
            id=uuid4(),
            room_id=where.id,
            therapist_id=cover,
            starts_at=MONDAY,
            ends_at=MONDAY + 5 * DAY,
        )
    await moves(databases, where, "TX", MONDAY + DAY)
    row = await one(databases, "SELECT ends_at FROM covers WHERE room_id = %s", where.id)
    assert row["ends_at"] == MONDAY + DAY
    assert await templates(databases, lead) == ["licence_ended_cover"]
    assert await templates(databases, cover) == ["cover_not_needed"]
    await moves(databases, where, "FL", MONDAY + 2 * DAY)  # and where nobody at all is licensed
    await licence_watch.watch(databases.worker, MONDAY + 2 * DAY)
    assert (await templates(databases, lead))[1:] == ["licence_closed_room", "licence_no_cover"]
