"""A transaction keeps facts, notes and audit together, and PostgreSQL is the second fence."""

from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg
import pytest

from domain.errors import Conflict
from encryption.errors import Unreadable
from encryption.keys import KeyScope
from records.migrate import drift, migrate

if TYPE_CHECKING:
    from conftest import Databases


async def test_the_migrated_schema_is_the_one_in_code_and_migrating_twice_is_harmless(
    databases: "Databases",
) -> None:
    migrate(databases.owner_dsn)
    assert drift(databases.owner_dsn) == []


async def test_a_note_to_temporal_is_lost_with_its_rolled_back_fact(databases: "Databases") -> None:
    async def fail() -> None:
        async with databases.care.transaction() as tx:
            await tx.tell("clock_changed", uuid4(), 1)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    async with databases.worker.transaction() as tx:
        assert await tx.all("SELECT * FROM outbox") == []


async def test_only_ids_instants_enums_and_numbers_may_be_told(databases: "Databases") -> None:
    async with databases.care.transaction() as tx:
        with pytest.raises(TypeError):
            await tx.tell("clock_changed", uuid4(), 1, words="I feel low")  # type: ignore[arg-type]


async def test_what_a_constraint_refuses_is_told_without_a_value(databases: "Databases") -> None:
    key = uuid4()

    async def twice() -> None:
        async with databases.care.transaction() as tx:
            await tx.new_key(KeyScope.ROOM, key)
            await tx.new_key(KeyScope.ROOM, key)

    with pytest.raises(Conflict) as refused:
        await twice()
    assert str(key) not in repr(refused.value)
    assert refused.value.__cause__ is None


async def test_a_stranger_cannot_fetch_the_key_of_a_room(databases: "Databases") -> None:
    room = uuid4()
    async with databases.care.transaction() as tx:
        await tx.new_key(KeyScope.ROOM, room)
    for login in (databases.care, databases.billing, databases.worker):
        async with login.transaction() as tx:
            with pytest.raises(Unreadable):
                await tx.key(KeyScope.ROOM, room)


@pytest.mark.parametrize(
    "table", ["messages", "message_revisions", "drafts", "stars", "notes", "goal_versions"]
)
async def test_billing_has_no_grant_on_what_is_written_in_rooms(databases: "Databases", table: str) -> None:
    with psycopg.connect(databases.dsn_of["kindroom_billing"]) as conn:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            conn.execute(f"SELECT * FROM {table}")  # type: ignore[arg-type]


@pytest.mark.parametrize("column", ["body"])
@pytest.mark.parametrize("table", ["messages", "drafts", "notes", "goal_versions"])
async def test_the_worker_reads_no_words(databases: "Databases", table: str, column: str) -> None:
    with psycopg.connect(databases.dsn_of["kindroom_worker"]) as conn:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            conn.execute(f"SELECT {column} FROM {table}")  # type: ignore[arg-type]


@pytest.mark.parametrize("change", ["UPDATE audit_events SET action = 'nothing'", "TRUNCATE audit_events"])
@pytest.mark.parametrize("login", ["care", "billing", "worker", "owner"])
async def test_nobody_rewrites_or_empties_the_audit_log(
    databases: "Databases", login: str, change: str
) -> None:
    async with databases.care.transaction() as tx:
        await tx.audit("sign_in")
    with psycopg.connect(databases.dsn_of[f"kindroom_{login}"]) as conn, pytest.raises(psycopg.Error):
        conn.execute(change)  # type: ignore[arg-type]
