"""Which promise holds: the room's terms before the plan's before the clinic's, each from its instant on."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from factories import Room, account, actor, instant, room

from domain.access import Role
from domain.errors import Conflict, Invalid, NotFound
from domain.policies import policy_to_json, working_minutes
from domain.response_items import ItemKind
from records import policies, response_terms
from records.database import Row
from records.response_terms import CLINIC, Reach, set_terms

if TYPE_CHECKING:
    from conftest import Databases

MONDAY = instant("2026-05-11T09:00:00-04:00")
DAY = timedelta(days=1)


async def named(databases: "Databases", *minutes: int) -> None:
    """Policies "m<minutes>", in force since long."""
    async with databases.care.transaction(at=MONDAY - 400 * DAY) as tx:
        for each in minutes:
            definition = policy_to_json(working_minutes(f"m{each}", each))
            await policies.add_version(tx, "response", f"m{each}", definition)


async def holds(
    databases: "Databases", where: Room, kind: ItemKind = ItemKind.NEXT_RESPONSE, at: datetime = MONDAY
) -> str:
    async with databases.care.transaction(at=at) as tx:
        return (await policies.in_force_for(tx, where.id, kind)).name


async def clock_of(databases: "Databases", where: Room) -> Row:
    async with databases.care.transaction() as tx:
        row = await tx.one(
            "SELECT * FROM response_clocks WHERE room_id = %s AND state = 'running'", (where.id,)
        )
    assert row is not None
    return row


async def on_plan(databases: "Databases", where: Room, plan: str) -> None:
    async with databases.care.transaction() as tx:
        await tx.run("UPDATE clients SET service_plan = %s WHERE id = %s", (plan, where.client.account_id))


async def test_the_closest_terms_hold_and_a_kind_comes_before_every_kind(databases: "Databases") -> None:
    where = await room(databases.care, at=MONDAY)
    await named(databases, 1, 2, 3, 4, 5, 6)
    await on_plan(databases, where, "plus")
    assert await holds(databases, where) == "next_response"
    for reach, kind, name in (
        (CLINIC, None, "m1"),
        (CLINIC, ItemKind.NEXT_RESPONSE, "m2"),
        (Reach(plan="plus"), None, "m3"),
        (Reach(plan="plus"), ItemKind.NEXT_RESPONSE, "m4"),
        (Reach(where.id), None, "m5"),
        (Reach(where.id), ItemKind.NEXT_RESPONSE, "m6"),
    ):
        async with databases.care.transaction(at=MONDAY) as tx:
            await set_terms(tx, reach, policy_name=name, kind=kind)
        assert await holds(databases, where) == name
    assert await holds(databases, where, ItemKind.WELCOME) == "m5"
    elsewhere = await room(databases.care, at=MONDAY)
    assert await holds(databases, elsewhere) == "m2"


async def test_terms_that_name_nothing_give_way_to_the_wider_scope(databases: "Databases") -> None:
    where = await room(databases.care, at=MONDAY)
    await named(databases, 10, 20)
    async with databases.care.transaction(at=MONDAY) as tx:
        await set_terms(tx, CLINIC, policy_name="m20")
        await set_terms(tx, Reach(where.id), policy_name="m10")
    async with databases.care.transaction(at=MONDAY + DAY) as tx:
        await set_terms(tx, Reach(where.id), policy_name=None)
    assert await holds(databases, where) == "m10"
    assert await holds(databases, where, at=MONDAY + DAY) == "m20"


async def test_terms_of_later_hold_from_then_on_and_move_the_clock_then_and_once(
    databases: "Databases",
) -> None:
    where = await room(databases.care, at=MONDAY)
    await named(databases, 30)
    before = await clock_of(databases, where)
    async with databases.care.transaction(at=MONDAY) as tx:
        await set_terms(tx, Reach(where.id), policy_name="m30", effective_from=MONDAY + DAY)
    assert (await clock_of(databases, where))["due_at"] == before["due_at"]
    applied = []
    for moment in (MONDAY + DAY - timedelta(seconds=1), MONDAY + DAY, MONDAY + 2 * DAY):
        async with databases.worker.transaction(at=moment) as tx:
            applied.append(await response_terms.apply_due_terms(tx))
    assert applied == [0, 1, 0]
    after = await clock_of(databases, where)
    assert (after["policy_name"], after["due_at"]) == ("m30", MONDAY + timedelta(minutes=30))
    assert after["policy_id"] is not None


async def test_the_past_unknown_names_and_two_terms_of_one_instant_are_refused(
    databases: "Databases",
) -> None:
    where = await room(databases.care, at=MONDAY)
    await named(databases, 40)
    for reach in (CLINIC, Reach(plan="plus"), Reach(where.id)):
        with pytest.raises(Invalid):
            async with databases.care.transaction(at=MONDAY) as tx:
                await set_terms(tx, reach, policy_name="m40", effective_from=MONDAY - DAY)
        with pytest.raises(NotFound):
            async with databases.care.transaction(at=MONDAY) as tx:
                await set_terms(tx, reach, policy_name="nothing")
        async with databases.care.transaction(at=MONDAY) as tx:
            await set_terms(tx, reach, policy_name="m40")
        with pytest.raises(Conflict):
            async with databases.care.transaction(at=MONDAY) as tx:
                await set_terms(tx, reach, policy_name="m40")


async def test_a_client_put_on_a_plan_is_promised_what_the_plan_promises(databases: "Databases") -> None:
    where = await room(databases.care, at=MONDAY)
    await named(databases, 50)
    async with databases.care.transaction(at=MONDAY) as tx:
        supervisor = actor(Role.SUPERVISOR, await account(tx, Role.SUPERVISOR))
        await set_terms(tx, Reach(plan="plus"), policy_name="m50")
    async with databases.care.transaction(supervisor, MONDAY) as tx:
        await response_terms.set_service_plan(tx, where.client.account_id, "plus")
    assert (await clock_of(databases, where))["policy_name"] == "m50"
    async with databases.care.transaction(supervisor, MONDAY) as tx:
        (plan,) = await response_terms.plans_in_use(tx)
        await response_terms.set_service_plan(tx, where.client.account_id, None)
    assert plan == {"plan": "plus", "clients": 1, "rooms": 1}
    assert (await clock_of(databases, where))["policy_name"] == "welcome"
