"""Payers, their contracts, our own prices, and sponsors: data with effective dates, added by administrators."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from domain.contracts import ContractRow, Modality
from domain.errors import Conflict, FieldError, Invalid, NotFound
from domain.ids import new_id
from encryption.blind_index import BlindIndex, IndexedField
from records.database import Row, Transaction, dumps

MESSAGING = "messaging"
"""The service whose self-pay price stands beside every estimate."""


@dataclass(frozen=True, slots=True)
class NewPayer:
    """A payer to be offered. `payer_number` is NM109 of the payer, `claim_filing` SBR09 (CI, BL, MB, ...)."""

    code: str
    name: str
    payer_number: str
    claim_filing: str
    filing_limit_days: int
    settings: dict[str, Any] = field(default_factory=dict)
    public: dict[str, Any] = field(default_factory=dict)


async def add_payer(tx: Transaction, new: NewPayer) -> UUID:
    """From now on offered at intake. Raises Conflict (`payer_known`) when the code is taken."""
    payer_id = new_id()
    added = await tx.run(
        "INSERT INTO payers (id, code, name, payer_number, claim_filing, filing_limit_days, settings, public,"
        " active, added_at) VALUES (%s, %s, %s, %s, %s, %s, %s::jsonb, %s::jsonb, true, %s)"
        " ON CONFLICT (code) DO NOTHING",
        (
            payer_id,
            new.code,
            new.name,
            new.payer_number,
            new.claim_filing,
            new.filing_limit_days,
            dumps(new.settings),
            dumps(new.public),
            tx.now,
        ),
    )
    if not added:
        raise Conflict("payer_known")
    await tx.audit("add_payer", subject_id=payer_id)
    return payer_id


async def add_contract(tx: Transaction, payer_id: UUID, row: ContractRow) -> UUID:
    """A priced service of a payer. Raises NotFound; `ContractRow` itself refuses what cannot be right."""
    payer = await find(tx, payer_id)
    contract_id = new_id()
    await tx.insert(
        "contracts",
        id=contract_id,
        payer_id=payer["id"],
        plan=row.plan,
        modality=row.modality.value,
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
    )
    await tx.audit("add_contract", subject_id=contract_id)
    return contract_id


async def contract_rows(tx: Transaction, payer_id: UUID) -> tuple[ContractRow, ...]:
    """Every row of one payer, of all times: `domain.contracts` picks. Raises NotFound."""
    payer = await find(tx, payer_id)
    rows = await tx.all(
        "SELECT * FROM contracts WHERE payer_id = %s ORDER BY code, effective_from", (payer_id,)
    )
    return tuple(_contract(payer["code"], row) for row in rows)


def _contract(payer_code: str, row: Row) -> ContractRow:
    return ContractRow(
        payer=payer_code,
        modality=Modality(row["modality"]),
        procedure_code=row["code"],
        charge=row["charge"],
        allowed=row["allowed"],
        place_of_service=row["place_of_service"],
        effective_from=row["effective_from"],
        effective_to=row["effective_to"],
        plan=row["plan"],
        minutes_from=row["minutes_from"],
        minutes_to=row["minutes_to"],
        modifiers=(row["modifier"],) if row["modifier"] else (),
        requires_established=row["requires_established"],
    )


async def listing(tx: Transaction) -> Sequence[Row]:
    """Payers that are offered, by name."""
    return await tx.all("SELECT * FROM payers WHERE active ORDER BY name, id")


async def find(tx: Transaction, payer_id: UUID) -> Row:
    """One payer, offered or not. Raises NotFound (`unknown_payer`)."""
    row = await tx.one("SELECT * FROM payers WHERE id = %s", (payer_id,))
    if row is None:
        raise NotFound("unknown_payer")
    return row


async def find_offered(tx: Transaction, word: str) -> Row:
    """An offered payer by its id or its code. Raises NotFound (`unknown_payer`)."""
    row = await tx.one("SELECT * FROM payers WHERE active AND (code = %s OR id::text = %s)", (word, word))
    if row is None:
        raise NotFound("unknown_payer")
    return row


async def by_number(tx: Transaction, payer_number: str) -> Row | None:
    """The payer that is asked and billed under this number, the newest if there are several."""
    return await tx.one(
        "SELECT * FROM payers WHERE payer_number = %s AND active ORDER BY added_at DESC LIMIT 1",
        (payer_number,),
    )


async def set_self_pay_price(tx: Transaction, service: str, price: Decimal, effective_from: date) -> None:
    """What a session of a service costs without insurance, from a day on."""
    await tx.run(
        "INSERT INTO self_pay_prices (service, effective_from, price) VALUES (%s, %s, %s)"
        " ON CONFLICT (service, effective_from) DO UPDATE SET price = excluded.price",
        (service, effective_from, price),
    )
    await tx.audit("set_self_pay_price")


async def self_pay_price(tx: Transaction, on: date, service: str = MESSAGING) -> Decimal | None:
    """The price of a session on a day; None while the clinic has set none."""
    row = await tx.one(
        "SELECT price FROM self_pay_prices WHERE service = %s AND effective_from <= %s"
        " ORDER BY effective_from DESC LIMIT 1",
        (service, on),
    )
    return row["price"] if row else None


@dataclass(frozen=True, slots=True)
class NewSponsor:
    """An employer, school or member organisation. Dates inclusive; None is open."""

    name: str
    kind: str
    code: str = field(repr=False)
    sessions_each: int
    active_from: date
    active_to: date | None = None


async def add_sponsor(tx: Transaction, index: BlindIndex, new: NewSponsor) -> UUID:
    """A sponsor whose members type its code. Raises Conflict (`sponsor_code_taken`)."""
    sponsor_id = new_id()
    added = await tx.run(
        "INSERT INTO sponsors (id, name, kind, code_index, sessions_each, active_from, active_to)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (code_index) DO NOTHING",
        (
            sponsor_id,
            new.name,
            new.kind,
            index.of(IndexedField.SPONSOR_CODE, new.code),
            new.sessions_each,
            new.active_from,
            new.active_to,
        ),
    )
    if not added:
        raise Conflict("sponsor_code_taken")
    await tx.audit("add_sponsor", subject_id=sponsor_id)
    return sponsor_id


async def sponsor_of(tx: Transaction, index: BlindIndex, code: str, on: date) -> Row:
    """The sponsor of a code that is valid on a day. Raises Invalid (`unknown_code`), whatever is wrong with it."""
    row = await tx.one(
        "SELECT * FROM sponsors WHERE code_index = %s AND active_from <= %s"
        " AND (active_to IS NULL OR active_to >= %s)",
        (index.of(IndexedField.SPONSOR_CODE, code), on, on),
    )
    if row is None:
        raise Invalid(FieldError("sponsor_code", "unknown_code"))
    return row
