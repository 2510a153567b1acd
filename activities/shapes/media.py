"""What activities about recordings are asked and answer."""

from dataclasses import dataclass
from uuid import UUID

from domain.media import MediumState


@dataclass(frozen=True, slots=True)
class MakePlayable:
    """Which recording."""

    medium_id: UUID


@dataclass(frozen=True, slots=True)
class MadePlayable:
    """How it stands; None when it was removed meanwhile."""

    state: MediumState | None


@dataclass(frozen=True, slots=True)
class MediaSwept:
    """How many abandoned recordings were removed."""

    removed: int
