"""Consults: a therapist asks for a second opinion, and supervisors owe an answer within a promise."""

from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from records.tables.columns import Instant, Json, Number, Sealed, Word, Words, one_of


class Consult(SQLModel, table=True):
    """A question about a room's care. Its promise runs beside the client's, in the working hours of who asked."""

    __tablename__ = "consults"
    __table_args__ = (
        one_of("state", "running", "met", "late"),
        one_of("held", "paused", "no_capacity"),
        Index("uq_consults_running", "room_id", unique=True, postgresql_where=text("state = 'running'")),
    )

    id: UUID = Field(primary_key=True)
    room_id: UUID = Field(foreign_key="rooms.id", index=True)
    asked_by: UUID = Field(foreign_key="therapists.id")
    asked_at: Instant
    question_sealed: Sealed  # scope clinic
    policy: Json
    policy_name: Word
    policy_id: UUID | None = None
    calendar_version: Number
    state: Word
    held: Word | None = None
    due_at: Instant | None = None
    fired: Words  # rungs, each once
    next_alarm_at: Instant | None = None
    answered_by: UUID | None = Field(default=None, foreign_key="accounts.id")
    answered_at: Instant | None = None
    answer_sealed: Sealed | None = None  # scope clinic
