"""Leaving: legal holds, how long the law keeps a record, and erasures."""

from datetime import date
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from records.tables.columns import Instant, Number, Sealed, Word, one_of


class LegalHold(SQLModel, table=True):
    """While one is in force nothing of this client may be destroyed."""

    __tablename__ = "legal_holds"
    __table_args__ = (Index("ix_legal_holds_live", "client_id", postgresql_where=text("lifted_at IS NULL")),)

    id: UUID = Field(primary_key=True)
    client_id: UUID = Field(foreign_key="clients.id")
    reason_sealed: Sealed  # scope clinic
    placed_by: UUID = Field(foreign_key="accounts.id")
    placed_at: Instant
    lifted_by: UUID | None = Field(default=None, foreign_key="accounts.id")
    lifted_at: Instant | None = None


class RetentionRule(SQLModel, table=True):
    """How long a state keeps a record of care, from a date on. Never edited: another row follows."""

    __tablename__ = "retention_rules"

    state: Word = Field(primary_key=True)
    effective_from: date = Field(primary_key=True)
    years: int  # after the last service
    minor_until_age: int | None = None  # a minor's record is kept at least until this age
    source: Word
    recorded_by: UUID | None = Field(default=None, foreign_key="accounts.id")
    recorded_at: Instant


class Erasure(SQLModel, table=True):
    """A client asked to be forgotten. `not_before`: the date until which the law keeps the record (None: no care)."""

    __tablename__ = "erasures"
    __table_args__ = (
        one_of("state", "waiting", "shredding", "shredded", "withdrawn"),
        Index("uq_erasures_live", "client_id", unique=True, postgresql_where=text("state <> 'withdrawn'")),
    )

    id: UUID = Field(primary_key=True)
    client_id: UUID = Field(foreign_key="clients.id")
    state: Word
    version: Number = 0
    asked_at: Instant
    not_before: date | None = None
    held_since: Instant | None = None  # due, and kept back by a legal hold
    shredded_at: Instant | None = None
    keys_destroyed: int | None = None
    blobs_destroyed: int | None = None
