"""The audit chain shows every change, removal and insertion."""

from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg
import pytest

from records.audit import chain, verify

if TYPE_CHECKING:
    from conftest import Databases


async def _write(databases: "Databases", count: int) -> None:
    for _ in range(count):
        async with databases.care.transaction() as tx:
            await tx.audit("read_messages", room_id=uuid4(), seq=1)


async def test_entries_are_linked_once_and_the_chain_holds(databases: "Databases") -> None:
    await _write(databases, 5)
    async with databases.worker.transaction() as tx:
        assert await chain(tx) == 5
    async with databases.worker.transaction() as tx:
        assert await chain(tx) == 0
        found = await verify(tx)
    assert (found.holds, found.entries, found.unchained) == (True, 5, 0)


async def test_an_entry_that_commits_late_is_not_lost(databases: "Databases") -> None:
    async with databases.care.transaction() as late:
        await late.audit("read_messages")
        await _write(databases, 2)
        async with databases.worker.transaction() as tx:
            assert await chain(tx) == 0  # the snapshot waits for the transaction that is still open
    async with databases.worker.transaction() as tx:
        assert await chain(tx) == 3
        assert (await verify(tx)).holds


@pytest.mark.parametrize(
    "tamper",
    [
        "UPDATE audit_events SET action = 'nothing' WHERE id = (SELECT min(id) + 1 FROM audit_events)",
        "DELETE FROM audit_events WHERE id = (SELECT min(id) + 1 FROM audit_events)",
        "UPDATE audit_chain SET hash = decode(repeat('00', 32), 'hex') WHERE position = 2",
        "DELETE FROM audit_chain WHERE position = 2",
    ],
)
async def test_even_the_owner_cannot_tamper_unseen(databases: "Databases", tamper: str) -> None:
    await _write(databases, 4)
    async with databases.worker.transaction() as tx:
        await chain(tx)
    with psycopg.connect(databases.owner_dsn) as conn:
        conn.execute("ALTER TABLE audit_events DISABLE TRIGGER keep_history")
        conn.execute("ALTER TABLE audit_chain DISABLE TRIGGER keep_history")
        conn.execute(tamper)  # type: ignore[arg-type]
    async with databases.worker.transaction() as tx:
        assert (await verify(tx)).bad_position == 2
