"""Matching: candidates with reasons, offers, the one outcome."""

from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from records.tables.columns import Ids, Instant, Number, Sealed, Word, Words, one_of


class Match(SQLModel, table=True):
    """One search for a therapist for one client."""

    __tablename__ = "matches"
    __table_args__ = (
        one_of("status", "ranking", "choosing", "offering", "matched", "human", "withdrawn"),
        UniqueConstraint("client_id", "n"),
    )

    id: UUID = Field(primary_key=True)
    client_id: UUID = Field(foreign_key="clients.id", index=True)
    n: int
    status: Word
    version: Number = 1
    choice: Ids
    misses: int = 0
    due_at: Instant | None = None
    created_at: Instant
    decided_at: Instant | None = None
    room_id: UUID | None = Field(default=None, foreign_key="rooms.id")
    from_room_id: UUID | None = Field(
        default=None, foreign_key="rooms.id"
    )  # the one the client wants to leave
    share_history: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})


class ClientNeeds(SQLModel, table=True):
    """What the hard filters ask of a client in care beside place and payer: kept by the worker, who may read the chart,
    so that every move of their room can be judged by it."""

    __tablename__ = "client_needs"

    client_id: UUID = Field(primary_key=True, foreign_key="clients.id")
    needs_sealed: Sealed  # scope clinic: date of birth, language, acuity; empty where nothing could be read
    at: Instant


class MatchCandidate(SQLModel, table=True):
    """A therapist considered: shown with reasons, or rejected with codes ("no_licence")."""

    __tablename__ = "match_candidates"

    match_id: UUID = Field(primary_key=True, foreign_key="matches.id")
    therapist_id: UUID = Field(primary_key=True, foreign_key="therapists.id")
    position: int | None = None  # 1..; None: rejected
    score: float | None = None
    explanation_sealed: Sealed | None = None  # scope chart: terms and reasons in plain words
    rejected: Words


class Offer(SQLModel, table=True):
    """A therapist is asked to take a client. One live offer per match; one acceptance."""

    __tablename__ = "offers"
    __table_args__ = (
        one_of("state", "open", "accepted", "declined", "expired", "withdrawn"),
        Index("uq_offers_open", "match_id", unique=True, postgresql_where=text("state = 'open'")),
        Index("uq_offers_accepted", "match_id", unique=True, postgresql_where=text("state = 'accepted'")),
        UniqueConstraint("match_id", "n"),
    )

    id: UUID = Field(primary_key=True)
    match_id: UUID = Field(foreign_key="matches.id", index=True)
    client_id: UUID = Field(foreign_key="clients.id")
    therapist_id: UUID = Field(foreign_key="therapists.id", index=True)
    n: int
    state: Word
    offered_at: Instant
    expires_at: Instant
    decided_at: Instant | None = None
