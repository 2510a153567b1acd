"""Notes to Temporal, committed together with the facts they speak of."""

from uuid import UUID

from sqlalchemy import BigInteger, Column, Identity, Index, text
from sqlmodel import Field, SQLModel

from records.tables.columns import Instant, Json, Number, Word


class OutboxNote(SQLModel, table=True):
    """What a workflow should know: a kind, the id it concerns, a version that grows, ids and instants."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index(
            "ix_outbox_unsent",
            "id",
            postgresql_where=text("sent_at IS NULL AND parked_at IS NULL"),
        ),
        Index("ix_outbox_subject", "subject_id"),
    )

    id: int | None = Field(
        default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True)
    )
    kind: Word
    subject_id: UUID
    version: Number
    payload: Json
    created_at: Instant
    leased_until: Instant | None = None
    attempts: int = 0
    sent_at: Instant | None = None
    parked_at: Instant | None = None  # poison: a person must look
    error_code: Word | None = None


class TemporalStore(SQLModel, table=True):
    """The Temporal store that was last seen. Another id means that the old one is gone."""

    __tablename__ = "temporal_store"

    only: bool = Field(primary_key=True)  # one row
    store_id: UUID
    seen_at: Instant
