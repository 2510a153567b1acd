"""A therapist writes only where a licence reaches: the room closes at that instant, and somebody licensed answers."""

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from factories import Room, actor, instant, room, therapist

from domain.access import Role
from domain.errors import Conflict
from domain.ids import TherapistId
from encryption.keys import KeyScope
from records import licences, relations
from records.database import Row, Transaction
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
            "SELECT template FROM notices WHERE account_id = %s ORDER BY created_at, id", (who,)
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
