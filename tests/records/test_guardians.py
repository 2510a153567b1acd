"""A guardian's consent: while care is under way it is not cut; who is silent is asked again; age moves on."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from factories import account, actor, client, instant, room

from domain.access import Action, Role
from domain.guardians import Answer, Pathway
from records import clients, guardian_duties, guardian_letters, guardians, places, relations
from records.guardians import Reply

if TYPE_CHECKING:
    from conftest import Databases

BORN = date(2012, 5, 1)


async def test_in_care_a_new_need_and_a_consent_taken_back_go_to_the_supervisors_and_the_room_stays(
    databases: "Databases",
) -> None:
    where = await room(databases.care)
    me = where.client
    async with databases.care.transaction() as tx:
        ruth = await account(tx, Role.SUPERVISOR)
    async with databases.care.transaction(me) as tx:
        who = await clients.profile(tx, me.account_id)
        await clients.save_profile(tx, me.account_id, replace(who, date_of_birth=BORN))
        permit = await relations.writable_chart(tx, me.account_id, Action.SET_LOCATION)
        await places.say(tx, permit, "CA")
        assert await pathway(databases, me.account_id) is None  # not committed yet
    assert await pathway(databases, me.account_id) == Pathway.MINOR
    async with databases.care.transaction(me) as tx:
        permit = await relations.writable_chart(tx, me.account_id, Action.SET_LOCATION)
        await places.say(tx, permit, "NY")
        await guardian_letters.ask(tx, me.account_id, "rosa@example.org", BORN, "NY")
    async with databases.worker.transaction() as tx:
        (letter,) = await guardian_letters.to_mail(tx)
        await guardian_letters.mark_mailed(tx, letter.id)
        assert await guardian_letters.to_mail(tx) == []
    for answer in (Answer.CONSENTED, Answer.WITHDRAWN):
        await guardians.reply(databases.care, letter.token, Reply(answer, BORN, "Rosa Rivera"))
    async with databases.worker.transaction() as tx:
        told = await tx.all(
            "SELECT template, room_id FROM notices WHERE account_id = %s ORDER BY created_at", (ruth,)
        )
        state = await tx.one("SELECT state FROM rooms WHERE id = %s", (where.id,))
    assert [row["template"] for row in told if row["template"].startswith("guardian")] == [
        "guardian_needed",
        "guardian_needed",
        "guardian_needed",
    ]
    assert {row["room_id"] for row in told if row["template"].startswith("guardian")} == {where.id}
    assert state == {"state": "open"}


async def pathway(databases: "Databases", client_id: object) -> str | None:
    """Whose consent stands on record."""
    async with databases.worker.transaction() as tx:
        row = await tx.one("SELECT guardian_pathway FROM clients WHERE id = %s", (client_id,))
    assert row is not None
    found: str | None = row["guardian_pathway"]
    return found


NOON = instant("2026-05-11T12:00:00-04:00")
DAY = timedelta(days=1)


async def a_minor(databases: "Databases", born: date, at: datetime = NOON) -> UUID:
    """Somebody in New York whose guardian was written to then."""
    async with databases.care.transaction(at=at) as tx:
        client_id = await client(tx, zone="America/New_York")
    async with databases.care.transaction(actor(Role.CLIENT, client_id), at) as tx:
        who = await clients.profile(tx, client_id)
        await clients.save_profile(tx, client_id, replace(who, date_of_birth=born))
        await guardian_letters.ask(tx, client_id, "rosa@example.org", born, "NY")
    return client_id


async def letters_out(databases: "Databases", at: datetime) -> list[UUID]:
    """Reminders are written and the post goes; the links that went out."""
    async with databases.worker.transaction(at=at) as tx:
        await guardian_duties.remind(tx)
        letters = await guardian_letters.to_mail(tx)
        for each in letters:
            assert each.address == "rosa@example.org"
            await guardian_letters.mark_mailed(tx, each.id)
    return [each.token for each in letters]


async def test_a_silent_guardian_is_written_to_again_a_few_times_each_with_a_new_link(
    databases: "Databases",
) -> None:
    await a_minor(databases, BORN)
    (first,) = await letters_out(databases, NOON)
    sent = {
        days: await letters_out(databases, NOON + days * DAY) for days in (1.9, 2.1, 2.2, 5.2, 9.3, 20, 29)
    }
    assert {days: len(links) for days, links in sent.items()} == {
        1.9: 0, 2.1: 1, 2.2: 0, 5.2: 1, 9.3: 1, 20: 0, 29: 0,
    }  # fmt: skip
    async with databases.care.transaction(at=NOON + 10 * DAY) as tx:
        assert (await guardians.asked(tx, first)).over
        assert not (await guardians.asked(tx, sent[9.3][0])).over


async def test_an_answer_ends_the_reminders_and_the_clinic_may_set_their_days(databases: "Databases") -> None:
    start = datetime.now(UTC) - timedelta(hours=30)
    async with databases.care.transaction() as tx:
        await tx.insert(
            "policies", id=uuid4(), kind="minors", name="default", definition={"remind_after_days": [1, 2]},
            effective_from=start - DAY,
        )  # fmt: skip
    await a_minor(databases, BORN, start)
    await letters_out(databases, start)
    (again,) = await letters_out(databases, start + 1.1 * DAY)
    await guardians.reply(databases.care, again, Reply(Answer.DECLINED, BORN, "Rosa Rivera"))
    assert await letters_out(databases, start + 3 * DAY) == []


async def test_who_comes_of_age_goes_on_alone_on_that_day_where_they_live(databases: "Databases") -> None:
    client_id = await a_minor(databases, date(2008, 5, 13))
    (link,) = await letters_out(databases, NOON)
    looked = []
    for at in ("2026-05-12T23:50:00-04:00", "2026-05-13T00:01:00-04:00", "2026-05-13T00:02:00-04:00"):
        async with databases.worker.transaction(at=instant(at)) as tx:
            looked.append(await guardian_duties.look_at_age(tx))
    assert looked == [0, 1, 0]
    assert await pathway(databases, client_id) == Pathway.ADULT
    async with databases.care.transaction(at=NOON + 2 * DAY) as tx:
        assert (await guardians.asked(tx, link)).over
