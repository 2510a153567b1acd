"""What was judged and decided about the care that fits a client. Every line stays."""

from uuid import UUID

from sqlalchemy import Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

from records.tables.columns import Instant, Sealed, Word, one_of


class SuitabilityDecision(SQLModel, table=True):
    """A judgement by the rules (nobody decided it) or a clinician's decision with its reasons."""

    __tablename__ = "suitability_decisions"
    __table_args__ = (one_of("suitability", "messaging", "live", "higher_care"),)

    id: UUID = Field(primary_key=True)
    client_id: UUID = Field(foreign_key="clients.id", index=True)
    suitability: Word
    rules: list[str] = Field(sa_type=ARRAY(Text))
    decided_by: UUID | None = None
    rationale_sealed: Sealed | None = None  # scope clinic
    letter_sealed: Sealed | None = None  # scope clinic: what the client reads
    at: Instant
