"""Clients: their journey's stage, intake, consents and measures."""

from typing import Any
from uuid import UUID

from sqlalchemy import Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field, SQLModel

from records.tables.columns import Instant, Number, Sealed, Word, one_of

STAGES = (
    "registered",
    "intake",
    "consents",
    "screening",
    "coverage",
    "matching",
    "offer",
    "in_care",
    "closed",
)


class Client(SQLModel, table=True):
    """A client. Who they are is sealed; `code` is what boards and reports show."""

    __tablename__ = "clients"
    __table_args__ = (
        Index(
            "ix_clients_on_the_way",
            "due_at",
            postgresql_where=text("stage <> 'closed' AND wait <> 'nothing'"),
        ),
        one_of("stage", *STAGES),
        one_of("suitability", "messaging", "live", "higher_care"),
        one_of("guardian_pathway", "adult", "guardian", "minor", "not_served"),
    )

    id: UUID = Field(primary_key=True, foreign_key="accounts.id")
    code: Word = Field(unique=True)
    profile_sealed: Sealed  # scope billing: legal name, date of birth, address, phone, sex on file
    intake_sealed: Sealed | None = None  # scope chart
    intake_version: int = 0
    intake_form: Word | None = None  # edition the answers were given to (`domain.intake_editions`)
    intake_marks: dict[str, Any] | None = Field(
        default=None, sa_type=JSONB
    )  # question -> version of its answer
    intake_submitted_at: Instant | None = None
    suitability: Word | None = None  # what care fits (`domain.suitability`); None: not yet judged
    suitability_rules: list[str] | None = Field(
        default=None, sa_type=ARRAY(Text)
    )  # codes of rules that spoke
    suitability_at: Instant | None = None
    guardian_pathway: Word | None = None  # `domain.guardians.Pathway`; None: age or place not known yet
    pathway_at: Instant | None = None  # when that was looked at last: age moves on
    guardian_consented_at: Instant | None = None
    state: Word | None = None  # US state the client is in now
    located_at: Instant | None = None
    stage: Word = Field(index=True)
    stage_since: Instant
    journey_version: Number = 0
    wait: Word | None = None  # what the journey waits for (`domain.stages.Wait`)
    wait_since: Instant | None = None
    due_at: Instant | None = None  # of that wait; None: nothing is due
    service_plan: Word | None = None  # the plan they are on; response terms may name it
    paused_at: Instant | None = None
    created_at: Instant
    closed_at: Instant | None = None
    sealed_at: Instant | None = None  # asked to be forgotten: only record keepers read on
    erased_at: Instant | None = None


class IntakeCorrection(SQLModel, table=True):
    """Answers that were changed after the intake was handed in: what stood there before. Every line stays."""

    __tablename__ = "intake_corrections"

    id: UUID = Field(primary_key=True)
    client_id: UUID = Field(foreign_key="clients.id", index=True)
    version: int  # of the intake, from this correction on
    earlier_sealed: Sealed  # scope chart: question -> the answer before, null where there was none
    corrected_at: Instant


class Consent(SQLModel, table=True):
    """A document signed by the client, in the version that was shown."""

    __tablename__ = "consents"

    id: UUID = Field(primary_key=True)
    client_id: UUID = Field(foreign_key="clients.id", index=True)
    document: Word
    version: Word
    state: Word | None = None
    signature_sealed: Sealed  # scope chart
    signed_at: Instant
    withdrawn_at: Instant | None = None


class MeasureResponse(SQLModel, table=True):
    """Answers to an instrument and their result, sealed."""

    __tablename__ = "measure_responses"
    __table_args__ = (
        Index(
            "ix_measure_responses_answer_again_by",
            "answer_again_by",
            postgresql_where=text("answer_again_by IS NOT NULL"),
        ),
    )

    id: UUID = Field(primary_key=True)
    client_id: UUID = Field(foreign_key="clients.id", index=True)
    instrument: Word
    answers_sealed: Sealed  # scope chart
    result_sealed: Sealed  # scope chart
    taken_at: Instant
    complete: bool | None = None  # False: questions were skipped; such a measure is asked once more
    check_in_id: UUID | None = None
    answer_again_by: Instant | None = (
        None  # a question about safety was skipped and put once more; silence is a task
    )
