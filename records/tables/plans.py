"""Care plans: goals with their versions, check-ins."""

from datetime import date
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from records.tables.columns import Instant, Number, Sealed, Word, Words, one_of


class CarePlan(SQLModel, table=True):
    """Cadence of one room: when the next check-in is due."""

    __tablename__ = "care_plans"

    room_id: UUID = Field(primary_key=True, foreign_key="rooms.id")
    version: Number = 1
    policy: Word  # name of a check_ins policy
    next_check_in_at: Instant | None = None
    check_ins: int = 0
    missed: int = 0  # in a row


class Goal(SQLModel, table=True):
    """A goal; its words are in its versions."""

    __tablename__ = "goals"

    id: UUID = Field(primary_key=True)
    room_id: UUID = Field(foreign_key="rooms.id", index=True)
    version: int
    lifecycle: Word
    achievement: Word | None = None
    accepted_by: Words  # client | clinician: who has accepted the present terms
    due_on: date | None = None
    review_on: date | None = None  # while on hold
    created_at: Instant


class GoalVersion(SQLModel, table=True):
    """A goal after one change of its wording or standing. Earlier ones are kept."""

    __tablename__ = "goal_versions"

    goal_id: UUID = Field(primary_key=True, foreign_key="goals.id")
    version: int = Field(primary_key=True)
    room_id: UUID = Field(foreign_key="rooms.id")
    body: Sealed  # scope room: statement, measure, baseline, target, reason
    lifecycle: Word
    achievement: Word | None = None
    author_id: UUID = Field(foreign_key="accounts.id")
    at: Instant


class CheckIn(SQLModel, table=True):
    """One check-in, asked by the plan or by a person; once per due time. Skipped: it fell into a pause."""

    __tablename__ = "check_ins"
    __table_args__ = (
        one_of("state", "asked", "answered", "missed", "skipped"),
        UniqueConstraint("room_id", "n"),
    )

    id: UUID = Field(primary_key=True)
    room_id: UUID = Field(foreign_key="rooms.id", index=True)
    n: int
    asked_at: Instant
    closes_at: Instant
    asked_by: Word  # plan | therapist | client
    state: Word
    measures: Words  # questionnaires that go along with it, by name
    reminded_at: Instant | None = None
    answered_at: Instant | None = None
    answers: Sealed | None = None  # scope room
    read_by: UUID | None = None
    read_at: Instant | None = None
