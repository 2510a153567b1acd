"""Payers as an administrator finds them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Payer:
    """A payer that is offered at intake. `rows`: contract rows in force today; `usual_cost` as the public page has
    it.
    """

    name: str
    code: str
    number: str
    filing_days: int
    rows: int
    usual_cost: Decimal | None


@dataclass(frozen=True, slots=True)
class PayersView:
    """By name."""

    payers: tuple[Payer, ...]
