"""A guardian's consent while care is under way: it is not cut, people are told."""

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from factories import account, room

from domain.access import Action, Role
from domain.guardians import Pathway
from records import clients, guardians, places, relations
from records.guardians import Answer, Reply

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
        await guardians.ask(tx, me.account_id, "rosa@example.org", BORN, "NY")
    async with databases.worker.transaction() as tx:
        (letter,) = await guardians.to_mail(tx)
        await guardians.mark_mailed(tx, letter.id)
        assert await guardians.to_mail(tx) == []
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
