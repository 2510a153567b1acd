"""Policies have versions: one in force, those before it kept, those to come; each moves its clocks when it comes."""

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from factories import Room, instant, room

from domain.errors import Conflict, Invalid, NotFound
from domain.policies import ResponsePolicy, working_minutes
from records import reprojections, response_policies
from records.database import Row
from records.response_policies import Kept, put_version

if TYPE_CHECKING:
    from conftest import Databases

MONDAY = instant("2026-05-11T09:00:00-04:00")
DAY = timedelta(days=1)


def welcome(minutes: int) -> ResponsePolicy:
    return working_minutes("welcome", minutes)


async def kept(databases: "Databases", name: str, days: int = 0) -> Kept:
    async with databases.care.transaction(at=MONDAY + days * DAY) as tx:
        return await response_policies.find(tx, name)


async def clock_of(databases: "Databases", where: Room) -> Row:
    async with databases.care.transaction() as tx:
        row = await tx.one(
            "SELECT * FROM response_clocks WHERE room_id = %s AND state = 'running'", (where.id,)
        )
    assert row is not None
    return row


async def work_off(databases: "Databases", days: int = 0) -> int:
    """What the workflow does with every re-projection that was asked for. How many were."""
    async with databases.worker.transaction(at=MONDAY + days * DAY) as tx:
        asked = await tx.all("SELECT id FROM reprojections WHERE finished_at IS NULL")
        for row in asked:
            while await reprojections.run_batch(tx, row["id"], last_pass=True):
                pass
    return len(asked)


async def test_a_version_in_force_now_moves_running_clocks_and_keeps_those_before_it(
    databases: "Databases",
) -> None:
    where = await room(databases.care, at=MONDAY)
    assert (await clock_of(databases, where))["policy_id"] is None
    async with databases.care.transaction(at=MONDAY + DAY) as tx:
        version = await put_version(tx, welcome(30))
    assert await work_off(databases, 1) == 1
    clock = await clock_of(databases, where)
    assert (clock["policy_id"], clock["due_at"]) == (version.id, MONDAY + timedelta(minutes=30))
    found = await kept(databases, "welcome", 1)
    assert [each.policy.allowance for each in found.versions] == [timedelta(minutes=30), timedelta(hours=3)]
    assert found.in_force == version
    assert (found.running, found.built_in, found.upcoming) == (1, True, ())


async def test_a_version_of_later_waits_for_its_time_and_is_then_applied_once(databases: "Databases") -> None:
    where = await room(databases.care, at=MONDAY)
    before = (await clock_of(databases, where))["due_at"]
    async with databases.care.transaction(at=MONDAY) as tx:
        version = await put_version(tx, welcome(30), MONDAY + 2 * DAY)
    assert (await kept(databases, "welcome", 1)).upcoming == (version,)
    came = []
    for days in (1, 2, 3):
        async with databases.worker.transaction(at=MONDAY + days * DAY) as tx:
            came.append(await response_policies.apply_due(tx))
        await work_off(databases, days)
        if days == 1:
            assert (await clock_of(databases, where))["due_at"] == before
    assert came == [0, 1, 0]
    assert (await clock_of(databases, where))["policy_id"] == version.id


async def test_a_version_to_come_can_be_replaced_and_one_that_has_held_never_changes(
    databases: "Databases",
) -> None:
    async with databases.care.transaction(at=MONDAY) as tx:
        await put_version(tx, welcome(30), MONDAY + DAY)
        replaced = await put_version(tx, welcome(60), MONDAY + DAY)
    found = await kept(databases, "welcome", 1)
    assert (found.in_force, len(found.versions)) == (replaced, 2)
    with pytest.raises(Conflict):
        async with databases.care.transaction(at=MONDAY + DAY) as tx:
            await put_version(tx, welcome(90), MONDAY + DAY)
    assert (await kept(databases, "welcome", 1)).in_force == replaced


async def test_a_policy_that_begins_in_the_past_is_refused(databases: "Databases") -> None:
    with pytest.raises(Invalid):
        async with databases.care.transaction(at=MONDAY) as tx:
            await put_version(tx, welcome(30), MONDAY - timedelta(seconds=1))


async def test_every_policy_is_listed_by_name_also_one_that_is_still_to_come(databases: "Databases") -> None:
    async with databases.care.transaction(at=MONDAY) as tx:
        await put_version(tx, working_minutes("calm", 900), MONDAY + DAY)
        names = [each.name for each in await response_policies.listing(tx)]
    assert names == sorted(names)
    assert {"calm", "morning", "welcome"} <= set(names)
    assert (await kept(databases, "calm")).in_force is None
    with pytest.raises(NotFound):
        await kept(databases, "nothing")
