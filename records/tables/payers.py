"""Payers, sponsors and contracts: data with effective dates, edited by administrators."""

from datetime import date
from uuid import UUID

from sqlmodel import Field, SQLModel

from records.tables.columns import Instant, Json, Money, Word


class Payer(SQLModel, table=True):
    """An insurer. `settings` holds service types, claim-filing code, limits and hints as data."""

    __tablename__ = "payers"

    id: UUID = Field(primary_key=True)
    code: Word = Field(unique=True)
    name: Word
    payer_number: Word  # NM109 in 2010BB / 2100A
    claim_filing: Word  # SBR09
    filing_limit_days: int
    settings: Json
    public: Json  # what the page without an account shows: services, usual cost, rule, as-of date
    active: bool = True
    added_at: Instant


class Sponsor(SQLModel, table=True):
    """An employer, school or member organisation that pays with credits."""

    __tablename__ = "sponsors"

    id: UUID = Field(primary_key=True)
    name: Word
    kind: Word
    code_index: bytes = Field(unique=True)  # blind index of the code that members type
    sessions_each: int
    active_from: date
    active_to: date | None = None


class Contract(SQLModel, table=True):
    """What a payer pays for one service: the only source of a procedure code."""

    __tablename__ = "contracts"

    id: UUID = Field(primary_key=True)
    payer_id: UUID = Field(foreign_key="payers.id", index=True)
    plan: Word | None = None
    modality: Word  # of `domain.contracts.Modality`
    code: Word
    minutes_from: int
    minutes_to: int | None = None
    charge: Money
    allowed: Money
    place_of_service: Word
    modifier: Word | None = None
    requires_established: bool = True
    effective_from: date
    effective_to: date | None = None


class SelfPayPrice(SQLModel, table=True):
    """Price of a service without insurance."""

    __tablename__ = "self_pay_prices"

    service: Word = Field(primary_key=True)
    effective_from: date = Field(primary_key=True)
    price: Money
