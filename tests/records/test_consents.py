"""What a client takes back keeps claims here and ends check-ins, until it is signed anew."""

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import pytest
from factories import Room, actor, room
from office import attested_week, insured_room, open_office

from domain.access import Action, Actor, Role
from domain.consents import Document
from domain.errors import Conflict
from domain.letters import Letters
from encryption.keys import KeyScope
from records import (
    batch_gathering,
    consent_holds,
    consents,
    letters,
    places,
    relations,
    risk,
    rooms,
)
from records.claim_sources import source_of
from records.messages import NewMessage, post
from records.plans import client_pauses, plan_row
from records.practice import practice

if TYPE_CHECKING:
    from conftest import Databases

VERSION = "2025-01"


async def put_on_file(databases: "Databases", where: Room, *documents: Document) -> None:
    """Signatures as they stand in the database."""
    async with databases.care.transaction(where.client) as tx:
        for document in documents:
            await tx.insert(
                "consents",
                id=uuid4(),
                client_id=where.client.account_id,
                document=document,
                version=VERSION,
                state="NY" if document is Document.TELEHEALTH else None,
                signature_sealed=b"",
                signed_at=tx.now,
            )


async def take_back(databases: "Databases", where: Room, document: Document) -> datetime:
    async with databases.care.transaction(where.client) as tx:
        client = await relations.writable_chart(tx, where.client.account_id, Action.CONSENT)
        await consents.withdraw(tx, client, document)
        at: datetime = tx.now
        return at


async def ready(databases: "Databases") -> tuple[int, list[tuple[str, ...]]]:
    """How many claims leave, and what keeps each of the others here."""
    async with databases.billing.transaction(actor(Role.BILLING)) as tx:
        prepared = await batch_gathering.prepare(tx, dry_run=True)
        who = await practice(tx)
        await batch_gathering.prepare(tx)
        claims = await tx.all("SELECT id FROM claims WHERE state = 'scrub_failed'")
        return prepared.claims, [(await source_of(tx, row["id"], who)).findings for row in claims]


async def test_a_release_taken_back_keeps_what_was_not_sent_yet(databases: "Databases") -> None:
    office = await open_office(databases)
    where = await insured_room(databases, office)
    await attested_week(databases, where)
    await take_back(databases, where, Document.RELEASE_OF_BENEFITS)
    assert await ready(databases) == (0, [("release_missing claim",)])
    async with databases.worker.transaction() as tx:
        covers = await tx.all("SELECT kind, ended_at FROM coverages")
        told = await tx.all("SELECT 1 FROM notices WHERE template = 'consent_withdrawn'")
    assert [row["kind"] for row in covers if row["ended_at"] is not None] == ["insurance"]
    assert told == []  # nobody works in this office
    await put_on_file(databases, where, Document.RELEASE_OF_BENEFITS)
    assert await ready(databases) == (1, [])


async def test_care_for_alcohol_or_drugs_shows_on_no_claim_without_part_2(databases: "Databases") -> None:
    office = await open_office(databases)
    where = await insured_room(databases, office)
    await attested_week(databases, where, codes=("F41.1", "F10.20"))
    assert await ready(databases) == (0, [("part_2_consent_missing claim",)])
    await put_on_file(databases, where, Document.PART_2)
    assert (await ready(databases))[0] == 1


async def test_no_claim_leaves_while_the_plan_is_asked_to_write_to_the_client_alone(
    databases: "Databases",
) -> None:
    office = await open_office(databases)
    where = await insured_room(databases, office)
    await attested_week(databases, where)
    async with databases.care.transaction(where.client) as tx:
        await tx.run("UPDATE coverages SET letters = 'subscriber'")
        cover = await tx.one("SELECT id FROM coverages")
        assert cover is not None
    await choose(databases, where, cover["id"], Letters.ASKED)
    assert await ready(databases) == (0, [("confidential_letters_pending claim",)])
    await choose(databases, where, cover["id"], Letters.AGREED)
    assert (await ready(databases))[0] == 1


async def choose(databases: "Databases", where: Room, coverage_id: UUID, wanted: Letters) -> None:
    async with databases.care.transaction(where.client) as tx:
        client = await relations.writable_chart(tx, where.client.account_id, Action.GIVE_COVERAGE)
        await letters.choose(tx, client, coverage_id, wanted)


async def test_check_ins_end_with_the_consent_to_care_by_messages(databases: "Databases") -> None:
    where = await room(databases.care)
    with pytest.raises(Conflict, match="not_signed"):
        await take_back(databases, where, Document.TELEHEALTH)
    await put_on_file(databases, where, Document.TELEHEALTH)
    at = await take_back(databases, where, Document.TELEHEALTH)
    async with databases.worker.transaction() as tx:
        pauses = await client_pauses(tx, await plan_row(tx, where.id))
    assert [pause.start for pause in pauses] == [at]


async def test_who_moved_or_signed_older_words_is_asked_anew_at_sign_in_and_nobody_for_what_they_took_back(
    databases: "Databases",
) -> None:
    where = await room(databases.care)
    client_id = where.client.account_id

    async def asked() -> bool:
        async with databases.care.transaction() as tx:
            return await consents.asked_anew(tx, client_id)

    assert not await asked()
    await put_on_file(databases, where, *Document)
    assert not await asked()
    async with databases.care.transaction(where.client) as tx:
        await tx.run("UPDATE clients SET state = 'CA' WHERE id = %s", (client_id,))
    assert await asked()
    await take_back(databases, where, Document.TELEHEALTH)
    assert not await asked()
    async with databases.care.transaction(where.client) as tx:
        await tx.run("UPDATE consents SET version = '2024-01' WHERE document = 'privacy_notice'")
    assert await asked()


async def say(databases: "Databases", who: Actor, where: Room, key: str) -> None:
    async with databases.care.transaction(who) as tx:
        data_key = await tx.key(KeyScope.ROOM, where.id)
        permit = await relations.writable(tx, where.id)
    await post(databases.care, permit, data_key, NewMessage(key, "Good evening to you, and good night."))


async def moves(databases: "Databases", where: Room, state: str) -> None:
    async with databases.care.transaction(where.client) as tx:
        permit = await relations.writable_chart(tx, where.client.account_id, Action.SET_LOCATION)
        await places.say(tx, permit, state)


async def licensed_in(databases: "Databases", where: Room, state: str) -> None:
    async with databases.care.transaction() as tx:
        await tx.insert(
            "licences", id=uuid4(), therapist_id=where.therapist.account_id, state=state, kind="licence", number="1",
            active_from=date(2020, 1, 1), expires_on=date(2099, 1, 1),
        )  # fmt: skip


async def header_of(databases: "Databases", where: Room) -> dict[str, object]:
    async with databases.care.transaction(where.client) as tx:
        return await rooms.header(tx, await relations.visible(tx, where.id))


async def test_in_a_new_state_replies_wait_for_the_agreement_and_the_client_writes_on(
    databases: "Databases",
) -> None:
    where = await room(databases.care)
    client_id = where.client.account_id
    await licensed_in(databases, where, "TX")
    await put_on_file(databases, where, Document.TELEHEALTH)
    await moves(databases, where, "TX")
    await say(databases, where.client, where, "one")
    with pytest.raises(Conflict, match="consent_needed"):
        await say(databases, where.therapist, where, "two")
    header = await header_of(databases, where)
    assert (header["held"], header["unconsented_in"]) == ("paused", "TX")
    async with databases.worker.transaction() as tx:
        told = await tx.all("SELECT account_id FROM notices WHERE template = 'consent_waits'")
        (resting,) = await client_pauses(tx, await plan_row(tx, where.id))
    assert {row["account_id"] for row in told} >= {client_id, where.therapist.account_id}
    assert resting.holds_at(datetime.now(UTC))

    async with databases.care.transaction(where.client) as tx:
        flag = await risk.ask_for_help(tx, client_id, "")
    await say(databases, where.therapist, where, "three")  # nobody is kept from helping
    async with databases.care.transaction(where.therapist) as tx:
        await risk.acknowledge(tx, flag.id)
        await risk.close(tx, flag.id, "Spoke with her, she is safe with her sister.")
    with pytest.raises(Conflict, match="consent_needed"):
        await say(databases, where.therapist, where, "four")

    await say(databases, where.client, where, "five")
    async with databases.care.transaction(where.client) as tx:
        permit = await relations.writable_chart(tx, client_id, Action.CONSENT)
        await tx.run("UPDATE clients SET intake_submitted_at = %s WHERE id = %s", (tx.now, client_id))
        await consents.sign(tx, permit, Document.TELEHEALTH, VERSION, "Ana Rivera")
    header = await header_of(databases, where)
    assert header["unconsented_in"] is None
    assert header["held"] is None
    assert header["due_at"] is not None
    await say(databases, where.therapist, where, "six")


async def test_who_does_not_sign_is_asked_twice_more_and_then_people_are_told(databases: "Databases") -> None:
    where = await room(databases.care)
    await put_on_file(databases, where, Document.TELEHEALTH)
    await moves(databases, where, "TX")
    async with databases.worker.transaction() as tx:
        now = tx.now
    asked = []
    for days in (1, 2.1, 2.2, 5.1, 5.2, 30):
        async with databases.worker.transaction(at=now + timedelta(days=days)) as tx:
            asked.append(await consent_holds.ask_again(tx))
    assert asked == [0, 1, 0, 1, 0, 0]
    await moves(databases, where, "NY")  # back where they agreed to it
    await say(databases, where.therapist, where, "one")


async def test_an_agreement_that_was_taken_back_is_waited_for_no_more(databases: "Databases") -> None:
    where = await room(databases.care)
    await put_on_file(databases, where, Document.TELEHEALTH)
    async with databases.care.transaction(where.client) as tx:
        assert not await consent_holds.lacking(tx, where.client.account_id)
    await moves(databases, where, "TX")
    async with databases.care.transaction(where.client) as tx:
        assert await consent_holds.lacking(tx, where.client.account_id)
    await take_back(databases, where, Document.TELEHEALTH)  # no question is open any more: it is their word
    async with databases.care.transaction(where.client) as tx:
        assert not await consent_holds.lacking(tx, where.client.account_id)
    assert (await header_of(databases, where))["unconsented_in"] is None
