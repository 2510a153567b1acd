"""Payers, their contracts and plans, and our own prices, as an administrator keeps them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from web.views.shell import Choice, Form


@dataclass(frozen=True, slots=True)
class Payer:
    """A payer. `rows`: contract rows in force today; `usual_cost` as the public page has it."""

    payer_id: str
    name: str
    code: str
    number: str
    filing_days: int
    rows: int
    usual_cost: Decimal | None
    active: bool = True


@dataclass(frozen=True, slots=True)
class PayersView:
    """By name."""

    payers: tuple[Payer, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """Who said something and when; how it stands: "In force", "To come", "Earlier", "Taken back"."""

    state: str
    tone: str
    icon: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Version:
    """What was, is or will be said of a payer, in words."""

    since: date
    words: str
    said: Said


@dataclass(frozen=True, slots=True)
class PayerView:
    """One payer: its history and the form for a change. Without an id: a new one."""

    payer_id: str
    name: str
    code: str
    form: Form
    versions: tuple[Version, ...] = ()


@dataclass(frozen=True, slots=True)
class ContractLine:
    """A row as it was said. `clinician`: whose services it prices; `can_end`: it stands, and has not ended."""

    contract_id: str
    service: str
    plan: str
    clinician: str
    code: str
    minutes: str
    charge: Decimal
    allowed: Decimal
    since: date
    until: date | None
    said: Said
    can_end: bool


@dataclass(frozen=True, slots=True)
class ContractsView:
    """What stands first, then what was said before. `ending`: the row whose end was refused."""

    payer_id: str
    name: str
    standing: tuple[ContractLine, ...]
    earlier: tuple[ContractLine, ...]
    plans: tuple[Choice, ...]
    modalities: tuple[Choice, ...]
    clinicians: tuple[Choice, ...]
    form: Form
    ending: str = ""


@dataclass(frozen=True, slots=True)
class PlanLine:
    """A plan as it was said; `marks`: by what a card is told to be of it."""

    code: str
    name: str
    marks: str
    year_from: str
    since: date
    until: date | None
    said: Said


@dataclass(frozen=True, slots=True)
class PlansView:
    """Plans of one payer."""

    payer_id: str
    name: str
    plans: tuple[PlanLine, ...]
    form: Form


@dataclass(frozen=True, slots=True)
class PriceLine:
    """A price as it was said."""

    service: str
    price: Decimal
    since: date
    said: Said


@dataclass(frozen=True, slots=True)
class PricesView:
    """What a session costs without insurance."""

    prices: tuple[PriceLine, ...]
    services: tuple[Choice, ...]
    form: Form
