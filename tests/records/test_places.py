"""Where a client is: said at intake, said again on the way; rooms and consents follow in the same transaction."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import psycopg
import pytest
from factories import Room, instant, room
from office import attested_week, insured_room, open_office

from domain.access import Action
from domain.errors import Conflict
from domain.retention import add_years
from domain.service_lines import Hold
from encryption.keys import KeyScope
from records import intake, licence_office, places, relations, retention
from records.licence_office import Ended
from records.messages import NewMessage, post

if TYPE_CHECKING:
    from conftest import Databases


async def write(databases: "Databases", where: Room, key: str) -> None:
    """The therapist writes."""
    async with databases.care.transaction(where.therapist) as tx:
        data_key = await tx.key(KeyScope.ROOM, where.id)
        permit = await relations.writable(tx, where.id)
    await post(databases.care, permit, data_key, NewMessage(key, "Good evening to you."))


NOON = instant("2026-05-11T12:00:00-04:00")


async def move(
    databases: "Databases", where: Room, state: str, place: str = "", at: datetime | None = None
) -> None:
    """The client says where they are, with the place or without."""
    me = where.client
    async with databases.care.transaction(me, at) as tx:
        permit = await relations.writable_chart(tx, me.account_id, Action.SET_LOCATION)
        if place:
            await intake.save(tx, permit, {"state": state, "location": place})
        else:
            await places.say(tx, permit, state)


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
            assert await places.must_say(tx, where.client.account_id) is asked


async def test_a_week_is_judged_by_where_the_client_was_then_and_not_by_where_they_are(
    databases: "Databases",
) -> None:
    office = await open_office(databases)
    home, travelled = (
        await insured_room(databases, office),
        await insured_room(databases, office, member="U2"),
    )
    now = datetime.now(UTC)
    for where, days in ((home, 1), (travelled, 5)):
        async with databases.care.transaction(where.client, now - timedelta(days=days)) as tx:
            permit = await relations.writable_chart(tx, where.client.account_id, Action.SET_LOCATION)
            await places.say(tx, permit, "TX")  # after the week; in the middle of it
    weeks = [await attested_week(databases, where) for where in (home, travelled)]
    assert [Hold.LICENCE_MISSING.value in week.line["holds"] for week in weeks if week.line] == [False, True]

    async with databases.care.transaction() as tx:
        for where in (home, travelled):
            row = await tx.one(
                "SELECT id FROM licences WHERE therapist_id = %s AND state = 'NY'",
                (where.therapist.account_id,),
            )
            assert row is not None
            await licence_office.end(tx, row["id"], (now - timedelta(days=8)).date(), Ended.SUSPENDED)
        held = await tx.all("SELECT holds FROM service_lines WHERE 'licence_missing' = ANY (holds)")
    assert len(held) == 2  # the week at home was of the licence that ended, wherever they are today


async def test_a_record_is_kept_by_the_law_of_every_state_in_which_care_was_given(
    databases: "Databases",
) -> None:
    where = await room(databases.care, at=NOON)
    await move(databases, where, "WA", at=NOON + timedelta(hours=1))  # eight years, two more than New York
    await move(databases, where, "NY", at=NOON + timedelta(hours=2))
    client_id, day = where.client.account_id, NOON.date()
    async with databases.care.transaction(where.client, NOON + timedelta(hours=3)) as tx:
        assert await places.on(tx, client_id, day) == ("NY", "WA", "NY")
        assert await places.on(tx, client_id, day + timedelta(days=2)) == ("NY",)
        assert await retention.until(tx, client_id) == add_years(day, 8)


async def test_what_a_client_said_of_where_they_are_is_changed_by_nobody(databases: "Databases") -> None:
    where = await room(databases.care)
    await move(databases, where, "TX")
    for login in (databases.care, databases.worker, databases.billing):
        for change in ("UPDATE client_places SET state = 'CA'", "DELETE FROM client_places"):
            with pytest.raises(psycopg.Error):
                async with login.transaction() as tx:
                    await tx.run(change)
    async with databases.worker.transaction() as tx:
        said = await places.said(tx, where.client.account_id)
    assert [each.state for each in said] == ["NY", "TX"]
