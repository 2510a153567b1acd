"""Notices to people: a template and ids, never a health word."""

from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from records.tables.columns import Instant, Number, Sealed, Word


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


class NoticeSettings(SQLModel, table=True):
    """Which ways a person wants to hear that there is something for them. No row: all of them."""

    __tablename__ = "notice_settings"

    account_id: UUID = Field(primary_key=True, foreign_key="accounts.id")
    mail: bool = True
    push: bool = True


class PushSubscription(SQLModel, table=True):
    """A browser that may be woken. It ends with the device's session."""

    __tablename__ = "push_subscriptions"

    id: UUID = Field(primary_key=True)
    account_id: UUID = Field(foreign_key="accounts.id", index=True)
    session_id: UUID = Field(foreign_key="sessions.id", index=True)
    endpoint_index: bytes = Field(unique=True)  # blind index of the endpoint
    endpoint_sealed: Sealed  # scope clinic: the address at the browser's push service
    created_at: Instant


class MessageAlert(SQLModel, table=True):
    """How far a person was told, outside the app, that messages wait in a room."""

    __tablename__ = "message_alerts"
    __table_args__ = (
        Index("ix_message_alerts_unsettled", "told_at", postgresql_where=text("settled_at IS NULL")),
    )

    room_id: UUID = Field(primary_key=True, foreign_key="rooms.id")
    account_id: UUID = Field(primary_key=True, foreign_key="accounts.id")
    told_seq: Number
    told_at: Instant
    settled_at: Instant | None = None  # mailed, or read before that was due
