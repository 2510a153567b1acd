"""Sponsors (employers, schools, member organisations): terms by date, rosters, authorisations, a ledger of credits.

No column holds a member's name: a roster's people are found by a keyed hash.
"""

from datetime import date
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from records.tables.columns import Instant, Json, Sealed, Word, one_of


class Sponsor(SQLModel, table=True):
    """Who pays with credits. Days are inclusive."""

    __tablename__ = "sponsors"
    __table_args__ = (one_of("kind", "employer", "school", "member_organisation"),)

    id: UUID = Field(primary_key=True)
    name: Word
    kind: Word
    code_index: bytes = Field(unique=True)  # blind index of the code that members type
    active_from: date
    active_to: date | None = None
    added_at: Instant


class SponsorTerms(SQLModel, table=True):
    """What a sponsor grants, to whom, from a day on. Never overwritten: as in `payers`."""

    __tablename__ = "sponsor_terms"
    __table_args__ = (
        Index(
            "uq_sponsor_terms_day",
            "sponsor_id",
            "effective_from",
            unique=True,
            postgresql_where=text("superseded_at IS NULL"),
        ),
    )

    id: UUID = Field(primary_key=True)
    sponsor_id: UUID = Field(foreign_key="sponsors.id")
    effective_from: date
    sessions_each: int
    valid_days: int  # of an authorisation that we give ourselves
    covers_dependants: bool
    needs_roster: bool
    needs_authorisation: bool
    entered_at: Instant
    entered_by: UUID | None = None
    superseded_at: Instant | None = None


class SponsorMember(SQLModel, table=True):
    """A person of a roster. `claimed_by`: the client who came as this person; nobody else can."""

    __tablename__ = "sponsor_members"
    __table_args__ = (UniqueConstraint("sponsor_id", "member_index"),)

    id: UUID = Field(primary_key=True)
    sponsor_id: UUID = Field(foreign_key="sponsors.id")
    member_index: bytes  # blind index of sponsor, first and last name, and date of birth
    relationship: Word  # of `domain.insured.Relationship`, to the employee, student or member
    active_from: date
    active_to: date | None = None
    claimed_by: UUID | None = Field(default=None, foreign_key="clients.id")
    roster_id: UUID  # where they were last seen
    authorisation: Word | None = None  # the sponsor's own, with its sessions and its last day
    authorised_sessions: int | None = None
    authorised_until: date | None = None


class SponsorRoster(SQLModel, table=True):
    """A roster that was sent. The file is sealed, and gone once it is worked off; refusals name row and column."""

    __tablename__ = "sponsor_rosters"
    __table_args__ = (
        one_of("state", "waiting", "working", "done"),
        one_of("mode", "add", "replace"),
    )

    id: UUID = Field(primary_key=True)
    sponsor_id: UUID = Field(foreign_key="sponsors.id", index=True)
    mode: Word
    state: Word
    sent_at: Instant
    sent_by: UUID | None = None
    effective_from: date
    content_sealed: Sealed | None = None  # scope clinic
    total: int
    done: int = 0
    taken: int = 0
    refused: int = 0
    left_out: int = 0  # members who are not in a whole roster any more
    refusals: Json  # {"rows": [[line, column, code], ...]}, the first thousand
    finished_at: Instant | None = None


class SponsorAuthorisation(SQLModel, table=True):
    """Sessions granted to one client, from one day to another, both included."""

    __tablename__ = "sponsor_authorisations"
    __table_args__ = (UniqueConstraint("client_id", "number"),)

    id: UUID = Field(primary_key=True)
    sponsor_id: UUID = Field(foreign_key="sponsors.id", index=True)
    client_id: UUID = Field(foreign_key="clients.id", index=True)
    member_id: UUID | None = Field(default=None, foreign_key="sponsor_members.id")
    number: Word  # the sponsor's, or ours
    sessions: int
    valid_from: date
    valid_to: date
    granted_at: Instant
    told_at: Instant | None = None  # that it runs out soon


class SponsorCredit(SQLModel, table=True):
    """One entry of the ledger: sessions granted, or used (below zero). Never changed."""

    __tablename__ = "sponsor_credits"
    __table_args__ = (
        one_of("reason", "granted", "used"),
        UniqueConstraint("service_line_id", "reason"),
    )

    id: UUID = Field(primary_key=True)
    authorisation_id: UUID = Field(foreign_key="sponsor_authorisations.id", index=True)
    coverage_id: UUID | None = Field(default=None, foreign_key="coverages.id")
    service_line_id: UUID | None = Field(default=None, foreign_key="service_lines.id")
    sessions: int
    reason: Word
    on_day: date
    at: Instant
