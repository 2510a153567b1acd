"""Journeys: stages reached, rungs climbed, and what a person of ours did about somebody who waits. Only history."""

from uuid import UUID

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel

from records.tables.columns import Ids, Instant, Word, one_of


class JourneyStep(SQLModel, table=True):
    """A stage reached: the history behind the journey page and the timeline."""

    __tablename__ = "journey_steps"

    client_id: UUID = Field(primary_key=True, foreign_key="clients.id")
    version: int = Field(primary_key=True, sa_type=BigInteger)
    stage: Word
    wait: Word | None = None
    at: Instant


class JourneyRung(SQLModel, table=True):
    """A rung of a wait's ladder that was climbed: once per wait, whoever repeats it."""

    __tablename__ = "journey_rungs"

    client_id: UUID = Field(primary_key=True, foreign_key="clients.id")
    wait: Word = Field(primary_key=True)
    since: Instant = Field(primary_key=True)  # start of the wait
    n: int = Field(primary_key=True)
    id: UUID  # subject of the notices that went out
    whom: Word
    told: Ids  # accounts of those who were told
    fired_at: Instant


class JourneyDeed(SQLModel, table=True):
    """What a person of ours did about a wait: took it, handed it back, sent a reminder."""

    __tablename__ = "journey_deeds"
    __table_args__ = (one_of("deed", "taken", "handed_back", "reminded"),)

    id: UUID = Field(primary_key=True)
    client_id: UUID = Field(foreign_key="clients.id", index=True)
    wait: Word
    since: Instant  # start of the wait
    deed: Word
    by_id: UUID = Field(foreign_key="accounts.id")
    at: Instant
