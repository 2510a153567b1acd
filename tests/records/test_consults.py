"""Consults: supervisors owe a therapist an answer, within a promise that rings, and nobody else reads a word."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from factories import Room, account, actor, instant, room

from domain.access import Action, Actor, Role
from domain.calendars import week
from domain.errors import Conflict, NotFound
from domain.policies import policy_to_json, working_minutes
from domain.response_items import ItemKind
from records import consults, policies, relations, response_terms, working_hours
from records.database import Row

if TYPE_CHECKING:
    from conftest import Databases

MONDAY = instant("2026-05-11T15:00:00-04:00")
QUESTION = "Two sleepless weeks: would you ask for a visit?"


async def scene(databases: "Databases") -> tuple[Room, Actor]:
    """A room whose therapist works from nine to five, and a supervisor."""
    where = await room(databases.care, always=False, at=MONDAY)
    async with databases.care.transaction(at=MONDAY) as tx:
        return where, actor(Role.SUPERVISOR, await account(tx, Role.SUPERVISOR))


async def asked(databases: "Databases", where: Room) -> Row:
    async with databases.care.transaction(where.therapist, MONDAY) as tx:
        permit = await relations.writable(tx, where.id, Action.ASK_CONSULT)
        return await consults.ask(tx, permit, QUESTION)


async def seen_to(databases: "Databases", at: datetime) -> int:
    async with databases.worker.transaction(at=at) as tx:
        return await consults.see_to(tx)


async def told(databases: "Databases", account_id: UUID) -> list[str]:
    async with databases.worker.transaction() as tx:
        rows = await tx.all(
            "SELECT template FROM notices WHERE account_id = %s AND template LIKE 'consult%%'"
            " ORDER BY created_at, template",
            (account_id,),
        )
    return [row["template"] for row in rows]


async def found(databases: "Databases", supervisor: Actor, consult: Row) -> Row:
    async with databases.care.transaction(supervisor) as tx:
        return await consults.find(tx, consult["id"])


async def test_an_answer_is_owed_within_the_consult_policy_in_the_hours_of_who_asked(
    databases: "Databases",
) -> None:
    where, supervisor = await scene(databases)
    consult = await asked(databases, where)
    assert (consult["policy_name"], consult["due_at"]) == ("consult", instant("2026-05-12T11:00:00-04:00"))
    assert await told(databases, supervisor.account_id) == ["consult_asked"]
    async with databases.care.transaction(supervisor, MONDAY + timedelta(hours=1)) as tx:
        (waiting,) = await consults.queue(tx)
        assert waiting["question"] == QUESTION
        await consults.answer(tx, consult["id"], "Yes, this week.")
    async with databases.care.transaction(where.therapist, MONDAY) as tx:
        permit = await relations.readable(tx, where.id, Action.READ_CONSULTS)
        (answered,) = await consults.of_room(tx, permit)
    assert (answered["state"], answered["answer"]) == ("met", "Yes, this week.")
    assert await told(databases, where.therapist.account_id) == ["consult_answered"]
    with pytest.raises(Conflict):
        async with databases.care.transaction(supervisor, MONDAY) as tx:
            await consults.answer(tx, consult["id"], "Twice.")


async def test_its_rungs_ring_once_in_order_also_after_hours_without_an_audit(databases: "Databases") -> None:
    where, supervisor = await scene(databases)
    consult = await asked(databases, where)
    assert await seen_to(databases, instant("2026-05-12T09:59:00-04:00")) == 0
    assert await seen_to(databases, instant("2026-05-12T10:00:00-04:00")) == 1
    assert await seen_to(databases, instant("2026-05-12T10:01:00-04:00")) == 0
    assert await told(databases, supervisor.account_id) == ["consult_asked", "consult_due_soon"]
    assert await seen_to(databases, instant("2026-05-15T10:00:00-04:00")) == 1
    assert await told(databases, supervisor.account_id) == [
        "consult_asked",
        "consult_due_soon",
        "consult_late",
    ]
    assert await told(databases, where.therapist.account_id) == ["consult_late"]
    after = await found(databases, supervisor, consult)
    assert (after["fired"], after["next_alarm_at"]) == (["nudge", "breach", "cover"], None)
    assert await seen_to(databases, instant("2026-05-16T10:00:00-04:00")) == 0
    async with databases.care.transaction(supervisor, instant("2026-05-16T10:00:00-04:00")) as tx:
        await consults.answer(tx, consult["id"], "Yes.")
    assert (await found(databases, supervisor, consult))["state"] == "late"


async def test_a_consult_moves_with_the_hours_and_with_the_terms(databases: "Databases") -> None:
    where, supervisor = await scene(databases)
    consult = await asked(databases, where)
    async with databases.care.transaction(where.therapist, MONDAY) as tx:
        later = week("America/New_York", {day: [("12:00", "20:00")] for day in ("mon", "tue")})
        await working_hours.set_hours(tx, where.therapist.account_id, later)
    await seen_to(databases, MONDAY)
    assert (await found(databases, supervisor, consult))["due_at"] == instant("2026-05-11T19:00:00-04:00")
    async with databases.care.transaction(at=MONDAY) as tx:
        await policies.add_version(tx, "response", "quick", policy_to_json(working_minutes("quick", 60)))
        await response_terms.set_terms(tx, response_terms.CLINIC, policy_name="quick", kind=ItemKind.CONSULT)
    await seen_to(databases, MONDAY)
    moved = await found(databases, supervisor, consult)
    assert (moved["policy_name"], moved["due_at"]) == ("quick", instant("2026-05-11T16:00:00-04:00"))


async def test_without_hours_in_sight_no_time_is_promised_until_there_are(databases: "Databases") -> None:
    where, supervisor = await scene(databases)
    async with databases.care.transaction(where.therapist, MONDAY) as tx:
        await working_hours.set_hours(tx, where.therapist.account_id, week("America/New_York", {}))
    consult = await asked(databases, where)
    assert (consult["held"], consult["due_at"]) == ("no_capacity", None)
    assert await told(databases, supervisor.account_id) == ["consult_asked"]
    async with databases.care.transaction(where.therapist, MONDAY) as tx:
        mondays = week("America/New_York", {"mon": [("09:00", "19:00")]})
        await working_hours.set_hours(tx, where.therapist.account_id, mondays)
    await seen_to(databases, MONDAY)
    assert (await found(databases, supervisor, consult))["due_at"] == instant("2026-05-11T19:00:00-04:00")


async def test_one_consult_at_a_time_beside_the_clients_own_promise(databases: "Databases") -> None:
    where, _ = await scene(databases)
    await asked(databases, where)
    with pytest.raises(Conflict):
        await asked(databases, where)
    async with databases.care.transaction() as tx:
        running = await tx.all(
            "SELECT kind FROM response_clocks WHERE room_id = %s AND state = 'running'", (where.id,)
        )
    assert running == [{"kind": "welcome"}]


async def test_the_client_and_other_therapists_see_no_consult_and_the_worker_no_word(
    databases: "Databases",
) -> None:
    where, _ = await scene(databases)
    consult = await asked(databases, where)
    stranger = await room(databases.care, at=MONDAY)
    for person in (where.client, stranger.therapist, stranger.client):
        async with databases.care.transaction(person) as tx:
            with pytest.raises(NotFound):
                await relations.readable(tx, where.id, Action.READ_CONSULTS)
            with pytest.raises(NotFound):
                await consults.find(tx, consult["id"])
    async with databases.worker.transaction() as tx:
        row = await tx.one("SELECT has_column_privilege('consults', 'question_sealed', 'SELECT') AS may")
    assert row == {"may": False}
    async with databases.billing.transaction() as tx:
        row = await tx.one("SELECT has_table_privilege('consults', 'SELECT') AS may")
    assert row == {"may": False}
