"""Waiting lists assigned at once, and who is kept apart from whom."""

from uuid import UUID

from sqlmodel import Field, SQLModel

from records.tables.columns import Instant, Number, Word, one_of


class MatchBlock(SQLModel, table=True):
    """This therapist is never to be this client's: somebody of ours said so, and why, in a word."""

    __tablename__ = "match_blocks"
    __table_args__ = (one_of("reason", "conflict", "client_asked", "therapist_asked"),)

    client_id: UUID = Field(primary_key=True, foreign_key="clients.id")
    therapist_id: UUID = Field(primary_key=True, foreign_key="therapists.id")
    reason: Word
    by: UUID = Field(foreign_key="accounts.id")
    at: Instant


class WaitingListRun(SQLModel, table=True):
    """All who waited for a person of ours, assigned at once on request: figures beside one after the other."""

    __tablename__ = "waiting_list_runs"
    __table_args__ = (one_of("state", "asked", "ready"),)

    id: UUID = Field(primary_key=True)
    asked_by: UUID = Field(foreign_key="accounts.id")
    asked_at: Instant = Field(index=True)
    version: Number = 1
    state: Word
    ready_at: Instant | None = None
    places: int | None = None  # free places of everyone who works here
    pairs: int | None = None  # that no hard filter forbids


class WaitingListLine(SQLModel, table=True):
    """One client of it: whom the best assignment gives them, and whom they would get in turn."""

    __tablename__ = "waiting_list_lines"

    run_id: UUID = Field(primary_key=True, foreign_key="waiting_list_runs.id")
    match_id: UUID = Field(primary_key=True, foreign_key="matches.id")
    client_id: UUID = Field(foreign_key="clients.id", index=True)
    n: int  # who has waited longest comes first
    since: Instant
    eligible: int  # therapists that no hard filter forbids
    therapist_id: UUID | None = Field(default=None, foreign_key="therapists.id")  # None: no place for them
    score: float | None = None
    in_turn_id: UUID | None = Field(default=None, foreign_key="therapists.id")
    in_turn_score: float | None = None
    asked_at: Instant | None = None  # the therapist was asked from here
    refused: Word | None = None  # why they were not, after all
