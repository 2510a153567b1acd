"""Where clients said they were, word by word."""

from uuid import UUID

from sqlmodel import Field, SQLModel

from records.tables.columns import Instant, Word


class ClientPlace(SQLModel, table=True):
    """From `since` on the client was in this state, by their own word. Written by the database as `clients.state` is;
    nobody edits it."""

    __tablename__ = "client_places"

    client_id: UUID = Field(primary_key=True, foreign_key="clients.id")
    n: int = Field(primary_key=True)  # 1 is the first word
    state: Word
    since: Instant
