"""Rooms and what is written in them."""

from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from records.tables.columns import Instant, Number, Sealed, Word, one_of


class Room(SQLModel, table=True):
    """One private room per care relationship. `version` grows under its lock with each promise change."""

    __tablename__ = "rooms"
    __table_args__ = (
        one_of("state", "open", "closed", "sealed", "erased"),
        Index(
            "uq_rooms_open_client",
            "client_id",
            unique=True,
            postgresql_where=text("state = 'open'"),
        ),
    )

    id: UUID = Field(primary_key=True)
    client_id: UUID = Field(foreign_key="clients.id", index=True)
    therapist_id: UUID = Field(foreign_key="therapists.id", index=True)
    state: Word
    opened_at: Instant
    closed_at: Instant | None = None
    version: Number = 0
    last_seq: Number = 0
    last_sent_at: Instant | None = None
    first_answered_at: Instant | None = None
    clinician_asked: bool | None = None  # whether their last message asked something; None: never wrote
    client_away: bool = False  # the client paused: their next message ends it
    consent_withdrawn_at: Instant | None = (
        None  # to care by messages: the client's composer is closed until signed anew
    )
    key_version: int = 1
    window_ends_at: Instant | None = None  # of the messaging session that was opened last


class Message(SQLModel, table=True):
    """A sealed message. Its id is chosen, and its body sealed, before the transaction."""

    __tablename__ = "messages"
    __table_args__ = (
        one_of("kind", "text", "audio", "video"),
        UniqueConstraint("room_id", "seq"),
        UniqueConstraint("room_id", "sender_id", "idempotency_key"),
        # What was written in the last minutes, for telling people outside the app: a block range costs a post nothing.
        Index(
            "ix_messages_lately",
            "sent_at",
            postgresql_using="brin",
            postgresql_with={"autosummarize": "on", "pages_per_range": "16"},
        ),
    )

    id: UUID = Field(primary_key=True)
    room_id: UUID = Field(foreign_key="rooms.id")
    seq: Number
    sender_id: UUID = Field(foreign_key="accounts.id")
    sender_role: Word
    kind: Word
    body: Sealed  # scope room
    reply_to: UUID | None = None
    holding: bool = False
    automatic: bool = False
    sent_at: Instant
    idempotency_key: Word
    fingerprint: bytes
    media_id: UUID | None = Field(default=None, foreign_key="media.id", unique=True)
    corrected_at: Instant | None = None


class MessageRevision(SQLModel, table=True):
    """The earlier text of a corrected message."""

    __tablename__ = "message_revisions"

    message_id: UUID = Field(primary_key=True, foreign_key="messages.id")
    revision: int = Field(primary_key=True)
    room_id: UUID = Field(foreign_key="rooms.id")
    body: Sealed
    replaced_at: Instant


class ReadMark(SQLModel, table=True):
    """How far a person has read a room."""

    __tablename__ = "read_marks"

    room_id: UUID = Field(primary_key=True, foreign_key="rooms.id")
    account_id: UUID = Field(primary_key=True, foreign_key="accounts.id")
    seq: Number
    at: Instant


class Draft(SQLModel, table=True):
    """What a person was writing when the tab closed."""

    __tablename__ = "drafts"

    room_id: UUID = Field(primary_key=True, foreign_key="rooms.id")
    account_id: UUID = Field(primary_key=True, foreign_key="accounts.id")
    body: Sealed
    at: Instant


class Star(SQLModel, table=True):
    """A message that a person wants to find again."""

    __tablename__ = "stars"

    message_id: UUID = Field(primary_key=True, foreign_key="messages.id")
    account_id: UUID = Field(primary_key=True, foreign_key="accounts.id")
    room_id: UUID = Field(foreign_key="rooms.id")
    at: Instant


class RoomAccess(SQLModel, table=True):
    """A recorded purpose, or glass that was broken: content may be read until `expires_at`."""

    __tablename__ = "room_access"
    __table_args__ = (
        one_of("review", "justified", "unjustified"),
        CheckConstraint("reviewed_by <> account_id", name="reviewed_by_another"),
        Index(
            "ix_room_access_unreviewed",
            "granted_at",
            postgresql_where=text("break_glass AND reviewed_at IS NULL"),
        ),
    )

    id: UUID = Field(primary_key=True)
    room_id: UUID = Field(foreign_key="rooms.id", index=True)
    account_id: UUID = Field(foreign_key="accounts.id", index=True)
    purpose: Word
    reason_sealed: Sealed  # scope room
    granted_at: Instant
    expires_at: Instant
    break_glass: bool = False  # by somebody without a part in this care, in an emergency
    review_reason_sealed: Sealed | None = (
        None  # scope clinic: the reason, for its reviewers, until it is reviewed
    )
    reviewed_by: UUID | None = Field(default=None, foreign_key="accounts.id")
    reviewed_at: Instant | None = None
    review: Word | None = None  # justified | unjustified
