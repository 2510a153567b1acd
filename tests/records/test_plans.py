"""Check-ins keep their cadence, are asked once, and a silence is told step by step."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from factories import Room, actor, room

from domain.access import Action, Role
from domain.errors import Conflict, Invalid, NotFound
from domain.goals import Achievement, GoalTerms, Lifecycle
from encryption.errors import Unreadable
from encryption.keys import KeyScope
from records import check_ins, goals, plans, relations, rooms

if TYPE_CHECKING:
    from conftest import Databases

START = datetime(2026, 9, 7, 16, 0, tzinfo=UTC)  # nine in the morning in Los Angeles; DST ends in week nine
HOME = ZoneInfo("America/Los_Angeles")


async def keep(databases: "Databases", room_id: UUID, at: datetime) -> check_ins.Kept:
    async with databases.worker.transaction(at=at) as tx:
        return await check_ins.keep(tx, room_id)


async def alarm(databases: "Databases", room_id: UUID, at: datetime) -> datetime | None:
    async with databases.worker.transaction(at=at) as tx:
        return await plans.next_alarm(tx, await plans.plan_row(tx, room_id))


async def through(databases: "Databases", where: Room, weeks: int, *, answers: bool = True) -> list[datetime]:
    """Follow the alarms for so many weeks; when each check-in was asked."""
    asked: list[datetime] = []
    at = await alarm(databases, where.id, START)
    while at is not None and at <= START + timedelta(weeks=weeks, hours=2):
        kept = await keep(databases, where.id, at)
        again = await keep(databases, where.id, at)
        assert (again.asked, again.missed, again.reminded) == (0, 0, 0)
        if kept.asked:
            asked.append(at)
            if answers:
                await answer_open(databases, where, at)
                at = await alarm(databases, where.id, at)
                continue
        at = kept.next_alarm_at
    return asked


async def answer_open(databases: "Databases", where: Room, at: datetime) -> None:
    async with databases.care.transaction(where.client, at + timedelta(hours=1)) as tx:
        writable = await relations.writable(tx, where.id, Action.ANSWER_CHECK_IN)
        found = await tx.one("SELECT id FROM check_ins WHERE room_id = %s AND state = 'asked'", (where.id,))
        assert found is not None
        await check_ins.answer(tx, writable, found["id"], 7, "slept well")


async def pause(databases: "Databases", where: Room, first: datetime, last: datetime) -> None:
    async with databases.care.transaction(where.client) as tx:
        await tx.insert(
            "pauses", id=uuid4(), room_id=where.id, reason="client", starts_at=first, ends_at=last
        )


async def test_thirteen_weeks_are_thirteen_check_ins_at_the_clients_hour(databases: "Databases") -> None:
    where = await room(databases.care, at=START)
    asked = await through(databases, where, 13)
    assert len(asked) == 13
    assert {at.astimezone(HOME).strftime("%a %H:%M") for at in asked} == {"Mon 09:00"}
    async with databases.care.transaction(where.therapist) as tx:
        readable = await relations.readable(tx, where.id, Action.READ_CHECK_INS)
        seen = await check_ins.listing(tx, readable)
    assert [each.n for each in seen] == list(range(13, 0, -1))
    assert {(each.state, each.value, each.words) for each in seen} == {("answered", 7, "slept well")}


async def test_a_client_who_pauses_weeks_five_and_six_gets_eleven(databases: "Databases") -> None:
    where = await room(databases.care, at=START)
    await pause(databases, where, START + timedelta(weeks=4, days=1), START + timedelta(weeks=6, days=1))
    assert len(await through(databases, where, 13)) == 11


async def test_two_workers_at_once_ask_once(databases: "Databases") -> None:
    where = await room(databases.care, at=START)
    due = await alarm(databases, where.id, START)
    assert due is not None
    kept = await asyncio.gather(*(keep(databases, where.id, due) for _ in range(5)))
    assert sum(each.asked for each in kept) == 1


async def test_after_an_outage_of_three_weeks_one_check_in_is_asked(databases: "Databases") -> None:
    where = await room(databases.care, at=START)
    kept = await keep(databases, where.id, START + timedelta(weeks=3, days=2))
    assert kept.asked == 1
    assert kept.next_alarm_at is not None
    assert kept.next_alarm_at > START + timedelta(weeks=3, days=2)


async def test_missed_ones_are_reminded_and_climb_to_the_supervisor(databases: "Databases") -> None:
    where = await room(databases.care, at=START)
    async with databases.care.transaction() as tx:
        await tx.insert(
            "accounts",
            id=(boss := uuid4()),
            role="supervisor",
            username_index=boss.bytes,
            display_name="S",
            password_hash="-",
            time_zone="America/New_York",
            created_at=START,
        )
    await through(databases, where, 9, answers=False)
    async with databases.worker.transaction() as tx:
        rows = await tx.all("SELECT account_id, template, created_at FROM notices ORDER BY created_at")
        missed = await tx.one("SELECT count(*) AS n FROM check_ins WHERE state = 'missed'")
    told = {(row["account_id"], row["template"]): row["created_at"] for row in rows}
    assert missed == {"n": 8}
    assert sum(row["template"] == "check_in_reminder" for row in rows) == 8
    reminded = next(row["created_at"] for row in rows if row["template"] == "check_in_reminder")
    assert reminded == START + timedelta(weeks=1, hours=48)
    assert told[where.therapist.account_id, "check_ins_missed"] <= START + timedelta(weeks=3)
    assert told[boss, "client_silent"] == START + timedelta(days=14)
    assert told[where.client.account_id, "rematch_offer"] == START + timedelta(days=25)
    assert told[boss, "discharge_review"] == START + timedelta(days=25 + 28)
    assert [row["template"] for row in rows].count("client_silent") == 1


async def test_a_late_answer_ends_the_row_of_missed_ones(databases: "Databases") -> None:
    where = await room(databases.care, at=START)
    await through(databases, where, 2, answers=False)
    late = START + timedelta(weeks=2, days=1)
    async with databases.care.transaction(where.client, late) as tx:
        writable = await relations.writable(tx, where.id, Action.ANSWER_CHECK_IN)
        row = await tx.one("SELECT id FROM check_ins WHERE state = 'missed' ORDER BY n DESC LIMIT 1")
        assert row is not None
        await check_ins.answer(tx, writable, row["id"], 3)
        assert (await plans.plan_row(tx, where.id))["missed"] == 0
        with pytest.raises(Conflict):
            await check_ins.answer(tx, writable, row["id"], 4)


async def test_one_asked_by_hand_waits_for_its_answer_before_the_next(databases: "Databases") -> None:
    where = await room(databases.care, at=START)
    async with databases.care.transaction(where.therapist, START) as tx:
        writable = await relations.writable(tx, where.id, Action.ASK_CHECK_IN)
        first = await check_ins.ask_now(tx, writable)
        assert (first.asked_by, first.state) == ("therapist", "asked")
        with pytest.raises(Conflict, match="check_in_open"):
            await check_ins.ask_now(tx, writable)


async def test_a_closed_room_asks_nothing_more(databases: "Databases") -> None:
    where = await room(databases.care, at=START)
    async with databases.care.transaction(where.therapist, START) as tx:
        await rooms.close_room(tx, where.id)
    kept = await keep(databases, where.id, START + timedelta(weeks=4))
    assert (kept.asked, kept.next_alarm_at) == (0, None)


async def test_the_worker_cannot_read_answers_or_the_words_of_goals(databases: "Databases") -> None:
    where = await room(databases.care, at=START)
    for statement in ("SELECT answers FROM check_ins", "SELECT body FROM goal_versions"):
        with pytest.raises(Exception, match="permission denied"):
            async with databases.worker.transaction() as tx:
                await tx.run(statement)
    async with databases.worker.transaction() as tx:
        with pytest.raises(Unreadable):
            await tx.key(KeyScope.ROOM, where.id)


async def test_a_goal_changed_midway_keeps_both_versions(databases: "Databases") -> None:
    where = await room(databases.care)
    async with databases.care.transaction(where.therapist) as tx:
        writable = await relations.writable(tx, where.id, Action.SET_GOAL)
        goal = await goals.add(tx, writable, GoalTerms("Sleep seven hours", target="four nights"))
    async with databases.care.transaction(where.client) as tx:
        writable = await relations.writable(tx, where.id, Action.SET_GOAL)
        goal = await goals.change(tx, writable, goal.id, goals.GoalChange(accepted=True))
        assert goal.state.lifecycle is Lifecycle.ACCEPTED
        goal = await goals.change(tx, writable, goal.id, goals.GoalChange(lifecycle=Lifecycle.ACTIVE))
        goal = await goals.change(
            tx, writable, goal.id, goals.GoalChange(terms={"statement": "Sleep six hours"})
        )
    assert [v.terms.statement for v in goal.versions] == ["Sleep six hours"] + ["Sleep seven hours"] * 3
    assert goal.versions[0].terms.target == "four nights"
    assert goal.state.accepted_by == {"client"}
    assert "Sleep" not in repr(goal)


async def test_a_goal_is_completed_only_with_an_achievement(databases: "Databases") -> None:
    where = await room(databases.care)
    async with databases.care.transaction(where.therapist) as tx:
        writable = await relations.writable(tx, where.id, Action.SET_GOAL)
        goal = await goals.add(tx, writable, GoalTerms("Walk daily"))
        with pytest.raises(Conflict):
            await goals.change(tx, writable, goal.id, goals.GoalChange(lifecycle=Lifecycle.COMPLETED))
        for step in (Lifecycle.PLANNED,):
            goal = await goals.change(tx, writable, goal.id, goals.GoalChange(lifecycle=step))
    async with databases.care.transaction(where.client) as tx:
        writable = await relations.writable(tx, where.id, Action.SET_GOAL)
        await goals.change(tx, writable, goal.id, goals.GoalChange(accepted=True))
        await goals.change(tx, writable, goal.id, goals.GoalChange(lifecycle=Lifecycle.ACTIVE))
        with pytest.raises(Invalid):
            await goals.change(tx, writable, goal.id, goals.GoalChange(lifecycle=Lifecycle.COMPLETED))
        done = goals.GoalChange(lifecycle=Lifecycle.COMPLETED, achievement=Achievement.ACHIEVED)
        assert (await goals.change(tx, writable, goal.id, done)).state.achievement is Achievement.ACHIEVED


async def test_another_client_and_billing_find_no_room(databases: "Databases") -> None:
    where = await room(databases.care)
    for stranger in (actor(Role.CLIENT), actor(Role.THERAPIST), actor(Role.BILLING)):
        async with databases.care.transaction(stranger) as tx:
            with pytest.raises(NotFound):
                await relations.readable(tx, where.id, Action.READ_GOALS)


async def test_every_open_plan_is_told_again(databases: "Databases") -> None:
    where = await room(databases.care, at=START)
    async with databases.worker.transaction() as tx:
        before = await tx.one("SELECT count(*) AS n FROM outbox WHERE kind = 'plan_changed'")
        assert await plans.retell(tx) == 1
        after = await tx.all("SELECT * FROM outbox WHERE kind = 'plan_changed' ORDER BY id")
    assert before == {"n": 1}
    assert [row["subject_id"] for row in after] == [where.id] * 2
    assert after[0]["payload"] == after[1]["payload"]
