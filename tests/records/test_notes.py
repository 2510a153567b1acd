"""Notes are locked once signed; diagnoses are dated and sealed; billing reads neither."""

from typing import TYPE_CHECKING

import pytest
from factories import actor, room
from office import diagnosed, signed_note

from domain.access import Action, Role
from domain.errors import Conflict, Invalid, NotFound
from domain.notes import NoteKind
from records import diagnoses, notes, relations

if TYPE_CHECKING:
    from conftest import Databases


async def test_a_signed_note_is_locked_even_for_the_database_login(databases: "Databases") -> None:
    where = await room(databases.care)
    note_id = await signed_note(databases, where)
    async with databases.care.transaction(where.therapist) as tx:
        writable = await relations.writable(tx, where.id, Action.WRITE_NOTE)
        with pytest.raises(Conflict, match="note_signed"):
            await notes.rewrite(tx, writable, note_id, {"plan": "Other."})
    with pytest.raises(Conflict):
        async with databases.care.transaction(where.therapist) as tx:
            await tx.run("UPDATE notes SET body = 'x' WHERE id = %s", (note_id,))


async def test_what_comes_after_signing_is_an_addendum(databases: "Databases") -> None:
    where = await room(databases.care)
    note_id = await signed_note(databases, where)
    async with databases.care.transaction(where.therapist) as tx:
        writable = await relations.writable(tx, where.id, Action.WRITE_NOTE)
        draft = await notes.write(tx, writable, NoteKind.DAP, {"data": "More."}, addendum_to=note_id)
        with pytest.raises(Conflict, match="note_not_signed"):
            await notes.write(tx, writable, NoteKind.DAP, {"data": "Yet more."}, addendum_to=draft.id)
        readable = await relations.readable(tx, where.id, Action.READ_NOTES)
        found = await notes.listing(tx, readable)
    assert {note.addendum_to for note in found} == {None, note_id}
    assert "Sleeps" not in repr(found)


async def test_a_note_has_the_sections_of_its_kind_and_some_words(databases: "Databases") -> None:
    where = await room(databases.care)
    async with databases.care.transaction(where.therapist) as tx:
        writable = await relations.writable(tx, where.id, Action.WRITE_NOTE)
        for sections in ({"data": "x"}, {"plan": "  "}, {}):
            with pytest.raises(Invalid):
                await notes.write(tx, writable, NoteKind.SOAP, sections)


async def test_signing_is_for_the_author_and_twice_is_once(databases: "Databases") -> None:
    where = await room(databases.care)
    note_id = await signed_note(databases, where)
    async with databases.care.transaction(where.therapist) as tx:
        writable = await relations.writable(tx, where.id, Action.SIGN_NOTE)
        first = await notes.sign(tx, writable, note_id)
        again = await notes.sign(tx, writable, note_id)
    assert first.signed_at == again.signed_at
    async with databases.care.transaction(where.client) as tx:
        with pytest.raises(NotFound):
            await relations.writable(tx, where.id, Action.SIGN_NOTE)


async def test_reading_notes_is_on_record(databases: "Databases") -> None:
    where = await room(databases.care)
    async with databases.care.transaction(where.therapist) as tx:
        await notes.listing(tx, await relations.readable(tx, where.id, Action.READ_NOTES))
    async with databases.worker.transaction() as tx:
        row = await tx.one("SELECT actor_id, room_id FROM audit_events WHERE action = 'read_notes'")
    assert row == {"actor_id": where.therapist.account_id, "room_id": where.id}


async def test_an_unchanged_diagnosis_keeps_its_date_and_the_old_ones_end(databases: "Databases") -> None:
    where = await room(databases.care)
    first = await diagnosed(databases, where, "F41.1", "F33.1")
    second = await diagnosed(databases, where, "f41.1", "F43.10")
    assert first[0] == second[0]
    assert first[1] != second[1]
    async with databases.worker.transaction() as tx:
        rows = await tx.all(
            "SELECT id, ended_at IS NULL AS stands, code_sealed FROM diagnoses ORDER BY entered_at"
        )
    assert {row["id"]: row["stands"] for row in rows} == {first[0]: True, first[1]: False, second[1]: True}
    assert all(b"F4" not in row["code_sealed"] for row in rows)


@pytest.mark.parametrize(
    "codes", [["Z63.0"], ["F41.1", "F411"], ["hello"], [f"F32.{n}" for n in range(13)]], ids=str
)
async def test_a_wrong_set_of_diagnoses_changes_nothing(databases: "Databases", codes: list[str]) -> None:
    where = await room(databases.care)
    await diagnosed(databases, where, "F41.1")
    with pytest.raises(Invalid):
        await diagnosed(databases, where, *codes)
    async with databases.care.transaction(where.therapist) as tx:
        readable = await relations.readable(tx, where.id, Action.READ_DIAGNOSES)
        assert [each.code for each in await diagnoses.listing(tx, readable)] == ["F41.1"]


async def test_billing_has_no_grant_on_notes(databases: "Databases") -> None:
    await room(databases.care)
    with pytest.raises(Exception, match="permission denied"):
        async with databases.billing.transaction(actor(Role.BILLING)) as tx:
            await tx.all("SELECT * FROM notes")
