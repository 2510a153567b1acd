"""Working hours, leave, cover and pauses: what the response clock counts. Instants are half-open."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from records.tables.columns import Instant, Json, Number, Sealed, Word, Words, one_of


def _listed() -> Any:
    return Field(default_factory=list, sa_type=JSONB, sa_column_kwargs={"server_default": text("'[]'")})


class Calendar(SQLModel, table=True):
    """A therapist's weekly hours; `version` grows with every change of hours, leave or cover."""

    __tablename__ = "calendars"

    therapist_id: UUID = Field(primary_key=True, foreign_key="therapists.id")
    version: Number
    hours: Json  # {tz, weekly{mon: [["09:00","17:00"]]...}, holidays[]}: public holidays expanded into dates
    public_holidays: list[str] = _listed()  # whose days off: ["US", "US-NY"]
    own_holidays: list[str] = _listed()  # ISO dates given by the therapist
    holidays_until: date | None = None  # the last day for which public holidays are expanded
    tzdata: Word
    changed_at: Instant


class CalendarVersion(SQLModel, table=True):
    """Hours as they stood from a version on, kept so that an old clock is explained by the hours it counted."""

    __tablename__ = "calendar_versions"

    therapist_id: UUID = Field(primary_key=True, foreign_key="therapists.id")
    version: int = Field(primary_key=True, sa_type=BigInteger)
    hours: Json
    tzdata: Word
    since: Instant


class Leave(SQLModel, table=True):
    """Time off of a therapist."""

    __tablename__ = "leaves"

    id: UUID = Field(primary_key=True)
    therapist_id: UUID = Field(foreign_key="therapists.id", index=True)
    starts_at: Instant
    ends_at: Instant
    cover_id: UUID | None = Field(default=None, foreign_key="therapists.id")
    note_sealed: Sealed | None = None  # scope clinic: hand-over note
    version: int = Field(default=0, sa_type=BigInteger, sa_column_kwargs={"server_default": text("0")})
    recorded_at: Instant | None = None
    proposed_at: Instant | None = None  # when cover was last looked for; None: look now
    announced_at: Instant | None = None  # clients and covers were told
    begun_at: Instant | None = None  # rooms were handed over
    returned_at: Instant | None = None  # rooms were handed back
    cancelled_at: Instant | None = None


class Cover(SQLModel, table=True):
    """Another therapist answers in this room for a while. Ending it early moves `ends_at`."""

    __tablename__ = "covers"

    id: UUID = Field(primary_key=True)
    room_id: UUID = Field(foreign_key="rooms.id", index=True)
    therapist_id: UUID = Field(foreign_key="therapists.id", index=True)
    starts_at: Instant
    ends_at: Instant
    leave_id: UUID | None = Field(default=None, foreign_key="leaves.id", index=True)
    licence_gap_id: UUID | None = Field(default=None, foreign_key="licence_gaps.id", index=True)


class CoverOffer(SQLModel, table=True):
    """A room that somebody is asked to cover for a while: for a leave, or because an answer is long overdue."""

    __tablename__ = "cover_offers"
    __table_args__ = (
        one_of("state", "open", "taken", "declined", "withdrawn", "expired"),
        Index(
            "uq_cover_offers_open",
            "room_id",
            "therapist_id",
            unique=True,
            postgresql_where=text("state = 'open'"),
        ),
    )

    id: UUID = Field(primary_key=True)
    room_id: UUID = Field(foreign_key="rooms.id", index=True)
    therapist_id: UUID = Field(foreign_key="therapists.id", index=True)
    leave_id: UUID | None = Field(default=None, foreign_key="leaves.id", index=True)
    clock_id: UUID | None = Field(default=None, foreign_key="response_clocks.id", index=True)
    starts_at: Instant
    ends_at: Instant
    offered_at: Instant
    notice_at: Instant  # when their working time begins: nobody is asked at night
    expires_at: Instant  # then the next is asked; whoever says yes before anybody else still may
    state: Word
    decided_at: Instant | None = None


class CoverCandidate(SQLModel, table=True):
    """Who could answer in a room during a leave, as the hard filters had it: placed, or rejected with codes."""

    __tablename__ = "cover_candidates"

    leave_id: UUID = Field(primary_key=True, foreign_key="leaves.id")
    room_id: UUID = Field(primary_key=True, foreign_key="rooms.id")
    therapist_id: UUID = Field(primary_key=True, foreign_key="therapists.id")
    position: int | None = None  # 1..; None: rejected
    shared_minutes: int  # a week that they work at the same time as the therapist on leave
    rejected: Words
    checked_at: Instant


class Pause(SQLModel, table=True):
    """The room's clock stands still: the client is away, or staff hold it. An open end is None."""

    __tablename__ = "pauses"
    __table_args__ = (
        Index(
            "ix_pauses_review",
            "review_by",
            postgresql_where=text("ends_at IS NULL AND review_by IS NOT NULL"),
        ),
    )

    id: UUID = Field(primary_key=True)
    room_id: UUID = Field(foreign_key="rooms.id", index=True)
    reason: Word
    starts_at: Instant
    ends_at: Instant | None = None
    owner_id: UUID | None = Field(default=None, foreign_key="accounts.id")  # who answers for a hold by staff
    review_by: Instant | None = None
