"""What supervisors keep for themselves: views of the board, and deeds that can be taken back."""

from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from records.tables.columns import Instant, Json, Word


class BoardView(SQLModel, table=True):
    """Filters and order of the board under a name of one's own."""

    __tablename__ = "board_views"
    __table_args__ = (UniqueConstraint("account_id", "name"),)

    id: UUID = Field(primary_key=True)
    account_id: UUID = Field(foreign_key="accounts.id", index=True)
    name: Word
    query: Word  # as it stands in the address
    saved_at: Instant


class UndoableAction(SQLModel, table=True):
    """A deed on many rooms that its doer may take back for a while. `detail`: ids and versions only."""

    __tablename__ = "undoable_actions"

    id: UUID = Field(primary_key=True)
    account_id: UUID = Field(foreign_key="accounts.id", index=True)
    kind: Word
    detail: Json
    done_at: Instant
    expires_at: Instant
    undone_at: Instant | None = None


class RoomAssignment(SQLModel, table=True):
    """A room that went from one therapist to another, by whom and why."""

    __tablename__ = "room_assignments"

    id: UUID = Field(primary_key=True)
    room_id: UUID = Field(foreign_key="rooms.id", index=True)
    from_therapist_id: UUID = Field(foreign_key="therapists.id")
    therapist_id: UUID = Field(foreign_key="therapists.id", index=True)
    by_id: UUID | None = Field(default=None, foreign_key="accounts.id")
    reason: Word  # a code of domain.assignments
    at: Instant
    action_id: UUID | None = Field(default=None, foreign_key="undoable_actions.id")
