"""What the claim batch's workflow asks for, and what it is told."""

from dataclasses import dataclass
from uuid import UUID

from domain.claim_batches import BatchState


@dataclass(frozen=True, slots=True)
class BatchRef:
    """One batch."""

    batch_id: UUID


@dataclass(frozen=True, slots=True)
class BatchStanding:
    """Where a batch stands in `version`, and how long to wait between looks at the mailbox, in seconds."""

    version: int
    state: BatchState
    poll_seconds: int = 60
    poll_limit_seconds: int = 3_600
    reports: int = 0
