"""Itemised receipts, as a client prints them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """A service of a week."""

    service: str
    since: date
    until: date
    by: str
    numbers: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class ReceiptsView:
    """A year's; `practice` and `address` empty until the clinic has entered them."""

    year: int
    years: tuple[int, ...]
    patient: str
    practice: str
    address: str
    tax_id: str
    lines: tuple[ReceiptLine, ...]
    total: Decimal
