"""While an engine is away people are told the truth: what they wrote is safe, or it was not taken."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from pathlib import Path
from signal import SIGQUIT
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import pytest_asyncio
from livestack import Live, data_folder, live, until

from bench.clinic import OpenRoom

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """The stack's data directory."""
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
    async with asyncio.timeout(60):  # the pools recover by themselves
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


async def _knows(running: Live, room: OpenRoom, clock: dict[str, Any]) -> None:
    """The room's workflow has the clock of the row, and looks at it when the row says."""

    async def knows() -> bool:
        state = await running.state(f"room-{room.id}")
        at = state["next_alarm_at"]
        return state["clock_id"] == str(clock["id"]) and datetime.fromisoformat(at) == clock["next_alarm_at"]

    await until(knows, 30)
