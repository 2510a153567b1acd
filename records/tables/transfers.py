"""A client who changes therapist: what they said about it, and what one room hands over to the next."""

from uuid import UUID

from sqlmodel import Field, SQLModel

from records.tables.columns import Instant, Sealed


class SwitchReason(SQLModel, table=True):
    """Why a client looks for another therapist, where they said so. Never read by the one they leave."""

    __tablename__ = "switch_reasons"

    match_id: UUID = Field(primary_key=True, foreign_key="matches.id")
    client_id: UUID = Field(foreign_key="clients.id", index=True)
    therapist_id: UUID = Field(foreign_key="therapists.id")  # whom they leave
    reason_sealed: Sealed  # scope chart
    at: Instant


class RoomTransfer(SQLModel, table=True):
    """One room closed, another opened: what was promised went over. The former therapist owes a note."""

    __tablename__ = "room_transfers"

    id: UUID = Field(primary_key=True)
    client_id: UUID = Field(foreign_key="clients.id", index=True)
    match_id: UUID = Field(foreign_key="matches.id")
    from_room_id: UUID = Field(foreign_key="rooms.id", unique=True)
    to_room_id: UUID = Field(foreign_key="rooms.id", unique=True)
    from_therapist_id: UUID = Field(foreign_key="therapists.id", index=True)
    to_therapist_id: UUID = Field(foreign_key="therapists.id", index=True)
    history_shared: bool  # the client lets the new therapist read the earlier room
    at: Instant
    note_due_at: Instant
    note_sealed: Sealed | None = None  # scope chart
    note_at: Instant | None = None
    reminded_at: Instant | None = None  # the former therapist, once it was due
    raised_at: Instant | None = None  # the supervisors, a day later
