"""Response clocks: promise, rungs, breaches. The row is the truth; overdue is derived, never stored."""

from uuid import UUID

from sqlalchemy import BigInteger, Column, Identity, Index, text
from sqlmodel import Field, SQLModel

from records.tables.columns import Instant, Json, Number, Sealed, Word, one_of

_DUE = text("COALESCE(due_at, 'infinity'::timestamp with time zone)")


class ResponseClock(SQLModel, table=True):
    """One promise to answer, opened by the first unanswered client message (or by the room's opening)."""

    __tablename__ = "response_clocks"
    __table_args__ = (
        one_of("state", "running", "met", "late", "waived", "cancelled"),
        one_of("held", "paused", "no_capacity"),
        one_of("kind", "welcome", "first_response", "next_response", "consult"),
        Index(
            "uq_response_clocks_running",
            "room_id",
            unique=True,
            postgresql_where=text("state = 'running'"),
        ),
        # The board, in each of its orders; what is held has no due time and comes last.
        Index("ix_response_clocks_due", "state", _DUE, "id"),
        Index("ix_response_clocks_opened", "state", "opened_at", "id"),
        Index("ix_response_clocks_rung", "state", "rung_level", _DUE, "id"),
        Index("ix_response_clocks_therapist", "therapist_id", "state", _DUE, "id"),
        Index(
            "ix_response_clocks_policy",
            "policy_name",
            _DUE,
            "id",
            postgresql_where=text("state = 'running'"),
        ),
        Index(
            "ix_response_clocks_breached_due", _DUE, "id", postgresql_where=text("breached_at IS NOT NULL")
        ),
        Index(
            "ix_response_clocks_breached_opened",
            "opened_at",
            "id",
            postgresql_where=text("breached_at IS NOT NULL"),
        ),
        Index(
            "ix_response_clocks_breached_rung",
            "rung_level",
            _DUE,
            "id",
            postgresql_where=text("breached_at IS NOT NULL"),
        ),
        Index("ix_response_clocks_held", "held", "id", postgresql_where=text("held IS NOT NULL")),
        Index(
            "ix_response_clocks_acknowledged",
            "id",
            postgresql_where=text("state = 'running' AND acknowledged_at IS NOT NULL"),
        ),
        Index(
            "ix_response_clocks_alarm",
            "next_alarm_at",
            postgresql_where=text("state = 'running' AND next_alarm_at IS NOT NULL"),
        ),
    )

    id: UUID = Field(primary_key=True)
    room_id: UUID = Field(foreign_key="rooms.id", index=True)
    therapist_id: UUID = Field(foreign_key="therapists.id")
    kind: Word
    opened_at: Instant
    opened_seq: Number
    client_messages: int = 0
    policy: Json  # the definition in force when it was last projected
    policy_name: Word
    policy_id: UUID | None = None  # the version of the policy; None: built in
    calendar_version: Number
    state: Word
    held: Word | None = None
    due_at: Instant | None = None
    remaining_seconds: int | None = None  # open seconds left while held
    # Open seconds on top, granted by the client.
    extension_seconds: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    alarms: Json  # {"rungs": [{"rung": ..., "at": ISO 8601}], "last_tenth_at"}: those still to fire, in order
    next_alarm_at: Instant | None = None
    # The highest rung that fired: 0 none, 1 nudge, 2 breach, 3 cover.
    rung_level: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    breached_at: Instant | None = (
        None  # a copy of the fact in `clock_breaches`, kept by a trigger, for the board
    )
    closed_at: Instant | None = None
    closed_seq: int | None = Field(default=None, sa_type=BigInteger)
    answered_by: Word | None = None  # primary | cover | supervisor
    reason: Word | None = None
    sampled: Word | None = None  # short | last_tenth: an answer to be looked at in breach review
    acknowledged_by: UUID | None = None
    acknowledged_at: Instant | None = None


class ClockRung(SQLModel, table=True):
    """A rung of the ladder that fired: once, in order."""

    __tablename__ = "clock_rungs"

    clock_id: UUID = Field(primary_key=True, foreign_key="response_clocks.id")
    rung: Word = Field(primary_key=True)
    due_at: Instant
    fired_at: Instant
    # How many were told; 0: nobody was there to be told, so the next rung fired at once.
    told: int = Field(default=1, sa_column_kwargs={"server_default": text("1")})


class ClockBreach(SQLModel, table=True):
    """A broken promise, which nobody edits. `breached_at` is the due time, `recorded_at` when it was seen."""

    __tablename__ = "clock_breaches"
    __table_args__ = (Index("ix_clock_breaches_at", "breached_at", "clock_id"),)

    clock_id: UUID = Field(primary_key=True, foreign_key="response_clocks.id")
    room_id: UUID = Field(foreign_key="rooms.id", index=True)
    breached_at: Instant
    recorded_at: Instant


class ClockProjection(SQLModel, table=True):
    """A due time that moved: before, after, and what moved it."""

    __tablename__ = "clock_projections"

    clock_id: UUID = Field(primary_key=True, foreign_key="response_clocks.id")
    version: int = Field(primary_key=True, sa_type=BigInteger)
    at: Instant
    reason: Word
    due_before: Instant | None = None
    due_after: Instant | None = None


class ClockExtension(SQLModel, table=True):
    """More time, granted by the client."""

    __tablename__ = "clock_extensions"

    id: UUID = Field(primary_key=True)
    clock_id: UUID = Field(foreign_key="response_clocks.id", index=True)
    account_id: UUID = Field(foreign_key="accounts.id")
    granted_at: Instant
    seconds: int


class BreachReview(SQLModel, table=True):
    """What a supervisor found when they looked at a broken promise, or at a sampled answer. The latest `n` holds."""

    __tablename__ = "breach_reviews"

    clock_id: UUID = Field(primary_key=True, foreign_key="response_clocks.id")
    n: int = Field(primary_key=True)
    reason: Word
    note_sealed: Sealed | None = None  # scope clinic
    reviewed_by: UUID = Field(foreign_key="accounts.id")
    reviewed_at: Instant


class Reprojection(SQLModel, table=True):
    """A change that moves running clocks, worked off in batches ordered by room; once, and seen to its end."""

    __tablename__ = "reprojections"
    __table_args__ = (
        Index("ix_reprojections_open", "asked_at", postgresql_where=text("finished_at IS NULL")),
    )

    id: UUID = Field(primary_key=True)
    reason: Word
    policy_name: Word | None = None
    therapist_id: UUID | None = Field(default=None, foreign_key="therapists.id")
    asked_at: Instant
    total: int = 0
    done: int = 0
    moved: int = 0
    after_room: UUID | None = None  # how far the pass has come
    finished_at: Instant | None = None


class ClockAuditRun(SQLModel, table=True):
    """One run of the clock audit: what it found, all zero when nobody is forgotten."""

    __tablename__ = "clock_audit_runs"
    __table_args__ = (Index("ix_clock_audit_runs_at", "at"),)

    id: int | None = Field(
        default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True)
    )
    at: Instant
    overdue_alarms: int
    stale_clocks: int
    waiting_without_clock: int
    unsent_notes: int
    parked_notes: int
    contradictions: int
    missing_workflows: int | None = None  # counted once a day
    repaired: int
