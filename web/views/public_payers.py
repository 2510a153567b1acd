"""What anybody may read of a payer before there is an account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class PublicPayer:
    """A payer in the list. `usual_cost`: what a client usually pays for a session."""

    code: str
    name: str
    usual_cost: Decimal | None
    since: date | None


@dataclass(frozen=True, slots=True)
class PublicPayersView:
    """By name, our own price beside them."""

    payers: tuple[PublicPayer, ...]
    self_pay: Decimal | None
    as_of: date


@dataclass(frozen=True, slots=True)
class PublicService:
    """One of our services: its name, the answer in a word or two, why. `tone`: good, soon, or nothing."""

    name: str
    answer: str
    why: str
    icon: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class PublicPayerView:
    """One payer's page."""

    payer: PublicPayer
    services: tuple[PublicService, ...]
    self_pay: Decimal | None
    as_of: date
