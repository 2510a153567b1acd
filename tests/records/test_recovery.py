"""A Temporal store that is not the known one is told everything that is still owed, once."""

from typing import TYPE_CHECKING
from uuid import uuid4

from factories import room

from records.recovery import retell_if_new

if TYPE_CHECKING:
    from conftest import Databases


async def _notes(databases: "Databases") -> set[tuple[str, object]]:
    async with databases.worker.transaction() as tx:
        return {(row["kind"], row["subject_id"]) for row in await tx.all("SELECT * FROM outbox")}


async def test_a_new_store_is_told_everything_and_a_known_one_nothing(databases: "Databases") -> None:
    where = await room(databases.care)
    async with databases.worker.transaction() as tx:
        await tx.run("DELETE FROM outbox")
    first, second = uuid4(), uuid4()
    for store, told_again in ((first, True), (first, False), (second, True)):
        async with databases.worker.transaction() as tx:
            told = await retell_if_new(tx, store)
        assert (told is not None) == told_again
        found = await _notes(databases)
        assert ({("clock_changed", where.id), ("plan_changed", where.id)} <= found) == told_again
        async with databases.worker.transaction() as tx:
            await tx.run("DELETE FROM outbox")
