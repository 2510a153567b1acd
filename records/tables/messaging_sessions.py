"""Messaging sessions: the billable window and its attestation."""

from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from records.tables.columns import Ids, Instant, Number, Word, one_of


class MessagingSession(SQLModel, table=True):
    """A window (seven days by default) in which messaging care is given and then attested, or lapses."""

    __tablename__ = "messaging_sessions"
    __table_args__ = (
        one_of("state", "open", "awaiting_attestation", "attested", "lapsed"),
        UniqueConstraint("room_id", "n"),
        Index(
            "uq_messaging_sessions_open",
            "room_id",
            unique=True,
            postgresql_where=text("state = 'open'"),
        ),
    )

    id: UUID = Field(primary_key=True)
    room_id: UUID = Field(foreign_key="rooms.id")
    client_id: UUID = Field(foreign_key="clients.id", index=True)
    n: int
    version: Number = 1
    state: Word
    opened_at: Instant
    window_ends_at: Instant
    lapses_at: Instant
    client_words: int = 0
    clinician_words: int = 0
    attested_by: UUID | None = None
    attested_at: Instant | None = None
    clinical_minutes: int | None = None
    note_id: UUID | None = Field(default=None, foreign_key="notes.id")
    diagnosis_ids: Ids
    statement: Word | None = None  # version of the attestation statement that was agreed to
