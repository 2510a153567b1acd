"""Keys destroyed, in the database and in the ledger outside it; destroyed again where a backup brought them back."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

from domain.errors import Conflict
from domain.ids import new_id
from encryption.keys import KeyScope
from encryption.ledgers import Shred, ShredLedger
from records import erasures
from records.clinic import clinic_key
from records.database import Database, Transaction


async def destroy(database: Database, ledger: ShredLedger, client_id: UUID) -> int:
    """Destroy every key of a client whose erasure has begun; how many there were.

    The ledger outside comes first: a backup that is restored after a crash in between meets it. Safe to repeat.
    Raises Conflict when the erasure has not begun, KeyStoreRefused when the ledger is damaged.
    """
    async with database.transaction() as tx:
        begun = await tx.one(
            "SELECT 1 AS yes FROM erasures WHERE client_id = %s AND state IN ('shredding', 'shredded')",
            (client_id,),
        )
        if begun is None:
            raise Conflict("not_begun")
        named = await _keys(tx, client_id)
        chain = await clinic_key(tx)
    await asyncio.to_thread(ledger.append, chain, named)
    async with database.transaction() as tx:
        row = await tx.one("SELECT destroy_keys(%s) AS gone", (client_id,))
        gone = int(row["gone"]) if row else 0
        await erasures.count(tx, client_id, keys=gone)
    for shred in named:
        database.ring.forget(shred.scope, shred.owner_id)
    return gone


async def _keys(tx: Transaction, client_id: UUID) -> list[Shred]:
    """Chart and bill first: their owner is the client, so the first line of the ledger names whom all concern."""
    rows = await tx.all(
        "SELECT scope, owner_id FROM keys_of_client(%s) ORDER BY scope NOT IN ('chart', 'billing'), scope, owner_id",
        (client_id,),
    )
    return [Shred(KeyScope(row["scope"]), row["owner_id"], tx.now) for row in rows]


async def came_back(database: Database, ledger: ShredLedger) -> list[UUID]:
    """Clients whom the ledger outside calls erased and this database does not: a backup was restored.

    Raises KeyStoreRefused when the ledger is damaged, Unreadable when it belongs to another clinic's database.
    """
    if ledger.empty:
        return []
    async with database.transaction() as tx:
        named = await asyncio.to_thread(ledger.read, await clinic_key(tx))
        rows = await tx.all("SELECT came_back(%s) AS id", (_clients(named),))
    return [row["id"] for row in rows]


async def replay(owner: Database, ledger: ShredLedger) -> int:
    """Destroy again what a restored backup brought back; how many clients. Before anything else opens, under the
    login that owns the schema: only it can set aside the fence around keys, and it does so for these alone.

    Their workflows are told again as well, and see to the files. Raises as `came_back`.
    """
    back = await came_back(owner, ledger)
    if not back:
        return 0
    async with owner.transaction() as tx:
        await tx.run("ALTER TABLE keys.data_keys DISABLE TRIGGER keep_keys")
        for client_id in back:
            await tx.run("SELECT destroy_keys(%s)", (client_id,))
        await tx.run("ALTER TABLE keys.data_keys ENABLE TRIGGER keep_keys")
        for client_id in back:
            await tx.run("SELECT forget_client(%s)", (client_id,))
            await _go_on(tx, client_id)
            await tx.audit("replay_shred", subject_id=client_id)
    return len(back)


async def _go_on(tx: Transaction, client_id: UUID) -> None:
    """The erasure is under way in the restored rows too; its workflow finishes it."""
    row = await tx.one(
        "UPDATE erasures SET state = 'shredding', version = version + 1"
        " WHERE client_id = %s AND state IN ('waiting', 'shredding') RETURNING version",
        (client_id,),
    )
    known = await tx.one(
        "SELECT max(version) AS version, bool_or(state = 'shredded') AS over FROM erasures WHERE client_id = %s",
        (client_id,),
    )
    if row is None and not (known and known["over"]):
        version = ((known and known["version"]) or 0) + 1
        await tx.insert(
            "erasures",
            id=new_id(),
            client_id=client_id,
            state="shredding",
            version=version,
            asked_at=tx.now,
        )
        row = {"version": version}
    if row is not None:
        await tx.tell("erasure_changed", client_id, row["version"])


def _clients(named: Sequence[Shred]) -> list[UUID]:
    return sorted({shred.owner_id for shred in named if shred.scope in (KeyScope.CHART, KeyScope.BILLING)})
