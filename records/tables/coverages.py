"""Coverages and the questions put to payers."""

from datetime import date
from uuid import UUID

from sqlalchemy import BigInteger, Column, Identity, UniqueConstraint
from sqlmodel import Field, SQLModel

from records.tables.columns import Instant, Number, Sealed, Word, Words, one_of


class Coverage(SQLModel, table=True):
    """How a client's care is paid."""

    __tablename__ = "coverages"
    __table_args__ = (
        one_of("kind", "insurance", "sponsor", "self_pay", "fsa_hsa"),
        one_of("status", "verifying", "active", "inactive", "needs_information", "manual_review"),
        one_of("letters", "subscriber", "asked", "agreed"),
    )

    id: UUID = Field(primary_key=True)
    client_id: UUID = Field(foreign_key="clients.id", index=True)
    kind: Word
    payer_id: UUID | None = Field(
        default=None, foreign_key="payers.id"
    )  # pays: after a carve-out the other one
    card_payer_id: UUID | None = Field(default=None, foreign_key="payers.id")  # as on the card
    sponsor_id: UUID | None = Field(default=None, foreign_key="sponsors.id")
    plan: Word | None = None  # of `insurance_plans.code`, as the card tells it
    details_sealed: Sealed  # scope billing: member id, group, relationship, subscriber
    member_index: bytes | None = None
    letters: Word | None = None  # of `domain.letters.Letters`, where the plan is somebody else's
    status: Word
    status_at: Instant  # when the present status came about
    asking: bool = False  # verification `verification` is under way; a cover in force stays so meanwhile
    verification: int = 1  # n of `coverage-<coverage>-<n>`
    version: Number = 1
    reasons: Words
    task: Word | None = None  # of `domain.rejections.ClientTask`: what only the client can put right
    owner: Word | None = (
        None  # who must act (`domain.coverage.Owner`); on a cover in force: the last answer is in doubt
    )
    due_at: Instant | None = None
    answer_sealed: Sealed | None = None  # scope billing: benefits, estimate and their basis
    answered_at: Instant | None = None  # when the payer last gave an answer that stands
    ask_again_at: Instant | None = None  # when the payer is to be asked anew without anybody's help
    active_from: date | None = None  # first covered day, where the payer has named one
    active_to: date | None = None  # last covered day, once a cover that was in force has ended
    created_at: Instant
    ended_at: Instant | None = None


class EligibilityCheck(SQLModel, table=True):
    """One 270 and what came of it. The row is written before the question is sent, so a repeat is seen."""

    __tablename__ = "eligibility_checks"
    __table_args__ = (UniqueConstraint("coverage_id", "verification", "attempt"),)

    id: UUID = Field(primary_key=True)
    coverage_id: UUID = Field(foreign_key="coverages.id", index=True)
    verification: int
    attempt: int
    trace: Word = Field(unique=True)
    control_number: int | None = Field(  # ISA13 of the question
        default=None, sa_column=Column(BigInteger, Identity(always=True), nullable=False)
    )
    payer_number: Word
    service_type: Word
    together: int = 1  # how many service types were asked for at once, this one the narrowest
    as_dependent: bool = False
    redirected: bool = False
    tried: Words  # changes (`domain.questions.ReaskWith`) made to the first question
    asked_at: Instant
    answered_at: Instant | None = None
    outcome: Word | None = (
        None  # of `domain.coverage.Outcome`; None: asked, and nobody knows yet what came of it
    )
    reason: Word | None = None
    reask_with: Word | None = None
    next_payer_number: Word | None = None
    next_service_type: Word | None = None
    next_at: Instant | None = None
    raw_sealed: Sealed | None = None  # scope billing: the 271 as it came
