"""Notices are listed to whom they were told, counted, and read once; nothing of them goes away."""

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import pytest
from factories import account, actor, instant

from domain.access import Actor, Role
from domain.errors import NotFound
from records import notice_lists, notices
from records.notices import notify

if TYPE_CHECKING:
    from conftest import Databases

MONDAY = instant("2026-05-11T09:00:00-04:00")


async def somebody(databases: "Databases", role: Role = Role.SUPERVISOR) -> Actor:
    async with databases.care.transaction() as tx:
        return actor(role, await account(tx, role))


async def told(databases: "Databases", who: Actor, count: int) -> list[UUID]:
    """Told one a minute; their ids, the newest first."""
    for n in range(count):
        async with databases.worker.transaction(at=MONDAY + timedelta(minutes=n)) as tx:
            await notify(tx, who.account_id, "promise_broken", uuid4())
    async with databases.care.transaction(who) as tx:
        return [row["id"] for row in await notice_lists.listed(tx, limit=200)]


async def unread(databases: "Databases", who: Actor) -> int:
    async with databases.care.transaction(who) as tx:
        return await notice_lists.unread_count(tx)


async def test_the_newest_come_first_and_a_page_goes_on_where_the_last_one_ended(
    databases: "Databases",
) -> None:
    me, other = await somebody(databases), await somebody(databases)
    mine = await told(databases, me, 5)
    await told(databases, other, 2)
    async with databases.care.transaction(me) as tx:
        first = await notice_lists.listed(tx, limit=2)
    assert [row["id"] for row in first] == mine[:2]
    assert first[0]["created_at"] > first[1]["created_at"]
    async with databases.worker.transaction() as tx:
        await notify(tx, me.account_id, "promise_broken", uuid4())  # comes in between two pages
    async with databases.care.transaction(me) as tx:
        after = await notice_lists.listed(tx, limit=10, after=mine[1])
    assert [row["id"] for row in after] == mine[2:]


async def test_a_page_does_not_go_on_from_a_strangers_notice(databases: "Databases") -> None:
    me, other = await somebody(databases), await somebody(databases)
    theirs = await told(databases, other, 1)
    async with databases.care.transaction(me) as tx:
        with pytest.raises(NotFound):
            await notice_lists.listed(tx, limit=10, after=theirs[0])
        with pytest.raises(NotFound):
            await notice_lists.mark_read_up_to(tx, theirs[0])
        with pytest.raises(NotFound):
            await notice_lists.found(tx, theirs[0])
        assert await notice_lists.mark_read(tx, theirs) == 0
    assert await unread(databases, other) == 1


async def test_read_once_stays_read_since_then_and_stays_listed(databases: "Databases") -> None:
    me = await somebody(databases)
    mine = await told(databases, me, 3)
    for at, changed in ((MONDAY + timedelta(hours=1), 1), (MONDAY + timedelta(hours=2), 0)):
        async with databases.care.transaction(me, at) as tx:
            assert await notice_lists.mark_read(tx, [mine[1], uuid4()]) == changed
    async with databases.care.transaction(me) as tx:
        rows = await notice_lists.listed(tx, limit=10)
        fresh = await notice_lists.listed(tx, limit=10, unread=True)
    assert [row["read_at"] for row in rows] == [None, MONDAY + timedelta(hours=1), None]
    assert [row["id"] for row in fresh] == [mine[0], mine[2]]
    assert await unread(databases, me) == 2


async def test_all_up_to_one_leaves_what_came_later_unread(databases: "Databases") -> None:
    me = await somebody(databases)
    mine = await told(databases, me, 4)
    async with databases.care.transaction(me) as tx:
        assert await notice_lists.mark_read_up_to(tx, mine[1]) == 3
        assert await notice_lists.mark_read_up_to(tx, mine[1]) == 0
        assert [row["id"] for row in await notice_lists.listed(tx, limit=10, unread=True)] == mine[:1]


async def test_what_was_read_in_the_app_is_not_mailed(databases: "Databases") -> None:
    me = await somebody(databases)
    mine = await told(databases, me, 2)
    async with databases.care.transaction() as tx:
        await tx.run("UPDATE accounts SET email_sealed = 'x' WHERE id = %s", (me.account_id,))
    async with databases.care.transaction(me) as tx:
        await notice_lists.mark_read(tx, mine)
    async with databases.worker.transaction() as tx:
        assert await notices.to_mail(tx, tx.now) == []  # nor is the address opened, which is none


async def test_the_count_ends_at_a_cap_and_walks_the_index_of_what_is_unread(databases: "Databases") -> None:
    me = await somebody(databases)
    async with databases.worker.transaction() as tx:
        await tx.run(
            "INSERT INTO notices (id, account_id, template, subject_id, created_at, read_at)"
            " SELECT gen_random_uuid(), %s, 'promise_broken', gen_random_uuid(), now(),"
            " CASE WHEN n > 120 THEN now() END FROM generate_series(1, 5000) n",
            (me.account_id,),
        )
        plan = await tx.all(
            "EXPLAIN SELECT count(*) FROM (SELECT FROM notices WHERE account_id = %s AND read_at IS NULL"
            " LIMIT 100) few",
            (me.account_id,),
        )
    assert await unread(databases, me) == notice_lists.COUNTED
    assert "ix_notices_unread" in "\n".join(str(row["QUERY PLAN"]) for row in plan)
