"""Live events reach the devices that may hear them, and a reader who falls behind is sent to catch up."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from factories import room as open_a_room
from factories import therapist

from api.hub import Hub, Stream
from domain.access import Actor
from records.events import Announcer, Event, EventKind
from records.rooms import last_seqs

if TYPE_CHECKING:
    from conftest import Databases


@pytest.fixture
def turn_seconds() -> float:
    """Nobody is looked after unless a test asks for it: a turn would end streams of people who do not exist."""
    return 3_600.0


@pytest.fixture(autouse=True)
def _turns(monkeypatch: pytest.MonkeyPatch, turn_seconds: float) -> None:
    """Each turn looks after everybody."""
    monkeypatch.setattr("api.hub._TURNS", 1)
    monkeypatch.setattr("api.hub._TURN_SECONDS", turn_seconds)


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


async def _listener(hub: Hub, databases: "Databases", person: Actor) -> Stream:
    """A stream as the route opens it."""
    async with databases.care.transaction(person) as tx:
        rooms = await last_seqs(tx)
    seqs = {row["id"]: row["last_seq"] for row in rooms}
    stream = hub.open(person.account_id, frozenset(seqs), staff=False, role=person.role.value)
    hub.know(seqs)
    return stream


async def _until(hub: Hub, stream: Stream, wanted: bytes) -> bytes:
    """The next chunk that begins so; empty when the stream ended before."""
    while (chunk := await _next(hub, stream)) and not chunk.startswith(wanted):
        pass
    return chunk


async def _next(hub: Hub, stream: Stream) -> bytes:
    async with asyncio.timeout(20), aclosing(hub.read(stream)) as chunks:  # type: ignore[type-var]
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


@pytest.mark.parametrize("turn_seconds", [0.1])
async def test_what_was_announced_to_nobody_is_told_when_its_stream_is_looked_after(
    databases: "Databases", live: tuple[Hub, Announcer]
) -> None:
    """The process that posted died between its commit and its announcement."""
    hub, _ = live
    room = await open_a_room(databases.care)
    stream = await _listener(hub, databases, room.client)
    async with databases.care.transaction() as tx:
        await tx.run("UPDATE rooms SET last_seq = 3 WHERE id = %s", (room.id,))
    assert await _until(hub, stream, b"event: message") == (
        f'event: message\ndata: {{"room_id":"{room.id}","seq":3}}\n\n'.encode()
    )
    assert await _until(hub, stream, b"") == b": heartbeat\n\n"  # once is enough


@pytest.mark.parametrize("turn_seconds", [0.1])
async def test_who_lost_a_room_without_a_word_stops_hearing_of_it(
    databases: "Databases", live: tuple[Hub, Announcer]
) -> None:
    hub, _ = live
    room = await open_a_room(databases.care)
    theirs, stays = (
        await _listener(hub, databases, room.therapist),
        await _listener(hub, databases, room.client),
    )
    async with databases.care.transaction() as tx:
        other = await therapist(tx)
        await tx.run("UPDATE rooms SET therapist_id = %s WHERE id = %s", (other, room.id))
    assert await _until(hub, theirs, b"event") == b""  # ended: it reconnects and hears of what is theirs
    assert await _until(hub, stays, b"") == b": heartbeat\n\n"


async def test_each_process_hears_what_another_one_committed(databases: "Databases") -> None:
    dsn = databases.dsn_of["kindroom_care"]
    hubs, announcers = [Hub(dsn), Hub(dsn)], [Announcer(dsn), Announcer(dsn)]
    for each in (*hubs, *announcers):
        each.start()
    await asyncio.gather(*(hub.listening.wait() for hub in hubs))
    room, person = uuid4(), uuid4()
    phone, tablet = (hub.open(person, frozenset({room}), staff=False) for hub in hubs)
    announcers[0].announce([Event(EventKind.MESSAGE, room_id=room, seq=1)])
    announcers[1].announce([Event(EventKind.READ, room_id=room, seq=1)])
    for hub, stream in zip(hubs, (phone, tablet), strict=True):
        heard = {(await _next(hub, stream)).split(b"\n")[0] for _ in range(2)}
        assert heard == {b"event: message", b"event: read"}
    announcers[0].announce([Event(EventKind.DEVICES, account_id=person)])
    assert [await _next(hub, stream) for hub, stream in zip(hubs, (phone, tablet), strict=True)] == [b"", b""]
    for stopping in (*announcers, *hubs):
        await stopping.stop()


async def test_when_listening_was_interrupted_every_device_comes_back(
    databases: "Databases", live: tuple[Hub, Announcer]
) -> None:
    hub, announcer = live
    room = uuid4()
    before = hub.open(uuid4(), frozenset({room}), staff=False)
    async with databases.care.transaction() as tx:
        await tx.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'hub' AND datname = current_database()"
        )
    assert await _next(hub, before) == b""
    await asyncio.wait_for(hub.listening.wait(), 10)
    after = hub.open(uuid4(), frozenset({room}), staff=False)
    announcer.announce([Event(EventKind.MESSAGE, room_id=room, seq=2)])
    assert (await _next(hub, after)).startswith(b"event: message")
