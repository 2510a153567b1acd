"""What becomes of licences: their changes on record, the warnings given, the rooms they close."""

from datetime import date
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from records.tables.columns import Instant, Word, one_of


class LicenceChange(SQLModel, table=True):
    """A licence as it stood from an instant on, and who wrote that down. Nobody edits it."""

    __tablename__ = "licence_changes"
    __table_args__ = (one_of("action", "added", "renewed", "suspended", "revoked", "surrendered"),)

    id: UUID = Field(primary_key=True)
    licence_id: UUID = Field(foreign_key="licences.id", index=True)
    action: Word
    number: Word
    active_from: date
    expires_on: date
    at: Instant
    by_id: UUID | None = Field(default=None, foreign_key="accounts.id")


class CredentialChange(SQLModel, table=True):
    """A payer's listing of a therapist as it stood from an instant on. Nobody edits it."""

    __tablename__ = "credential_changes"
    __table_args__ = (one_of("action", "added", "ended"),)

    id: UUID = Field(primary_key=True)
    therapist_id: UUID = Field(foreign_key="therapists.id", index=True)
    payer_id: UUID = Field(foreign_key="payers.id")
    action: Word
    active_from: date
    active_to: date | None = None
    at: Instant
    by_id: UUID | None = Field(default=None, foreign_key="accounts.id")


class LicenceWarning(SQLModel, table=True):
    """A warning that a licence is about to end: each of the three once for each date it is to end on."""

    __tablename__ = "licence_warnings"

    licence_id: UUID = Field(primary_key=True, foreign_key="licences.id")
    expires_on: date = Field(primary_key=True)
    days: int = Field(primary_key=True)  # 60 | 30 | 7 before it, 0 on the day
    id: UUID  # subject of the notices that went out
    told_at: Instant


class LicenceGap(SQLModel, table=True):
    """From `starts_at` on the room's therapist holds no licence where its client is, and may not write in it.

    Written down ahead: the room closes to them at the very instant, whether or not anything of ours runs then.
    """

    __tablename__ = "licence_gaps"
    __table_args__ = (
        Index("uq_licence_gaps_open", "room_id", unique=True, postgresql_where=text("ends_at IS NULL")),
    )

    id: UUID = Field(primary_key=True)
    room_id: UUID = Field(foreign_key="rooms.id", index=True)
    therapist_id: UUID = Field(foreign_key="therapists.id", index=True)
    state: Word  # where the client was
    starts_at: Instant
    ends_at: Instant | None = None
    begun_at: Instant | None = None  # everybody it concerns was told
    sought_at: Instant | None = None  # when licensed cover was last looked for in vain
