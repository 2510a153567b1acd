"""What a re-projection asks for, and what it is told."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class ReprojectBatch:
    """Move the next batch of clocks. The end of the last pass finishes the re-projection."""

    reprojection_id: UUID
    last_pass: bool


@dataclass(frozen=True, slots=True)
class BatchReprojected:
    """Whether more of this pass is left."""

    goes_on: bool
