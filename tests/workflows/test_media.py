"""A recording is made playable to its end, whatever is killed; those nobody sends are swept up."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from stage import keep_history, replay, stored, worker
from temporalio import activity
from temporalio.client import WorkflowHandle
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment

from activities.shapes.media import MadePlayable, MakePlayable, MediaSwept
from domain.media import MediumState
from workflows.media import MediaProcessing, MediaProcessingInput, MediaSweep, MediumUploaded

KINDS = {"media-": MediaProcessing, "media_sweep-": MediaSweep}


class Recordings:
    """Answers of the activities, in their order; an Exception is raised."""

    def __init__(self, *answers: object) -> None:
        self._answers = list(answers)
        self.asked: list[UUID] = []

    def _next(self) -> object:
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    @activity.defn
    async def make_playable(self, ask: MakePlayable) -> MadePlayable:
        self.asked.append(ask.medium_id)
        answer = self._next()
        assert isinstance(answer, MadePlayable)
        return answer

    @activity.defn
    async def sweep_media(self) -> MediaSwept:
        answer = self._next()
        assert isinstance(answer, int)
        return MediaSwept(answer)


async def start(environment: WorkflowEnvironment, medium_id: UUID) -> WorkflowHandle[MediaProcessing, None]:
    return await environment.client.start_workflow(
        MediaProcessing.run,
        MediaProcessingInput(medium_id),
        id=f"media-{medium_id}",
        task_queue="media",
        start_signal="medium_uploaded",
        start_signal_args=[MediumUploaded(1)],
    )


async def test_a_recording_is_made_playable_and_news_of_it_again_changes_nothing(
    skipping: WorkflowEnvironment,
) -> None:
    medium_id, recordings = uuid4(), Recordings(MadePlayable(MediumState.READY))
    async with worker(skipping.client, MediaProcessing, [recordings.make_playable], "media"):
        handle = await start(skipping, medium_id)
        await handle.signal(MediaProcessing.medium_uploaded, MediumUploaded(1))
        await handle.result()
        assert await handle.query(MediaProcessing.get_state) is MediumState.READY
        await keep_history(handle, "media-made-playable")
    assert recordings.asked == [medium_id]


async def test_hours_without_an_engine_delay_it_and_lose_nothing(skipping: WorkflowEnvironment) -> None:
    away = [ApplicationError("unavailable", type="Unavailable") for _ in range(60)]
    recordings = Recordings(*away, MadePlayable(MediumState.REFUSED))
    begun = await skipping.get_current_time()
    async with worker(skipping.client, MediaProcessing, [recordings.make_playable], "media"):
        handle = await start(skipping, uuid4())
        await handle.result()
        assert await handle.query(MediaProcessing.get_state) is MediumState.REFUSED
        await keep_history(handle, "media-engines-away")
    assert len(recordings.asked) == 61
    assert await skipping.get_current_time() - begun > timedelta(hours=4)


async def test_the_sweep_goes_on_until_nothing_is_left(skipping: WorkflowEnvironment) -> None:
    recordings = Recordings(200, 17, 0)
    async with worker(skipping.client, MediaSweep, [recordings.sweep_media], "media"):
        handle = await skipping.client.start_workflow(MediaSweep.run, id="media-sweep", task_queue="media")
        await handle.result()
        await keep_history(handle, "media_sweep-three-times")
    assert recordings._answers == []


@pytest.mark.parametrize("name", [*stored("media"), *stored("media_sweep")])
async def test_stored_histories_still_replay(name: str) -> None:
    await replay(next(kind for prefix, kind in KINDS.items() if name.startswith(prefix)), name)


def test_there_are_histories_to_replay() -> None:
    assert len([*stored("media"), *stored("media_sweep")]) >= 3
