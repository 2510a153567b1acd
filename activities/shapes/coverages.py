"""What a verification's workflow asks for, and what it is told."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class AskPayer:
    """Put one attempt of verification `n` to the payer."""

    coverage_id: UUID
    n: int
    attempt: int


@dataclass(frozen=True, slots=True)
class Asked:
    """Which attempt comes next and when; `next_at` None: this verification is over."""

    next_attempt: int = 0
    next_at: datetime | None = None
