"""Live events to devices: one LISTEN connection per process, one bounded queue per open stream.

An event is encoded once. Streams carry ids and numbers only; what they miss, devices fetch by `seq`.
"""

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Collection
from contextlib import suppress
from uuid import UUID

import psycopg

from records.events import CHANNEL, Event, EventKind

_QUEUE = 256  # events a slow reader may fall behind before its stream is ended and it reconnects
HEARTBEAT_SECONDS = 15.0


class Stream:
    """One device's place to listen: its person and the rooms they may see."""

    def __init__(
        self, account_id: UUID, rooms: frozenset[UUID], staff: bool, session_id: UUID | None = None
    ) -> None:
        self.account_id = account_id
        self.session_id = session_id
        self.rooms = rooms
        self.staff = staff
        self.queue: asyncio.Queue[bytes | None] = asyncio.Queue(maxsize=_QUEUE)
        self._ended = False

    def put(self, chunk: bytes) -> None:
        """Queue an encoded event; a reader who is too far behind is ended."""
        if self._ended:
            return
        try:
            self.queue.put_nowait(chunk)
        except asyncio.QueueFull:
            self.end()

    def end(self) -> None:
        """Close the stream; the device reconnects and catches up."""
        if self._ended:
            return
        self._ended = True
        if self.queue.full():
            self.queue.get_nowait()
        self.queue.put_nowait(None)


class Hub:
    """Hands each committed event to the streams that may hear it."""

    def __init__(self, dsn: str) -> None:
        self.listening = asyncio.Event()
        self._dsn = dsn
        self._by_room: defaultdict[UUID, set[Stream]] = defaultdict(set)
        self._by_account: defaultdict[UUID, set[Stream]] = defaultdict(set)
        self._staff: set[Stream] = set()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin listening, on the running event loop."""
        self._task = asyncio.create_task(self._listen(), name="hub")

    async def stop(self) -> None:
        """End every stream, then stop listening."""
        for streams in list(self._by_account.values()):
            for stream in list(streams):
                stream.end()
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    def open(
        self, account_id: UUID, rooms: frozenset[UUID], *, staff: bool, session_id: UUID | None = None
    ) -> Stream:
        """A stream for one device. `staff`: hears of the boards too."""
        stream = Stream(account_id, rooms, staff, session_id)
        self._by_account[account_id].add(stream)
        for room in rooms:
            self._by_room[room].add(stream)
        if staff:
            self._staff.add(stream)
        return stream

    def close(self, stream: Stream) -> None:
        """Forget a stream."""
        self._by_account[stream.account_id].discard(stream)
        for room in stream.rooms:
            self._by_room[room].discard(stream)
        self._staff.discard(stream)

    def end_streams_of(self, account_id: UUID) -> None:
        """Make a person's devices reconnect: their rooms changed, or a device was revoked."""
        for stream in list(self._by_account[account_id]):
            stream.end()

    def sessions(self) -> set[UUID]:
        """The sessions that listen in this process."""
        streams = (stream for theirs in self._by_account.values() for stream in theirs)
        return {stream.session_id for stream in streams if stream.session_id is not None}

    def end_sessions(self, sessions: Collection[UUID]) -> None:
        """End the streams of these sessions."""
        for streams in list(self._by_account.values()):
            for stream in list(streams):
                if stream.session_id in sessions:
                    stream.end()

    async def read(self, stream: Stream) -> AsyncIterator[bytes]:
        """Encoded events, with a heartbeat when nothing happens; ends when the stream does."""
        while True:
            try:
                chunk = await asyncio.wait_for(stream.queue.get(), HEARTBEAT_SECONDS)
            except TimeoutError:
                yield b": heartbeat\n\n"
                continue
            if chunk is None:
                return
            yield chunk

    async def _listen(self) -> None:
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(self._dsn, autocommit=True) as conn:
                    await conn.execute(f"LISTEN {CHANNEL}")
                    self.listening.set()
                    self._resync()
                    async for notification in conn.notifies():
                        for packed in json.loads(notification.payload):
                            self._deliver(Event.unpack(packed))
            except psycopg.Error:
                self.listening.clear()
                await asyncio.sleep(0.5)

    def _resync(self) -> None:
        """What was announced while nobody listened is lost: let every device reconnect and catch up."""
        for streams in list(self._by_account.values()):
            for stream in list(streams):
                stream.end()

    def _deliver(self, event: Event) -> None:
        if event.kind is EventKind.DEVICES and event.account_id is not None:
            self.end_streams_of(event.account_id)
            return
        if event.room_id is not None:
            streams = self._by_room.get(event.room_id, set())
        elif event.account_id is not None:
            streams = self._by_account.get(event.account_id, set())
        else:
            streams = self._staff
        if not streams:
            return
        chunk = encode(event)
        for stream in list(streams):
            stream.put(chunk)


def encode(event: Event) -> bytes:
    """One server-sent event."""
    data = {"room_id": str(event.room_id) if event.room_id else None, "seq": event.seq}
    return f"event: {event.kind.value}\ndata: {json.dumps(data, separators=(',', ':'))}\n\n".encode()
