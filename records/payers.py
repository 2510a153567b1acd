"""Payers, dated and never overwritten, and our own prices. Contracts are in `contracts`, plans in `insurance_plans`."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from domain.clinicians import ClinicianKind
from domain.contracts import ContractRow, Modality
from domain.errors import Conflict, FieldError, Invalid, NotFound
from domain.ids import new_id
from domain.zones import date_everywhere
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
    await _say(tx, payer_id, new, date_everywhere(tx.now), active=True)
    await tx.run("UPDATE payer_versions SET applied_at = %s WHERE payer_id = %s", (tx.now, payer_id))
    await tx.audit("add_payer", subject_id=payer_id)
    return payer_id


async def change_payer(
    tx: Transaction, payer_id: UUID, changed: NewPayer, effective_from: date, *, active: bool = True
) -> None:
    """What a payer is from a day on; its code stays. Another change for the same day replaces that one.

    Raises NotFound (`unknown_payer`), Invalid (`in_the_past`): what was sent and billed under the old stays as it was.
    """
    await hold(tx, payer_id)
    if effective_from < date_everywhere(tx.now):
        raise Invalid(FieldError("effective_from", "in_the_past"))
    await tx.run(
        "UPDATE payer_versions SET superseded_at = %s"
        " WHERE payer_id = %s AND effective_from = %s AND superseded_at IS NULL",
        (tx.now, payer_id, effective_from),
    )
    await _say(tx, payer_id, changed, effective_from, active=active)
    await tx.audit("change_payer", subject_id=payer_id)
    await apply_due(tx)


async def _say(tx: Transaction, payer_id: UUID, new: NewPayer, since: date, *, active: bool) -> None:
    await tx.insert(
        "payer_versions",
        id=new_id(),
        payer_id=payer_id,
        effective_from=since,
        name=new.name,
        payer_number=new.payer_number,
        claim_filing=new.claim_filing,
        filing_limit_days=new.filing_limit_days,
        settings=new.settings,
        public=new.public,
        active=active,
        entered_at=tx.now,
        entered_by=tx.actor.account_id if tx.actor else None,
    )


_DUE = """
WITH due AS (
    SELECT DISTINCT ON (payer_id) * FROM payer_versions
    WHERE superseded_at IS NULL AND effective_from <= %(today)s ORDER BY payer_id, effective_from DESC
), shown AS (
    UPDATE payers p SET name = d.name, payer_number = d.payer_number, claim_filing = d.claim_filing,
        filing_limit_days = d.filing_limit_days, settings = d.settings, public = d.public, active = d.active
    FROM due d WHERE d.payer_id = p.id AND d.applied_at IS NULL RETURNING d.id
)
UPDATE payer_versions SET applied_at = %(now)s WHERE id IN (SELECT id FROM shown)
"""


async def apply_due(tx: Transaction) -> int:
    """Let the payers be what they are from today on (UTC). How many changed; a repeat changes nothing."""
    return await tx.run(_DUE, {"today": date_everywhere(tx.now), "now": tx.now})


async def versions(tx: Transaction, payer_id: UUID) -> list[Row]:
    """What a payer was, is and will be, the newest day first, with who said so and when; also what was taken back."""
    return await tx.all(
        "SELECT v.*, a.display_name AS entered_by_name FROM payer_versions v"
        " LEFT JOIN accounts a ON a.id = v.entered_by WHERE v.payer_id = %s"
        " ORDER BY v.effective_from DESC, v.entered_at DESC, v.superseded_at DESC",
        (payer_id,),
    )


async def contract_rows(tx: Transaction, payer_id: UUID) -> tuple[ContractRow, ...]:
    """Every row of one payer that stands, of all times: `domain.contracts` picks. Raises NotFound."""
    payer = await find(tx, payer_id)
    rows = await tx.all(
        "SELECT * FROM contracts WHERE payer_id = %s AND superseded_at IS NULL ORDER BY code, effective_from",
        (payer_id,),
    )
    return tuple(contract_of(payer["code"], row) for row in rows)


def contract_of(payer_code: str, row: Row) -> ContractRow:
    """A stored row as the rules read it."""
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
        clinician_kind=ClinicianKind(row["clinician_kind"]) if row["clinician_kind"] else None,
    )


async def listing(tx: Transaction) -> Sequence[Row]:
    """Payers that are offered, by name."""
    return await tx.all("SELECT * FROM payers WHERE active ORDER BY name, id")


async def all_payers(tx: Transaction) -> Sequence[Row]:
    """Every payer, offered or not, by name."""
    return await tx.all("SELECT * FROM payers ORDER BY name, id")


async def hold(tx: Transaction, payer_id: UUID) -> Row:
    """One payer, while something of it is changed. Raises NotFound (`unknown_payer`)."""
    row = await tx.one("SELECT * FROM payers WHERE id = %s FOR UPDATE", (payer_id,))
    if row is None:
        raise NotFound("unknown_payer")
    return row


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


async def public_listing(tx: Transaction) -> Sequence[Row]:
    """Payers that are offered, by name, each with the day since when it is as shown (`since`)."""
    return await tx.all(f"{_PUBLIC} ORDER BY p.name, p.id")


async def find_public(tx: Transaction, word: str) -> Row:
    """The same for one, by its id or its code. Raises NotFound (`unknown_payer`)."""
    row = await tx.one(f"{_PUBLIC} AND (p.code = %s OR p.id::text = %s)", (word, word))
    if row is None:
        raise NotFound("unknown_payer")
    return row


_PUBLIC = """
SELECT p.*, (SELECT max(v.effective_from) FROM payer_versions v
             WHERE v.payer_id = p.id AND v.applied_at IS NOT NULL AND v.superseded_at IS NULL) AS since
FROM payers p WHERE p.active
"""


async def by_number(tx: Transaction, payer_number: str) -> Row | None:
    """The payer that is asked and billed under this number, the newest if there are several."""
    return await tx.one(
        "SELECT * FROM payers WHERE payer_number = %s AND active ORDER BY added_at DESC LIMIT 1",
        (payer_number,),
    )


def service_types_per_request(payer: Row | None) -> int:
    """How many service types this payer is known to take in one question; one, unless somebody has said otherwise."""
    return int(payer["settings"].get("service_types_per_request") or 1) if payer else 1


async def set_self_pay_price(tx: Transaction, service: str, price: Decimal, effective_from: date) -> None:
    """What a session of a service costs without insurance, from a day on.

    Raises Invalid (`in_the_past`) where another price held that day: somebody was told it. The first one may begin
    earlier.
    """
    known = await self_pay_price(tx, effective_from, service)
    if known is not None and effective_from < date_everywhere(tx.now):
        raise Invalid(FieldError("effective_from", "in_the_past"))
    await tx.run(
        "UPDATE self_pay_prices SET superseded_at = %s"
        " WHERE service = %s AND effective_from = %s AND superseded_at IS NULL",
        (tx.now, service, effective_from),
    )
    await tx.insert(
        "self_pay_prices",
        id=new_id(),
        service=service,
        effective_from=effective_from,
        price=price,
        entered_at=tx.now,
        entered_by=tx.actor.account_id if tx.actor else None,
    )
    await tx.audit("set_self_pay_price")


async def self_pay_price(tx: Transaction, on: date, service: str = MESSAGING) -> Decimal | None:
    """The price of a session on a day; None while the clinic has set none."""
    row = await tx.one(
        "SELECT price FROM self_pay_prices WHERE service = %s AND effective_from <= %s AND superseded_at IS NULL"
        " ORDER BY effective_from DESC LIMIT 1",
        (service, on),
    )
    return row["price"] if row else None


async def self_pay_prices(tx: Transaction) -> list[Row]:
    """Every price there was, is and will be, with who said so; also what was taken back."""
    return await tx.all(
        "SELECT s.*, a.display_name AS entered_by_name FROM self_pay_prices s"
        " LEFT JOIN accounts a ON a.id = s.entered_by ORDER BY s.service, s.effective_from DESC, s.entered_at DESC"
    )
