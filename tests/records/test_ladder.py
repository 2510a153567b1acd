"""The ladder tells whoever is there, climbs past whoever is not, offers cover, and never breaks a promise early."""

import asyncio
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import pytest
from factories import Room, account, actor, instant, room, therapist
from test_messages import say

from domain.access import Action, Duty, Role
from domain.errors import Conflict
from domain.ids import new_id
from records import clocks, covers, ladder, leaves, relations, rematches, reviews, rungs
from records.database import Row

if TYPE_CHECKING:
    from conftest import Databases

OPENED = instant("2026-05-11T09:00:00Z")
DAY = timedelta(days=1)


async def running(databases: "Databases", where: Room) -> Row:
    return (await all_of(databases, "SELECT * FROM response_clocks WHERE room_id = %s", where.id))[0]


async def all_of(databases: "Databases", sql: str, *values: object) -> list[Row]:
    async with databases.worker.transaction() as tx:
        return await tx.all(sql, values)


async def fire(databases: "Databases", where: Room, at: datetime) -> rungs.Fired:
    """Ring as if the workflow had asked at this instant."""
    clock = await running(databases, where)
    async with databases.care.transaction(actor(Role.SUPERVISOR), at) as tx:
        return await rungs.fire_due_rungs(tx, where.id, clock["id"])


async def ring(databases: "Databases", where: Room) -> rungs.Fired:
    """Ring as the workflow does, long after everything was due."""
    clock = await running(databases, where)
    async with databases.worker.transaction() as tx:
        return await rungs.fire_due_rungs(tx, where.id, clock["id"])


async def told(databases: "Databases", account_id: UUID) -> list[str]:
    found = await all_of(
        databases, "SELECT template FROM notices WHERE account_id = %s ORDER BY 1", account_id
    )
    return [each["template"] for each in found]


async def climbed(databases: "Databases") -> list[tuple[str, int]]:
    found = await all_of(databases, "SELECT rung, told FROM clock_rungs ORDER BY fired_at, due_at")
    return [(each["rung"], each["told"]) for each in found]


async def staff(databases: "Databases", role: Role, *duties: Duty) -> UUID:
    async with databases.care.transaction(at=OPENED) as tx:
        who = await account(tx, role)
        for duty in duties:
            await tx.insert("duties", account_id=who, duty=duty.value, granted_at=tx.now)
    return who


async def disable(databases: "Databases", who: UUID) -> None:
    async with databases.care.transaction() as tx:
        await tx.run("UPDATE accounts SET disabled_at = now() WHERE id = %s", (who,))


async def test_the_cover_rung_asks_those_who_may_and_the_first_yes_answers(databases: "Databases") -> None:
    where, lead = await room(databases.care, at=OPENED), await staff(databases, Role.SUPERVISOR)
    async with databases.care.transaction(at=OPENED) as tx:
        others = [await therapist(tx) for _ in range(4)]
        texan = await therapist(tx, states=("TX",))
    assert (await ring(databases, where)).outcome == "fired"
    offers = await all_of(databases, "SELECT * FROM cover_offers ORDER BY id")
    assert len(offers) == ladder.ASKED
    assert {each["therapist_id"] for each in offers} < set(others)
    assert await told(databases, texan) == []
    assert await climbed(databases) == [("nudge", 1), ("breach", 2), ("cover", 4)]
    assert await told(databases, lead) == ["offer_cover", "promise_broken"]
    first, second = offers[:2]
    async with databases.care.transaction(actor(Role.THERAPIST, first["therapist_id"])) as tx:
        assert (await covers.take(tx, first["id"])).cover_id is not None
        assert (await relations.readable(tx, where.id)).relation.value == "covering"
    with pytest.raises(Conflict) as late:
        async with databases.care.transaction(actor(Role.THERAPIST, second["therapist_id"])) as tx:
            await covers.take(tx, second["id"])
    assert late.value.code == "offer_withdrawn"
    assert "cover_arranged" in await told(databases, where.client.account_id)


async def test_before_a_yes_an_offer_of_cover_opens_the_header_and_nothing_else(
    databases: "Databases",
) -> None:
    where = await room(databases.care, at=OPENED)
    async with databases.care.transaction(at=OPENED) as tx:
        other = await therapist(tx)
    await ring(databases, where)
    async with databases.care.transaction(actor(Role.THERAPIST, other)) as tx:
        assert (await relations.visible(tx, where.id, Action.READ_ROOM_HEADER)).relation.value == "offered"
        for action in (Action.READ_CLOCK, Action.READ_ACCESS_LOG):
            with pytest.raises(Exception, match="not_found"):
                await relations.visible(tx, where.id, action)
        with pytest.raises(Exception, match="not_found"):
            await relations.readable(tx, where.id)
        assert await tx.one("SELECT 1 AS seen FROM messages WHERE room_id = %s", (where.id,)) is None
        opened = await tx.one(
            "SELECT 1 AS key FROM keys.data_keys WHERE owner_id = ANY(%s)",
            ([where.id, where.client.account_id],),
        )
    assert opened is None


async def test_an_answer_makes_the_offer_of_cover_void(databases: "Databases") -> None:
    where = await room(databases.care, at=OPENED)
    async with databases.care.transaction(at=OPENED) as tx:
        other = await therapist(tx)
    await ring(databases, where)
    [offer] = await all_of(databases, "SELECT * FROM cover_offers")
    async with databases.care.transaction() as tx:
        await tx.run("UPDATE response_clocks SET state = 'late', closed_at = now()")
    with pytest.raises(Conflict) as void:
        async with databases.care.transaction(actor(Role.THERAPIST, other)) as tx:
            await covers.take(tx, offer["id"])
    assert void.value.code == "offer_withdrawn"


async def test_a_clinic_without_a_supervisor_tells_its_clinical_director(databases: "Databases") -> None:
    where = await room(databases.care, at=OPENED)
    director = await staff(databases, Role.THERAPIST, Duty.CLINICAL_DIRECTOR)
    await ring(databases, where)
    assert await told(databases, director) == ["cover_not_found", "promise_broken"]


async def test_where_the_therapist_is_gone_supervisors_hear_at_the_first_rung(databases: "Databases") -> None:
    where, lead = await room(databases.care, at=OPENED), await staff(databases, Role.SUPERVISOR)
    await disable(databases, where.therapist.account_id)
    await ring(databases, where)
    assert await told(databases, lead) == ["cover_not_found", "nobody_answers", "promise_broken"]
    assert await told(databases, where.therapist.account_id) == []


async def test_whoever_covers_is_told_instead_of_whoever_is_away(databases: "Databases") -> None:
    where = await room(databases.care, at=OPENED)
    async with databases.care.transaction(at=OPENED) as tx:
        other = await therapist(tx)
    async with databases.care.transaction(where.therapist, OPENED) as tx:
        await leaves.take_leave(
            tx, where.therapist.account_id, OPENED + timedelta(minutes=5), OPENED + 9 * DAY, other, ""
        )
    clock = await running(databases, where)
    await fire(databases, where, clock["due_at"])
    assert await told(databases, other) == ["answer_due_soon", "answer_late", "cover_yours"]
    assert await told(databases, where.therapist.account_id) == []


async def test_when_nobody_is_there_the_next_rung_follows_at_once_but_no_breach_comes_early(
    databases: "Databases",
) -> None:
    where = await room(databases.care, at=OPENED)
    await disable(databases, where.therapist.account_id)
    clock = await running(databases, where)
    nudge = datetime.fromisoformat(clock["alarms"]["rungs"][0]["at"])
    assert (await fire(databases, where, nudge)).next_alarm_at == clock["due_at"]
    assert await climbed(databases) == [("nudge", 0)]
    assert (await fire(databases, where, clock["due_at"])).next_alarm_at is None
    assert await climbed(databases) == [("nudge", 0), ("breach", 0), ("cover", 0)]
    early = await all_of(databases, "SELECT rung FROM clock_rungs WHERE fired_at < due_at")
    assert early == []
    assert await told(databases, where.client.account_id) == ["answer_is_late"]


@pytest.mark.parametrize(("apart", "offered"), [(7 * DAY, True), (7 * DAY + timedelta(seconds=1), False)])
async def test_a_second_breach_within_seven_days_offers_the_client_another_choice(
    databases: "Databases", apart: timedelta, offered: bool
) -> None:
    where = await room(databases.care, at=OPENED)
    await broken_before(databases, where, apart)
    await ring(databases, where)
    me = where.client.account_id
    assert ("rematch_offered" in await told(databases, me)) is offered
    async with databases.care.transaction(where.client) as tx:
        assert await rematches.rematch_offered(tx, me, where.id) is offered


@pytest.mark.parametrize(("apart", "offered"), [(7 * DAY, True), (7 * DAY + timedelta(seconds=1), False)])
async def test_a_second_breach_that_only_the_late_answer_records_offers_it_as_well_and_pages_nobody(
    databases: "Databases", apart: timedelta, offered: bool
) -> None:
    where, lead = await room(databases.care, at=OPENED), await staff(databases, Role.SUPERVISOR)
    clock = await broken_before(databases, where, apart)
    for second in (1, 2):  # the first answers; the second finds nothing to answer
        at = clock["due_at"] + timedelta(seconds=second)
        await say(databases, where, where.therapist, "I am here and have read it", at=at)
    assert await climbed(databases) == []
    assert await told(databases, where.client.account_id) == ["rematch_offered"] * offered
    assert await told(databases, lead) == await told(databases, where.therapist.account_id) == []
    async with databases.care.transaction(actor(Role.SUPERVISOR, lead)) as tx:
        waiting = await reviews.queue(tx, reviews.ReviewFilter(), 10)
    assert clock["id"] in [each["clock_id"] for each in waiting]
    assert await fire(databases, where, clock["due_at"] + DAY) == rungs.Fired("superseded", None)


async def broken_before(databases: "Databases", where: Room, apart: timedelta) -> Row:
    """Another promise in the room was broken that long before the running one, which is given back, is due."""
    clock = await running(databases, where)
    earlier = new_id()
    async with databases.care.transaction() as tx:
        await tx.run(
            "INSERT INTO response_clocks SELECT (jsonb_populate_record(c, jsonb_build_object('id', %s::uuid, 'state',"
            " 'late', 'closed_at', now(), 'next_alarm_at', NULL))).* FROM response_clocks c WHERE id = %s",
            (earlier, clock["id"]),
        )
        at = clock["due_at"] - apart
        await tx.insert(
            "clock_breaches", clock_id=earlier, room_id=where.id, breached_at=at, recorded_at=tx.now
        )
    return clock


async def test_an_acknowledgement_outlasts_rungs_and_new_hours_and_keeps_its_first_name(
    databases: "Databases",
) -> None:
    where = await room(databases.care, at=OPENED)
    clock = await running(databases, where)
    await fire(databases, where, clock["due_at"])
    one, two = (
        actor(Role.SUPERVISOR, await staff(databases, Role.SUPERVISOR)),
        actor(Role.SUPERVISOR, uuid4()),
    )
    for who in (one, two):
        async with databases.care.transaction(who) as tx:
            await clocks.acknowledge(tx, clock["id"])
    async with databases.care.transaction() as tx:
        await clocks.reproject(tx, where.id, "hours")
    await ring(databases, where)
    after = await running(databases, where)
    assert (after["acknowledged_by"], [name for name, _ in await climbed(databases)]) == (
        one.account_id,
        ["nudge", "breach", "cover"],
    )


async def test_a_client_reads_that_it_is_late_who_was_told_and_when_more_happens(
    databases: "Databases",
) -> None:
    where = await room(databases.care, at=OPENED)
    await staff(databases, Role.SUPERVISOR)
    clock = await running(databases, where)
    async with databases.care.transaction(where.client) as tx:
        assert await ladder.late_news(tx, clock["id"]) is None
    fired = await fire(databases, where, clock["due_at"])
    async with databases.care.transaction(where.client) as tx:
        news = await ladder.late_news(tx, clock["id"])
    assert news is not None
    assert (news.answering, news.supervisors, news.covers_asked) == (1, 1, 0)
    assert news.next_at == fired.next_alarm_at is not None


async def test_of_many_who_say_yes_in_the_same_instant_one_covers(databases: "Databases") -> None:
    where = await room(databases.care, at=OPENED)
    async with databases.care.transaction(at=OPENED) as tx:
        for _ in range(3):
            await therapist(tx)
    await ring(databases, where)
    offers = await all_of(databases, "SELECT * FROM cover_offers ORDER BY id")

    async def say_yes(offer: Row) -> str:
        try:
            async with databases.care.transaction(actor(Role.THERAPIST, offer["therapist_id"])) as tx:
                taken = await covers.take(tx, offer["id"])
        except Conflict as refused:
            return str(refused.code)
        return "covers" if taken.cover_id else str(taken.refused)

    outcomes = await asyncio.gather(*(say_yes(offer) for offer in (*offers, *offers)))
    assert sorted(outcomes) == ["covers"] * 2 + ["offer_withdrawn"] * 4  # whoever won may say it twice
    assert len(await all_of(databases, "SELECT id FROM covers")) == 1
