"""Where a client is: said at intake, said again on the way; rooms and consents follow in the same transaction."""

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from factories import Room, room

from domain.access import Action
from domain.errors import Conflict
from encryption.keys import KeyScope
from records import clients, intake, relations
from records.messages import NewMessage, post

if TYPE_CHECKING:
    from conftest import Databases


async def write(databases: "Databases", where: Room, key: str) -> None:
    """The therapist writes."""
    async with databases.care.transaction(where.therapist) as tx:
        data_key = await tx.key(KeyScope.ROOM, where.id)
        permit = await relations.writable(tx, where.id)
    await post(databases.care, permit, data_key, NewMessage(key, "Good evening to you."))


async def move(databases: "Databases", where: Room, state: str, place: str = "") -> None:
    """The client says where they are, with the place or without."""
    me = where.client
    async with databases.care.transaction(me) as tx:
        permit = await relations.writable_chart(tx, me.account_id, Action.SET_LOCATION)
        if place:
            await intake.save(tx, permit, {"state": state, "location": place})
        else:
            await clients.set_location(tx, permit, state)


async def test_a_move_closes_the_room_to_who_is_not_licensed_there_and_a_return_opens_it(
    databases: "Databases",
) -> None:
    where = await room(databases.care)
    await write(databases, where, "one")
    for at_once in ("", "A hotel in Austin"):
        await move(databases, where, "TX", at_once)
        with pytest.raises(Conflict, match="no_licence"):
            await write(databases, where, f"two {at_once}")
        await move(databases, where, "NY")
        await write(databases, where, f"three {at_once}")
    async with databases.worker.transaction() as tx:
        gaps = await tx.all("SELECT state, ends_at FROM licence_gaps WHERE room_id = %s", (where.id,))
    assert [gap["state"] for gap in gaps] == ["TX", "TX"]
    assert all(gap["ends_at"] is not None for gap in gaps)


async def test_moves_and_messages_at_once_wait_for_each_other_and_none_is_lost(
    databases: "Databases",
) -> None:
    where = await room(databases.care)
    outcomes = await asyncio.gather(
        *(move(databases, where, state, place) for state in ("TX", "NY") for place in ("", "Somewhere")),
        *(write(databases, where, f"m{n}") for n in range(3)),
        return_exceptions=True,
    )
    wrong = [each for each in outcomes if isinstance(each, BaseException) and str(each) != "no_licence"]
    assert wrong == []
    await move(databases, where, "NY")
    await write(databases, where, "last")


async def test_where_somebody_is_is_believed_for_thirty_days(databases: "Databases") -> None:
    where = await room(databases.care)
    await move(databases, where, "NY")
    async with databases.care.transaction(where.client) as tx:
        now = tx.now
    for days, asked in ((29.9, False), (30.1, True)):
        async with databases.care.transaction(where.client, now + timedelta(days=days)) as tx:
            assert await clients.must_say_where(tx, where.client.account_id) is asked
