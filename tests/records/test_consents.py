"""What a client takes back keeps claims here and ends check-ins, until it is signed anew."""

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import pytest
from factories import Room, actor, room
from office import attested_week, insured_room, open_office

from domain.access import Action, Role
from domain.consents import Document
from domain.errors import Conflict
from domain.letters import Letters
from records import claim_batches, consents, letters, relations
from records.claim_sources import source_of
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
        prepared = await claim_batches.prepare(tx, dry_run=True)
        who = await practice(tx)
        await claim_batches.prepare(tx)
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
