"""Legal holds: while one is in force nothing of a client may be destroyed. The database sees to it."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from domain.errors import Conflict, NotFound
from domain.ids import new_id
from encryption.keys import DataKey
from encryption.rooms import open_field, seal_field
from records.clinic import CLINIC_ID, clinic_key
from records.database import Row, Transaction
from records.relations import signed_in_actor


@dataclass(frozen=True, slots=True)
class LegalHold:
    """A hold as administrators read it. In force until `lifted_at`."""

    id: UUID
    client_id: UUID
    client_code: str
    reason: str = field(repr=False)
    placed_by: str
    placed_at: datetime
    lifted_by: str | None
    lifted_at: datetime | None


async def place(tx: Transaction, client_id: UUID, reason: str) -> UUID:
    """Hold everything of a client. Raises NotFound, Conflict (`erasing`: what is destroyed cannot be held)."""
    actor = signed_in_actor(tx)
    row = await tx.one("SELECT id FROM clients WHERE id = %s FOR UPDATE", (client_id,))
    if row is None:
        raise NotFound
    begun = await tx.one(
        "SELECT 1 AS yes FROM erasures WHERE client_id = %s AND state IN ('shredding', 'shredded')",
        (client_id,),
    )
    if begun is not None:
        raise Conflict("erasing")
    hold_id = new_id()
    sealed = seal_field(await clinic_key(tx), CLINIC_ID, "legal_holds", "reason_sealed", hold_id, reason)
    await tx.insert(
        "legal_holds",
        id=hold_id,
        client_id=client_id,
        reason_sealed=sealed,
        placed_by=actor.account_id,
        placed_at=tx.now,
    )
    await tx.audit("place_legal_hold", subject_id=client_id, hold=hold_id)
    await _look_again(tx, client_id)
    return hold_id


async def lift(tx: Transaction, client_id: UUID, hold_id: UUID) -> None:
    """The hold ends. A waiting erasure that is due goes on. Raises NotFound."""
    actor = signed_in_actor(tx)
    await tx.one("SELECT id FROM clients WHERE id = %s FOR UPDATE", (client_id,))
    lifted = await tx.run(
        "UPDATE legal_holds SET lifted_by = %s, lifted_at = %s WHERE id = %s AND client_id = %s AND lifted_at IS NULL",
        (actor.account_id, tx.now, hold_id, client_id),
    )
    if not lifted:
        raise NotFound
    await tx.audit("lift_legal_hold", subject_id=client_id, hold=hold_id)
    await _look_again(tx, client_id)


async def client_by_code(tx: Transaction, code: str) -> UUID:
    """The client of a code as boards and files show it. Raises NotFound."""
    typed = code.strip()
    row = await tx.one("SELECT id FROM clients WHERE code = ANY(%s)", ([typed, typed.upper()],))
    if row is None:
        raise NotFound
    found: UUID = row["id"]
    return found


async def listing(
    tx: Transaction, *, in_force: bool = True, limit: int = 200, skip: int = 0
) -> list[LegalHold]:
    """Holds, the latest first."""
    rows = await tx.all(
        "SELECT h.*, c.code, p.display_name AS placer, l.display_name AS lifter FROM legal_holds h"
        " JOIN clients c ON c.id = h.client_id JOIN accounts p ON p.id = h.placed_by"
        " LEFT JOIN accounts l ON l.id = h.lifted_by WHERE (h.lifted_at IS NULL) = %s"
        " ORDER BY h.placed_at DESC, h.id LIMIT %s OFFSET %s",
        (in_force, limit, skip),
    )
    key = await clinic_key(tx)
    return [
        LegalHold(
            row["id"],
            row["client_id"],
            row["code"],
            _reason(key, row),
            row["placer"],
            row["placed_at"],
            row["lifter"],
            row["lifted_at"],
        )
        for row in rows
    ]


def _reason(key: DataKey, row: Row) -> str:
    """Empty once the client is erased: a reason may name a person."""
    if not row["reason_sealed"]:
        return ""
    return str(open_field(key, CLINIC_ID, "legal_holds", "reason_sealed", row["id"], row["reason_sealed"]))


async def _look_again(tx: Transaction, client_id: UUID) -> None:
    row = await tx.one(
        "UPDATE erasures SET version = version + 1, held_since = NULL WHERE client_id = %s AND state = 'waiting'"
        " RETURNING version",
        (client_id,),
    )
    if row is not None:
        await tx.tell("erasure_changed", client_id, row["version"])
