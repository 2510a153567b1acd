"""An erasure waits for years and then goes to its end, whatever is held, withdrawn, killed or never told."""

import base64
import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from stage import ASIDE, HISTORIES, keep_history, replay, stored, worker
from temporalio import activity
from temporalio.client import WorkflowHandle
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment

from activities.shapes.erasures import ErasureStanding, MoveErasure
from domain.erasures import ErasureFacts, ErasureState, next_step
from workflows.erasures import Erasure, ErasureChanged, ErasureInput

DAY = timedelta(days=1)
YEAR = timedelta(days=365)


class Row:
    """An erasure's row as activities meet it, and which step was done when."""

    def __init__(self, environment: WorkflowEnvironment, due_at: datetime) -> None:
        self._environment = environment
        self.version = 1
        self.due_at = due_at
        self.state = ErasureState.WAITING
        self.held = False
        self.done: list[tuple[str, datetime]] = []
        self.read = 0
        self.asked: set[UUID] = set()
        self.fails: set[str] = set()  # each once, before it did anything

    @property
    def steps(self) -> list[str]:
        return [name for name, _ in self.done]

    def handlers(self) -> list[object]:
        return [
            self.read_erasure,
            self.begin_erasure,
            self.destroy_keys,
            self.destroy_blobs,
            self.forget_client,
        ]

    @activity.defn
    async def read_erasure(self, ask: MoveErasure) -> ErasureStanding:
        self.read += 1
        return await self._standing(ask)

    @activity.defn
    async def begin_erasure(self, ask: MoveErasure) -> ErasureStanding:
        await self._did("begin")
        self.state = ErasureState.SHREDDING
        return await self._standing(ask)

    @activity.defn
    async def destroy_keys(self, ask: MoveErasure) -> None:
        self.asked.add(ask.client_id)
        await self._did("keys")

    @activity.defn
    async def destroy_blobs(self, ask: MoveErasure) -> None:
        self.asked.add(ask.client_id)
        await self._did("blobs")

    @activity.defn
    async def forget_client(self, ask: MoveErasure) -> ErasureStanding:
        await self._did("forget")
        self.state, self.version = ErasureState.SHREDDED, self.version + 1
        return await self._standing(ask)

    async def _did(self, name: str) -> None:
        if name in self.fails:
            self.fails.remove(name)
            raise ApplicationError("unavailable", type="Unavailable")
        self.done.append((name, await self._environment.get_current_time()))

    async def _standing(self, ask: MoveErasure) -> ErasureStanding:
        self.asked.add(ask.client_id)
        facts = ErasureFacts(self.state, self.due_at, self.held)
        due = next_step(facts, await self._environment.get_current_time())
        return ErasureStanding(self.version, due.step, due.at)


Handle = WorkflowHandle[Erasure, None]


async def start(environment: WorkflowEnvironment) -> Handle:
    client_id = uuid4()
    return await environment.client.start_workflow(
        Erasure.run, ErasureInput(client_id), id=f"erasure-{client_id}", task_queue="office"
    )


async def row_of(environment: WorkflowEnvironment, ahead: timedelta) -> Row:
    return Row(environment, await environment.get_current_time() + ahead)


async def test_after_seven_years_the_record_goes_and_not_an_hour_before(
    skipping: WorkflowEnvironment,
) -> None:
    row = await row_of(skipping, 7 * YEAR)
    async with worker(skipping.client, Erasure, row.handlers(), "office"):  # type: ignore[arg-type]
        handle = await start(skipping)
        await handle.result()
    assert row.steps == ["begin", "keys", "blobs", "forget"]
    assert timedelta() <= row.done[0][1] - row.due_at < timedelta(minutes=1)
    assert handle.id == f"erasure-{row.asked.pop()}"


async def test_where_no_care_was_given_it_goes_at_once(skipping: WorkflowEnvironment) -> None:
    row = await row_of(skipping, timedelta())
    async with worker(skipping.client, Erasure, row.handlers(), "office"):  # type: ignore[arg-type]
        handle = await start(skipping)
        await handle.result()
        await keep_history(handle, "erasures-no-care")
    assert row.steps == ["begin", "keys", "blobs", "forget"]


async def test_a_step_that_fails_is_done_again_and_none_is_left_out(skipping: WorkflowEnvironment) -> None:
    row = await row_of(skipping, DAY)
    row.fails = {"begin", "keys", "blobs", "forget"}
    async with worker(skipping.client, Erasure, row.handlers(), "office"):  # type: ignore[arg-type]
        handle = await start(skipping)
        await handle.result()
        await keep_history(handle, "erasures-every-step-failed-once")
    assert row.steps == ["begin", "keys", "blobs", "forget"]


async def test_a_hold_keeps_it_back_until_it_is_lifted(skipping: WorkflowEnvironment) -> None:
    row = await row_of(skipping, DAY)
    row.held = True
    async with worker(skipping.client, Erasure, row.handlers(), "office"):  # type: ignore[arg-type]
        handle = await start(skipping)
        await skipping.sleep(20 * DAY + ASIDE)
        assert row.steps == []
        assert row.read > 15  # looked at each day
        row.held, row.version = False, 2
        await handle.signal(Erasure.erasure_changed, ErasureChanged(2))
        await handle.result()
        await keep_history(handle, "erasures-held")
    assert row.steps == ["begin", "keys", "blobs", "forget"]


async def test_withdrawn_it_ends_and_nothing_was_destroyed(skipping: WorkflowEnvironment) -> None:
    row = await row_of(skipping, YEAR)
    async with worker(skipping.client, Erasure, row.handlers(), "office"):  # type: ignore[arg-type]
        handle = await start(skipping)
        await skipping.sleep(40 * DAY)
        row.state, row.version = ErasureState.WITHDRAWN, 2
        await handle.signal(Erasure.erasure_changed, ErasureChanged(2))
        await handle.result()
    assert row.steps == []


async def test_news_that_was_lost_costs_a_month_and_old_news_nothing(skipping: WorkflowEnvironment) -> None:
    row = await row_of(skipping, YEAR)
    async with worker(skipping.client, Erasure, row.handlers(), "office"):  # type: ignore[arg-type]
        handle = await start(skipping)
        await skipping.sleep(timedelta(hours=1))
        read = row.read
        for version in (1, 0, 1):
            await handle.signal(Erasure.erasure_changed, ErasureChanged(version))
        await skipping.sleep(timedelta(hours=1))
        assert row.read == read
        row.state, row.version = ErasureState.WITHDRAWN, 2  # and nobody says so
        await skipping.sleep(31 * DAY)
        await handle.result()
    assert row.steps == []


@pytest.mark.parametrize("name", stored("erasures"))
async def test_erasures_that_run_today_survive_this_version(name: str) -> None:
    await replay(Erasure, name)


OF_A_CLIENT = ("journeys", "matches", "rooms", "plans", "risk", "messaging_sessions", "coverages", "erasures")
"""Every workflow that is one client's. What they were told stays in Temporal when the client is erased."""

_UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_INSTANT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)"
_HARMLESS = re.compile(f"{_UUID}|{_INSTANT}|[a-z]+(?:[_-][a-z0-9]+){{0,5}}")


def payloads(value: Any) -> Iterator[Any]:
    """What every payload of a history says, with the encoding it says it in."""
    if isinstance(value, dict):
        if "data" in value and "metadata" in value:
            yield json.loads(base64.b64decode(value["data"]))
        for each in value.values():
            yield from payloads(each)
    elif isinstance(value, list):
        for each in value:
            yield from payloads(each)


def texts(value: Any) -> Iterator[str]:
    """Every text in a payload; names of fields are the code's."""
    match value:
        case str():
            yield value
        case list():
            for each in value:
                yield from texts(each)
        case dict():
            for each in value.values():
                yield from texts(each)


@pytest.mark.parametrize("noun", OF_A_CLIENT)
def test_what_temporal_was_told_of_a_client_needs_no_erasing(noun: str) -> None:
    """Ids, instants and words of the code: the keys of nothing, and nobody's name."""
    said = [
        text
        for name in stored(noun)
        for payload in payloads(json.loads((HISTORIES / f"{name}.json").read_text()))
        for text in texts(payload)
    ]
    assert said
    assert [text for text in said if _HARMLESS.fullmatch(text) is None] == []
