"""What working off a roster asks for, and what it is told."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class TakeRows:
    """Take the next rows of a roster."""

    roster_id: UUID


@dataclass(frozen=True, slots=True)
class RowsTaken:
    """Whether more rows are left."""

    goes_on: bool
