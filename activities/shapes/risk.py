"""What the answer to a risk flag asks for, and what it is told."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class PageDue:
    """Page whoever is due for this flag."""

    flag_id: UUID


@dataclass(frozen=True, slots=True)
class Paged:
    """Where the flag stands, and when to look again (None: nothing more will be due)."""

    version: int
    next_at: datetime | None = None
    closed: bool = False
