"""What was done and read, by whom, why. Insert-only; a chainer links entries into a hash chain."""

from uuid import UUID

from sqlalchemy import BigInteger, Column, Identity, Index, text
from sqlmodel import Field, SQLModel

from records.tables.columns import Instant, Json, Word


class AuditEvent(SQLModel, table=True):
    """One entry: the fields of a FHIR AuditEvent that matter here. `detail` holds ids, numbers, codes."""

    __tablename__ = "audit_events"
    __table_args__ = (
        Index("ix_audit_events_damaged", "at", postgresql_where=text("outcome = 'damaged'")),  # few, or none
    )

    id: int | None = Field(
        default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True)
    )
    transaction_id: int = Field(
        sa_column=Column(
            BigInteger, nullable=False, server_default=text("pg_current_xact_id()::text::bigint")
        )
    )
    at: Instant
    actor_id: UUID | None = None
    role: Word
    action: Word
    outcome: Word  # done | refused | damaged
    room_id: UUID | None = Field(default=None, index=True)
    subject_id: UUID | None = Field(default=None, index=True)
    purpose: Word | None = None
    session_id: UUID | None = None
    detail: Json


class AuditChain(SQLModel, table=True):
    """The chain: `hash` = SHA-256 over the previous hash and the canonical entry."""

    __tablename__ = "audit_chain"

    position: int = Field(primary_key=True, sa_type=BigInteger)
    event_id: int = Field(unique=True, sa_type=BigInteger)
    hash: bytes
    chained_at: Instant
