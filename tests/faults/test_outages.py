"""Engines and processes go away under load and come back: nothing is lost, nothing happens twice, nobody is lied to.

`make faults` does the same more often (KINDROOM_FAULTS=long).
"""

import asyncio
import os
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from signal import SIGQUIT
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import pytest_asyncio
from livestack import Live, data_folder, live, until
from temporalio.api.enums.v1 import EventType

from bench.clinic import OpenRoom
from kindroom.dispatcher import Dispatcher
from records import outbox

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(600)]

LONG = os.environ.get("KINDROOM_FAULTS") == "long"
KILLS = 10 if LONG else 3
SEED = int(os.environ.get("KINDROOM_SEED", random.randrange(10**6)))
SLACK = timedelta(seconds=15)
"""How late a rung may be after an outage, beyond the outage itself; never early."""


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """The stack's data directory."""
    print(f"KINDROOM_SEED={SEED}")
    with data_folder("faults") as path:
        yield path


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(folder: Path) -> AsyncIterator[Live]:
    """One stack for this module: each test leaves it healed."""
    async with live(folder) as stack:
        yield stack


async def test_posts_succeed_without_temporal_and_their_clocks_run_from_their_commit(running: Live) -> None:
    single, many = (await running.rooms(21))[:20], (await running.rooms(1))[0]
    await running.told()
    async with running.without("temporal"):
        answers = await asyncio.gather(*(running.post(room, room.client_token) for room in single))
        answers += [await running.post(many, many.client_token) for _ in range(20)]
        assert {answer.status_code for answer in answers} == {201}
        assert (await running.api.get("/readyz")).json()["engines"] == {"postgres": True, "temporal": False}
    await running.told(40)
    rooms = [*single, many]
    clocks = await _running_clocks(running, rooms)
    assert len(clocks) == 21
    for room in rooms:
        first = running.dump(
            "SELECT min(sent_at) FROM messages WHERE room_id = %s AND sender_role = 'client'", room.id
        )
        assert clocks[room.id]["opened_at"] == first[0][0]
        await _knows(running, room, clocks[room.id])


async def test_a_worker_killed_in_the_middle_of_a_step_loses_nothing_and_repeats_nothing(
    running: Live,
) -> None:
    dice = random.Random(SEED)
    rooms = await running.rooms(20)
    running.promise(4, rooms)
    await running.told()
    for room in rooms:
        assert (await running.post(room, room.client_token)).status_code == 201
    outage = timedelta()
    for _ in range(KILLS):
        await asyncio.sleep(dice.uniform(0.5, 1.5))
        gone = time.monotonic()
        async with running.without("worker"):
            await asyncio.sleep(dice.uniform(0, 0.5))
        outage += timedelta(seconds=time.monotonic() - gone)
    await until(lambda: _all_rungs_fired(running, rooms), 60)
    fired = await running.all(
        "SELECT c.room_id, r.rung, r.due_at, r.fired_at FROM clock_rungs r JOIN response_clocks c"
        " ON c.id = r.clock_id WHERE c.room_id = ANY(%s)",
        [room.id for room in rooms],
    )
    assert Counter(row["rung"] for row in fired) == {"nudge": 20, "breach": 20, "cover": 20}
    late = [row["fired_at"] - row["due_at"] for row in fired]
    assert min(late) >= timedelta()
    assert max(late) <= outage + SLACK
    breaches = await running.all(
        "SELECT room_id FROM clock_breaches WHERE room_id = ANY(%s)", [room.id for room in rooms]
    )
    assert len(breaches) == 20
    notices = await running.all(
        "SELECT count(*) AS n FROM notices WHERE template = 'answer_late' AND room_id = ANY(%s)",
        [room.id for room in rooms],
    )
    assert notices[0]["n"] == 20


async def test_without_postgres_nobody_is_told_that_it_worked(running: Live) -> None:
    rooms = await running.rooms(8)
    keys: dict[UUID, list[str]] = {room.id: [] for room in rooms}
    healed = asyncio.Event()

    async def keep_posting(room: OpenRoom) -> None:
        while not healed.is_set() or len(keys[room.id]) < 5:
            keys[room.id].append(await _post_until_taken(running, room))

    posting = [asyncio.create_task(keep_posting(room)) for room in rooms]
    await asyncio.sleep(0.5)
    async with running.without("postgres", SIGQUIT):
        refused = await running.post(rooms[0], rooms[0].client_token)
        assert refused.status_code == 503
        assert int(refused.headers["retry-after"]) >= 1
        assert refused.headers["content-type"] == "application/problem+json"
        ready = await running.api.get("/readyz")
        assert (ready.status_code, ready.json()["engines"]["postgres"]) == (503, False)
        help_now = await running.api.post("/v1/help-now")
        assert "988" in help_now.text
    async with asyncio.timeout(15):  # the pools recover by themselves
        await _post_until_taken(running, rooms[0])
    healed.set()
    await asyncio.gather(*posting)
    for room in rooms:
        stored = running.dump(
            "SELECT idempotency_key, seq FROM messages WHERE room_id = %s AND sender_role = 'client'"
            " ORDER BY seq",
            room.id,
        )
        assert set(keys[room.id]) <= {key for key, _ in stored}
        assert len({key for key, _ in stored}) == len(stored)
        assert [seq for _, seq in stored] == list(range(2, len(stored) + 2))  # the welcome was the first


async def test_a_note_sent_twice_because_its_dispatcher_died_is_absorbed(running: Live) -> None:
    (room,) = await running.rooms(1)
    await running.told()
    async with running.without("worker"):
        assert (await running.post(room, room.client_token)).status_code == 201
        async with running.worker.transaction() as tx:
            notes = await outbox.lease(tx)
        doomed = Dispatcher(running.worker, running.temporal)
        assert [await doomed._send(note) for note in notes] == [None] * len(notes)
        # Here the dispatcher is killed: nothing was marked, and its lease runs out.
        async with running.worker.transaction() as tx:
            await tx.run(
                "UPDATE outbox SET leased_until = now() WHERE id = ANY(%s)", ([n.id for n in notes],)
            )
    await running.told(40)
    clocks = await _running_clocks(running, [room])
    await _knows(running, room, clocks[room.id])
    history = await running.temporal.get_workflow_handle(f"room-{room.id}").fetch_history()
    kinds = Counter(event.event_type for event in history.events)
    # Opened, welcome answered, asked, and the last one once more.
    assert kinds[EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED] == 4
    assert kinds[EventType.EVENT_TYPE_TIMER_STARTED] <= 2


async def _post_until_taken(running: Live, room: OpenRoom) -> str:
    """Like an app: the same key again until it is answered. The key."""
    key = uuid4().hex

    async def taken() -> bool:
        try:
            answer = await running.post(room, room.client_token, key=key)
        except httpx.TransportError:
            return False
        assert answer.status_code in {201, 503}
        return answer.status_code == 201

    await until(taken, 60)
    return key


async def _running_clocks(running: Live, rooms: list[OpenRoom]) -> dict[UUID, dict[str, Any]]:
    rows = await running.all(
        "SELECT * FROM response_clocks WHERE state = 'running' AND room_id = ANY(%s)",
        [room.id for room in rooms],
    )
    return {row["room_id"]: row for row in rows}


async def _all_rungs_fired(running: Live, rooms: list[OpenRoom]) -> bool:
    clocks = await _running_clocks(running, rooms)
    return len(clocks) == len(rooms) and all(row["next_alarm_at"] is None for row in clocks.values())


async def _knows(running: Live, room: OpenRoom, clock: dict[str, Any]) -> None:
    """The room's workflow has the clock of the row, and looks at it when the row says."""

    async def knows() -> bool:
        state = await running.state(f"room-{room.id}")
        at = state["next_alarm_at"]
        return state["clock_id"] == str(clock["id"]) and datetime.fromisoformat(at) == clock["next_alarm_at"]

    await until(knows, 30)
