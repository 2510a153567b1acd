"""Risk flags and the pages that went out: wall-clock, independent of response clocks and of Temporal."""

from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from records.tables.columns import Instant, Number, Sealed, Word, one_of


class RiskFlag(SQLModel, table=True):
    """Someone may be in danger. Only a named clinician with a rationale closes it."""

    __tablename__ = "risk_flags"
    __table_args__ = (
        one_of("state", "asking", "open", "acknowledged", "closed"),
        one_of("source", "help_now", "item_9", "lexicon", "clinician", "intake", "c_ssrs"),
        one_of("urgency", "asking", "page_now", "same_day"),
        Index("ix_risk_flags_open", "opened_at", postgresql_where=text("state <> 'closed'")),
    )

    id: UUID = Field(primary_key=True)
    client_id: UUID | None = Field(default=None, foreign_key="clients.id")  # None: nobody was signed in
    room_id: UUID | None = Field(default=None, foreign_key="rooms.id")
    source: Word
    urgency: Word
    version: Number = 1
    state: Word
    opened_at: Instant
    paging_since: Instant | None = None  # when the paging ladder began; None: nobody is paged
    answer_due_at: Instant | None = None  # "are you safe right now?" must be answered by then
    safe_now: bool | None = None
    due_at: Instant | None = None  # same-day task
    contact_sealed: Sealed | None = None  # scope clinic: how to reach someone who is not signed in
    acknowledged_by: UUID | None = None
    acknowledged_at: Instant | None = None
    closed_by: UUID | None = None
    closed_at: Instant | None = None
    rationale_sealed: Sealed | None = None  # scope clinic


class RiskPage(SQLModel, table=True):
    """A page sent to a person, once per rung."""

    __tablename__ = "risk_pages"

    flag_id: UUID = Field(primary_key=True, foreign_key="risk_flags.id")
    rung: Word = Field(primary_key=True)
    account_id: UUID = Field(primary_key=True, foreign_key="accounts.id")
    sent_at: Instant
