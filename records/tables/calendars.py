"""Working hours, leave, cover and pauses: what the response clock counts. Instants are half-open."""

from uuid import UUID

from sqlmodel import Field, SQLModel

from records.tables.columns import Instant, Json, Number, Sealed, Word


class Calendar(SQLModel, table=True):
    """A therapist's weekly hours; `version` grows with every change of hours, leave or cover."""

    __tablename__ = "calendars"

    therapist_id: UUID = Field(primary_key=True, foreign_key="therapists.id")
    version: Number
    hours: Json  # {tz, weekly{mon: [["09:00","17:00"]]...}, holidays[]}
    tzdata: Word
    changed_at: Instant


class Leave(SQLModel, table=True):
    """Time off of a therapist."""

    __tablename__ = "leaves"

    id: UUID = Field(primary_key=True)
    therapist_id: UUID = Field(foreign_key="therapists.id", index=True)
    starts_at: Instant
    ends_at: Instant
    cover_id: UUID | None = Field(default=None, foreign_key="therapists.id")
    note_sealed: Sealed | None = None  # scope clinic: hand-over note
    cancelled_at: Instant | None = None


class Cover(SQLModel, table=True):
    """Another therapist answers in this room for a while."""

    __tablename__ = "covers"

    id: UUID = Field(primary_key=True)
    room_id: UUID = Field(foreign_key="rooms.id", index=True)
    therapist_id: UUID = Field(foreign_key="therapists.id", index=True)
    starts_at: Instant
    ends_at: Instant


class Pause(SQLModel, table=True):
    """The room's clock stands still: the client is away, or staff hold it. An open end is None."""

    __tablename__ = "pauses"

    id: UUID = Field(primary_key=True)
    room_id: UUID = Field(foreign_key="rooms.id", index=True)
    reason: Word
    starts_at: Instant
    ends_at: Instant | None = None
