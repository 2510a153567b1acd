"""Recordings: each made playable once it is uploaded; those that nobody sends removed."""

from dataclasses import dataclass
from uuid import UUID

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.shapes.media import MadePlayable, MakePlayable, MediaSwept
    from domain.media import MediumState
    from workflows.policies import RECORD, RECORDING


@dataclass(frozen=True, slots=True)
class MediaProcessingInput:
    """Which recording."""

    medium_id: UUID


@dataclass(frozen=True, slots=True)
class MediumUploaded:
    """It is whole. What is to be done never changes."""

    version: int


@workflow.defn
class MediaProcessing:
    """One per recording, until it plays or is refused. Started again after its end, it finds nothing left to do."""

    def __init__(self) -> None:
        self._state: MediumState | None = MediumState.PROCESSING

    @workflow.run
    async def run(self, given: MediaProcessingInput) -> None:
        """Have the copy made."""
        made: MadePlayable = await workflow.execute_activity(
            "make_playable", MakePlayable(given.medium_id), result_type=MadePlayable, **RECORDING
        )
        self._state = made.state

    @workflow.signal
    def medium_uploaded(self, told: MediumUploaded) -> None:
        """The start says everything already."""

    @workflow.query
    def get_state(self) -> MediumState | None:
        """How it stands, as far as it was told here; None when it was removed."""
        return self._state


@workflow.defn
class MediaSweep:
    """Once a day."""

    @workflow.run
    async def run(self) -> None:
        """As long as there is something to remove."""
        while True:
            swept: MediaSwept = await workflow.execute_activity(
                "sweep_media", result_type=MediaSwept, **RECORD
            )
            if not swept.removed:
                return
