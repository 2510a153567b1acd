"""Clinical notes and diagnoses."""

from uuid import UUID

from sqlmodel import Field, SQLModel

from records.tables.columns import Instant, Sealed, Word


class Note(SQLModel, table=True):
    """A clinician's note. Once signed it is locked; what comes later is an addendum."""

    __tablename__ = "notes"

    id: UUID = Field(primary_key=True)
    room_id: UUID = Field(foreign_key="rooms.id", index=True)
    author_id: UUID = Field(foreign_key="accounts.id")
    kind: Word  # SOAP | DAP | BIRP
    body: Sealed  # scope room
    written_at: Instant
    signed_at: Instant | None = None
    addendum_to: UUID | None = None


class Diagnosis(SQLModel, table=True):
    """An ICD-10-CM code entered by the rendering clinician; only billing and care can unseal it."""

    __tablename__ = "diagnoses"

    id: UUID = Field(primary_key=True)
    room_id: UUID = Field(foreign_key="rooms.id", index=True)
    client_id: UUID = Field(foreign_key="clients.id")
    author_id: UUID = Field(foreign_key="accounts.id")
    code_sealed: Sealed  # scope billing
    position: int
    entered_at: Instant
    ended_at: Instant | None = None
