"""Live events reach the devices that may hear them, and a reader who falls behind is sent to catch up."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from api.hub import Hub, Stream
from records.events import Announcer, Event, EventKind

if TYPE_CHECKING:
    from conftest import Databases


@pytest.fixture
async def live(databases: "Databases") -> AsyncIterator[tuple[Hub, Announcer]]:
    dsn = databases.dsn_of["kindroom_care"]
    hub, announcer = Hub(dsn), Announcer(dsn)
    hub.start()
    announcer.start()
    await asyncio.wait_for(hub.listening.wait(), 10)
    yield hub, announcer
    await announcer.stop()
    await hub.stop()


async def _next(hub: Hub, stream: Stream) -> bytes:
    async with asyncio.timeout(5), aclosing(hub.read(stream)) as chunks:  # type: ignore[type-var]
        async for chunk in chunks:
            return chunk
    return b""


async def test_an_event_reaches_the_rooms_people_and_nobody_else(live: tuple[Hub, Announcer]) -> None:
    hub, announcer = live
    room = uuid4()
    inside = hub.open(uuid4(), frozenset({room}), staff=False)
    outside = hub.open(uuid4(), frozenset({uuid4()}), staff=True)
    announcer.announce([Event(EventKind.MESSAGE, room_id=room, seq=7)])
    chunk = await _next(hub, inside)
    assert chunk == f'event: message\ndata: {{"room_id":"{room}","seq":7}}\n\n'.encode()
    assert outside.queue.empty()


async def test_a_notice_reaches_every_device_of_its_person_and_a_board_event_the_staff(
    live: tuple[Hub, Announcer],
) -> None:
    hub, announcer = live
    person = uuid4()
    phone, tablet = (hub.open(person, frozenset(), staff=False) for _ in range(2))
    board = hub.open(uuid4(), frozenset(), staff=True)
    announcer.announce([Event(EventKind.NOTICE, account_id=person), Event(EventKind.BOARD)])
    for stream in (phone, tablet):
        assert (await _next(hub, stream)).startswith(b"event: notice")
    assert (await _next(hub, board)).startswith(b"event: board")


async def test_a_thousand_events_at_once_are_all_heard(live: tuple[Hub, Announcer]) -> None:
    hub, announcer = live
    rooms = [uuid4() for _ in range(1_000)]
    streams = [hub.open(uuid4(), frozenset({room}), staff=False) for room in rooms]
    announcer.announce([Event(EventKind.MESSAGE, room_id=room, seq=1) for room in rooms])
    heard = await asyncio.gather(*(_next(hub, stream) for stream in streams))
    assert all(chunk.startswith(b"event: message") for chunk in heard)


async def test_a_slow_reader_is_ended_so_that_it_reconnects_and_catches_up() -> None:
    hub = Hub("")
    stream = hub.open(uuid4(), frozenset({(room := uuid4())}), staff=False)
    for seq in range(1_000):
        hub._deliver(Event(EventKind.MESSAGE, room_id=room, seq=seq))
    chunks = [chunk async for chunk in hub.read(stream)]
    assert 0 < len(chunks) < 1_000


async def test_a_revoked_device_loses_its_stream_at_once() -> None:
    hub = Hub("")
    person = uuid4()
    stream = hub.open(person, frozenset(), staff=False)
    hub.end_streams_of(person)
    assert [chunk async for chunk in hub.read(stream)] == []
    hub.close(stream)


async def test_a_device_that_was_signed_out_ends_the_persons_streams(live: tuple[Hub, Announcer]) -> None:
    hub, announcer = live
    person = uuid4()
    theirs = hub.open(person, frozenset(), staff=False)
    others = hub.open(uuid4(), frozenset(), staff=False)
    announcer.announce([Event(EventKind.DEVICES, account_id=person)])
    assert await _next(hub, theirs) == b""
    assert others.queue.empty()
