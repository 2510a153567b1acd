"""What a waiting list's workflow asks for."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class AssignWaitingList:
    """Assign everyone who waits, if this run is not done."""

    run_id: UUID
