"""Itemised receipts: what a flexible spending or health savings account asks to see of a service the client paid.

Who cared for whom, what it was, on which days, for how much (proposed Treasury Regulation 1.125-6(b)(3): a description,
the date and the amount, by somebody other than the account's holder). No diagnosis and no procedure code stands there:
those belong on a claim.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from uuid import UUID

from domain.access import ReadableClientId
from domain.errors import Conflict
from domain.money import total
from domain.places import Place, stays
from domain.practice import Practice
from records import clients, places
from records.database import Row, Transaction
from records.practice import practice


@dataclass(frozen=True, slots=True)
class ReceiptItem:
    """One service. `card`: it was to be paid by a spending account's card. Days inclusive, clinician's calendar."""

    line_id: UUID
    service: str
    service_from: date
    service_to: date
    clinical_minutes: int
    amount: Decimal
    card: bool
    clinician: str
    credential: str
    npi: str | None
    licence: str | None


@dataclass(frozen=True, slots=True)
class Receipt:
    """Services of one client in a period, the oldest first. `practice` is None until the clinic has entered its own."""

    patient: str = field(repr=False)
    practice: Practice | None
    items: tuple[ReceiptItem, ...]

    @property
    def amount(self) -> Decimal:
        """Of all of them."""
        return total(item.amount for item in self.items)


_ITEMS = """
SELECT l.id, l.service_date, l.service_to, l.minutes, l.charge, c.kind, a.display_name, t.credential, t.npi,
       (SELECT jsonb_agg(jsonb_build_array(i.state, i.number) ORDER BY i.state, i.number) FROM licences i
        WHERE i.therapist_id = l.therapist_id AND i.active_from <= l.service_date AND i.expires_on > l.service_date
       ) AS licences
FROM service_lines l JOIN coverages c ON c.id = l.coverage_id JOIN accounts a ON a.id = l.therapist_id
JOIN therapists t ON t.id = l.therapist_id
WHERE l.client_id = %s AND l.state = 'self_paid' AND l.service_date BETWEEN %s AND %s
ORDER BY l.service_date, l.id
"""


async def receipt(tx: Transaction, client: ReadableClientId, since: date, until: date) -> Receipt:
    """What the client paid themselves for services that began in these days. The caller audits."""
    rows = await tx.all(_ITEMS, (client.id, since, until))
    who = await clients.profile(tx, client.id)
    said = await places.said(tx, client.id)
    return Receipt(who.legal_name, await _practice(tx), tuple(_item(row, said) for row in rows))


async def _practice(tx: Transaction) -> Practice | None:
    try:
        return await practice(tx)
    except Conflict:
        return None


def _item(row: Row, said: Sequence[Place]) -> ReceiptItem:
    return ReceiptItem(
        line_id=row["id"],
        service="Psychotherapy by messages, one week",
        service_from=row["service_date"],
        service_to=row["service_to"],
        clinical_minutes=row["minutes"],
        amount=row["charge"],
        card=row["kind"] == "fsa_hsa",
        clinician=row["display_name"],
        credential=row["credential"],
        npi=row["npi"],
        licence=_licence(row, said),
    )


def _licence(row: Row, said: Sequence[Place]) -> str | None:
    """The licence under which the service was given: that of the state the client was in on its first day."""
    there = {stay.state for stay in stays(said, row["service_date"], row["service_date"])}
    held: list[tuple[str, str]] = sorted(row["licences"] or (), key=lambda each: each[0] not in there)
    return " ".join(held[0]) if held else None
