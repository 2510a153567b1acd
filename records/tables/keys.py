"""Wrapped data keys, in a schema of their own to be dumped apart, and the ledger of shredded ones."""

from uuid import UUID

from sqlmodel import Field, SQLModel

from records.tables.columns import Instant, Sealed, Word, one_of


class WrappedKey(SQLModel, table=True):
    """A data key under the key-encryption key. Owner: a room, a recording, a client (chart, billing) or the clinic."""

    __tablename__ = "data_keys"
    __table_args__ = (one_of("scope", "room", "media", "chart", "billing", "clinic"), {"schema": "keys"})

    scope: Word = Field(primary_key=True)
    owner_id: UUID = Field(primary_key=True)
    version: int = Field(primary_key=True)
    wrapped: Sealed
    created_at: Instant


class Shredded(SQLModel, table=True):
    """A key that was destroyed; replayed after every restore before the API opens."""

    __tablename__ = "shred_ledger"
    __table_args__ = ({"schema": "keys"},)

    scope: Word = Field(primary_key=True)
    owner_id: UUID = Field(primary_key=True)
    shredded_at: Instant
