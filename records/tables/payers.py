"""Payers, their plans and contracts, and our own prices: dated rows that are never overwritten.

A row says from which day it holds (`effective_from`) and since when we say so (`entered_at`). What is no longer said
keeps its row and gets `superseded_at`: what a line was priced by can always be shown.
"""

from datetime import date
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from records.tables.columns import Instant, Json, Money, Word, Words, one_of

_SAID_NOW = text("superseded_at IS NULL")


class Payer(SQLModel, table=True):
    """An insurer, as it is today. `settings` holds service types, limits and hints as data."""

    __tablename__ = "payers"

    id: UUID = Field(primary_key=True)
    code: Word = Field(unique=True)
    name: Word
    payer_number: Word  # NM109 in 2010BB / 2100A
    claim_filing: Word  # SBR09
    filing_limit_days: int
    settings: Json
    public: Json  # what the page without an account shows: usual cost
    active: bool = True
    added_at: Instant


class PayerVersion(SQLModel, table=True):
    """What a payer is from a day on. `applied_at`: since when `payers` shows it; None while the day is to come."""

    __tablename__ = "payer_versions"
    __table_args__ = (
        Index("uq_payer_versions_day", "payer_id", "effective_from", unique=True, postgresql_where=_SAID_NOW),
    )

    id: UUID = Field(primary_key=True)
    payer_id: UUID = Field(foreign_key="payers.id")
    effective_from: date
    name: Word
    payer_number: Word
    claim_filing: Word
    filing_limit_days: int
    settings: Json
    public: Json
    active: bool
    entered_at: Instant
    entered_by: UUID | None = None
    applied_at: Instant | None = None
    superseded_at: Instant | None = None


class InsurancePlan(SQLModel, table=True):
    """A plan of a payer that a card can be told by: its group numbers, or how its member numbers begin."""

    __tablename__ = "insurance_plans"
    __table_args__ = (
        Index("uq_insurance_plans_code", "payer_id", "code", unique=True, postgresql_where=_SAID_NOW),
    )

    id: UUID = Field(primary_key=True)
    payer_id: UUID = Field(foreign_key="payers.id")
    code: Word  # `plan` of its contract rows
    name: Word
    group_numbers: Words
    member_prefixes: Words
    plan_year_from: Word | None = None  # month and day: 08-16
    effective_from: date
    effective_to: date | None = None
    entered_at: Instant
    entered_by: UUID | None = None
    superseded_at: Instant | None = None


class Contract(SQLModel, table=True):
    """What a payer pays for one service: the only source of a procedure code."""

    __tablename__ = "contracts"
    __table_args__ = (one_of("clinician_kind", "prescriber", "non_prescriber"),)

    id: UUID = Field(primary_key=True)
    payer_id: UUID = Field(foreign_key="payers.id", index=True)
    plan: Word | None = None
    modality: Word  # of `domain.contracts.Modality`
    clinician_kind: Word | None = None  # of `domain.clinicians`; None: any
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
    entered_at: Instant
    entered_by: UUID | None = None
    superseded_at: Instant | None = None


class SelfPayPrice(SQLModel, table=True):
    """Price of a service without insurance, from a day on."""

    __tablename__ = "self_pay_prices"
    __table_args__ = (
        Index("uq_self_pay_prices_day", "service", "effective_from", unique=True, postgresql_where=_SAID_NOW),
    )

    id: UUID = Field(primary_key=True)
    service: Word
    effective_from: date
    price: Money
    entered_at: Instant
    entered_by: UUID | None = None
    superseded_at: Instant | None = None
