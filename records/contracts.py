"""Contracts of payers: rows with days, added, succeeded, ended; what was said before is kept."""

from datetime import date
from uuid import UUID

from domain.contract_changes import ended, succession
from domain.contracts import ContractRow
from domain.errors import Conflict, NotFound
from domain.ids import new_id
from records import payers
from records.database import Row, Transaction


async def add_contract(tx: Transaction, payer_id: UUID, row: ContractRow) -> UUID:
    """A priced service of a payer. The row of the same service before it ends the day before it begins.

    Raises NotFound (`unknown_payer`), Conflict (`contract_overlaps`); `ContractRow` itself refuses what cannot be
    right.
    """
    payer = await payers.hold(tx, payer_id)
    standing = {payers.contract_of(payer["code"], each): each for each in await _standing(tx, payer_id)}
    for change in succession(standing, row):
        await _say_instead(tx, standing[change.before], change.after)
    contract_id = await _say(tx, payer_id, row)
    await tx.audit("add_contract", subject_id=contract_id)
    return contract_id


async def end_contract(tx: Transaction, contract_id: UUID, last_day: date) -> None:
    """A row prices nothing after a day, which may be past: payers end contracts late.

    Raises NotFound, Conflict (`contract_ended`) when it ends earlier already, or another row stands in its place.
    """
    found = await tx.one("SELECT * FROM contracts WHERE id = %s", (contract_id,))
    if found is None:
        raise NotFound
    payer = await payers.hold(tx, found["payer_id"])
    row = await tx.one("SELECT * FROM contracts WHERE id = %s AND superseded_at IS NULL", (contract_id,))
    if row is None:
        raise Conflict("contract_ended")
    await _say_instead(tx, row, ended(payers.contract_of(payer["code"], row), last_day))
    await tx.audit("end_contract", subject_id=contract_id)


async def _standing(tx: Transaction, payer_id: UUID) -> list[Row]:
    return await tx.all("SELECT * FROM contracts WHERE payer_id = %s AND superseded_at IS NULL", (payer_id,))


async def _say_instead(tx: Transaction, row: Row, after: ContractRow | None) -> None:
    await tx.run("UPDATE contracts SET superseded_at = %s WHERE id = %s", (tx.now, row["id"]))
    if after is not None:
        await _say(tx, row["payer_id"], after)


async def _say(tx: Transaction, payer_id: UUID, row: ContractRow) -> UUID:
    contract_id = new_id()
    await tx.insert(
        "contracts",
        id=contract_id,
        payer_id=payer_id,
        plan=row.plan,
        modality=row.modality.value,
        clinician_kind=row.clinician_kind,
        code=row.procedure_code,
        minutes_from=row.minutes_from,
        minutes_to=row.minutes_to,
        charge=row.charge,
        allowed=row.allowed,
        place_of_service=row.place_of_service,
        modifier=row.modifiers[0] if row.modifiers else None,
        requires_established=row.requires_established,
        effective_from=row.effective_from,
        effective_to=row.effective_to,
        entered_at=tx.now,
        entered_by=tx.actor.account_id if tx.actor else None,
    )
    return contract_id


async def history(tx: Transaction, payer_id: UUID) -> list[Row]:
    """Every row that was ever said, with who said it and until when (`superseded_at`). By service, newest first."""
    return await tx.all(
        "SELECT c.*, a.display_name AS entered_by_name FROM contracts c"
        " LEFT JOIN accounts a ON a.id = c.entered_by WHERE c.payer_id = %s"
        " ORDER BY c.modality, c.plan NULLS FIRST, c.clinician_kind NULLS FIRST, c.minutes_from, c.code,"
        " c.effective_from DESC, c.entered_at DESC",
        (payer_id,),
    )
