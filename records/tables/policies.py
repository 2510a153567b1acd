"""Policies as data, effective-dated: response promises, messaging windows, check-ins, stage due times.

What was said stays: a version to come that was taken back gets `superseded_at`.
"""

from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from records.tables.columns import Instant, Json, Word, one_of


class Policy(SQLModel, table=True):
    """One version of a named policy. The one in force is the latest whose `effective_from` has come."""

    __tablename__ = "policies"
    __table_args__ = (
        one_of(
            "kind",
            "response",
            "messaging_session",
            "check_ins",
            "stages",
            "offers",
            "verification",
            "claims",
            "screening",
            "estimates",
            "minors",
            "words",
        ),
        Index(
            "uq_policies_begin",
            "kind",
            "name",
            "effective_from",
            unique=True,
            postgresql_where=text("superseded_at IS NULL"),
        ),
    )

    id: UUID = Field(primary_key=True)
    kind: Word
    name: Word
    definition: Json
    effective_from: Instant
    entered_at: Instant = Field(sa_column_kwargs={"server_default": text("now()")})
    entered_by: UUID | None = None
    applied_at: Instant | None = None  # when what runs by it (clocks, due times) was moved to it
    superseded_at: Instant | None = None


class ResponseTerm(SQLModel, table=True):
    """Which response policy holds for items of a kind, from an instant on: in a room, on a service plan, or everywhere.

    The closest scope wins; within it the latest whose `effective_from` has come.
    """

    __tablename__ = "response_terms"
    __table_args__ = (
        one_of("scope", "room", "plan", "clinic"),
        UniqueConstraint(
            "scope", "room_id", "plan", "kind", "effective_from", postgresql_nulls_not_distinct=True
        ),
    )

    id: UUID = Field(primary_key=True)
    scope: Word
    room_id: UUID | None = Field(default=None, foreign_key="rooms.id", index=True)
    plan: Word | None = None
    kind: Word | None = None  # an item kind; None: every kind
    policy_name: Word | None = None  # None: back to the wider scope
    effective_from: Instant
    set_by: UUID | None = Field(default=None, foreign_key="accounts.id")
    applied_at: Instant | None = None  # when running clocks were moved to it
