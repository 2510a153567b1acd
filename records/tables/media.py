"""What was recorded: uploads as they come in, and the files that are played. Bytes lie sealed on the blob port."""

from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from records.tables.columns import Instant, Number, Sealed, Word, one_of


class Medium(SQLModel, table=True):
    """A voice or video recording of a room, under a data key of its own (scope media)."""

    __tablename__ = "media"
    __table_args__ = (
        one_of("kind", "audio", "video"),
        one_of("state", "uploading", "processing", "ready", "refused"),
        Index(
            "ix_media_unfinished", "created_at", postgresql_where=text("state IN ('uploading', 'processing')")
        ),
    )

    id: UUID = Field(primary_key=True)
    room_id: UUID = Field(foreign_key="rooms.id", index=True)
    sender_id: UUID = Field(foreign_key="accounts.id")
    kind: Word
    state: Word
    content_type: Word  # as the sender named it; what it is, is found out
    size: Number | None = (
        None  # bytes, as announced or as the last part told; None while it is being recorded
    )
    received: Number = 0  # bytes, without a gap from the first
    version: Number = 0
    created_at: Instant
    uploaded_at: Instant | None = None
    finished_at: Instant | None = None  # ready or refused
    refused_reason: Word | None = None
    details_sealed: Sealed | None = None  # scope media: duration, dimensions, waveform
    captions_sealed: Sealed | None = None  # scope media: WebVTT


class MediaPart(SQLModel, table=True):
    """A sealed piece of an upload, removed when the medium is ready."""

    __tablename__ = "media_parts"

    medium_id: UUID = Field(primary_key=True, foreign_key="media.id")
    first_byte: Number = Field(primary_key=True)
    size: Number


class MediaFile(SQLModel, table=True):
    """A sealed file that is played or shown: `play` (mp4) or `poster` (an image)."""

    __tablename__ = "media_files"
    __table_args__ = (one_of("name", "play", "poster"),)

    medium_id: UUID = Field(primary_key=True, foreign_key="media.id")
    name: Word = Field(primary_key=True)
    content_type: Word
    size: Number  # bytes of plaintext
