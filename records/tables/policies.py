"""Policies as data, effective-dated: response promises, messaging windows, check-ins, stage due times."""

from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from records.tables.columns import Instant, Json, Word, one_of


class Policy(SQLModel, table=True):
    """One version of a named policy. The one in force is the latest whose `effective_from` has come."""

    __tablename__ = "policies"
    __table_args__ = (
        one_of(
            "kind", "response", "messaging_session", "check_ins", "stages", "offers", "verification", "claims"
        ),
        UniqueConstraint("kind", "name", "effective_from"),
    )

    id: UUID = Field(primary_key=True)
    kind: Word
    name: Word
    definition: Json
    effective_from: Instant
