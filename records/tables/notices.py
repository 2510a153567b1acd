"""Notices to people: a template and ids, never a health word."""

from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from records.tables.columns import Instant, Word


class Notice(SQLModel, table=True):
    """Told to one person, once per (template, subject): repeats of an activity change nothing."""

    __tablename__ = "notices"
    __table_args__ = (
        UniqueConstraint("account_id", "template", "subject_id"),
        Index("ix_notices_newest", "account_id", "created_at", "id"),
        Index("ix_notices_unread", "account_id", postgresql_where=text("read_at IS NULL")),
    )

    id: UUID = Field(primary_key=True)
    account_id: UUID = Field(foreign_key="accounts.id")
    template: Word
    subject_id: UUID
    room_id: UUID | None = None
    created_at: Instant
    emailed_at: Instant | None = None
    read_at: Instant | None = None
