"""Therapists: what matching may use, where they may practise, which payers accept them."""

from datetime import date
from uuid import UUID

from sqlmodel import Field, SQLModel

from records.tables.columns import Instant, Word, Words, one_of


class Therapist(SQLModel, table=True):
    """A therapist's public profile and load. The name stands in `accounts.display_name`."""

    __tablename__ = "therapists"

    id: UUID = Field(primary_key=True, foreign_key="accounts.id")
    pronoun: Word  # she | he | they
    credential: Word  # LCSW, LMFT, PsyD, ...
    npi: Word
    taxonomy: Word
    gender: Word
    languages: Words
    specialties: Words
    modalities: Words
    styles: Words
    age_from: int
    age_to: int
    acuity: Word  # the highest acuity in scope: low | moderate | high
    capacity: int
    active_rooms: int = 0
    accepting: bool = True
    messaging: bool = True
    associate: bool = False  # works under supervision: notes need a co-signature
    bio: Word
    team: Word | None = None  # under whose supervision figures are grouped
    joined_at: Instant


class Licence(SQLModel, table=True):
    """A licence, or an issued compact privilege, to practise in one state."""

    __tablename__ = "licences"
    __table_args__ = (one_of("kind", "licence", "privilege"),)

    id: UUID = Field(primary_key=True)
    therapist_id: UUID = Field(foreign_key="therapists.id", index=True)
    state: Word
    kind: Word
    number: Word
    active_from: date
    expires_on: date


class TherapistOutcome(SQLModel, table=True):
    """How many of a therapist's clients reliably improved, of those whom measures say something about."""

    __tablename__ = "therapist_outcomes"

    therapist_id: UUID = Field(primary_key=True, foreign_key="therapists.id")
    improved: int
    cases: int
    counted_at: Instant


class PayerCredential(SQLModel, table=True):
    """The payer lists this therapist as its provider between two dates (end open)."""

    __tablename__ = "payer_credentials"

    therapist_id: UUID = Field(primary_key=True, foreign_key="therapists.id")
    payer_id: UUID = Field(primary_key=True, foreign_key="payers.id")
    active_from: date = Field(primary_key=True)
    active_to: date | None = None
