"""Live events to devices: one LISTEN connection per process, one bounded queue per open stream.

An event is encoded once. Streams carry ids and numbers only; what they miss, devices fetch by `seq`. On the same
connection each stream is looked after every few seconds: whether its person may still hear of its rooms, and whether a
room has come further than was told, because an announcement was lost.
"""

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import suppress
from uuid import UUID

import psycopg

from records.events import CHANNEL, Event, EventKind

_QUEUE = 256  # events a slow reader may fall behind before its stream is ended and it reconnects
_TURNS = 15
_TURN_SECONDS = 1.0  # each turn looks after its share of the streams: after all of them in fifteen seconds
_AWAY_SECONDS = 10.0
_HEARTBEAT = b": heartbeat\n\n"
_HEARD = "SELECT account_id, rooms, seqs FROM rooms_heard(%s::uuid[], %s::text[])"


class Stream:
    """One device's place to listen: its person, its session and the rooms they may hear of."""

    def __init__(
        self,
        account_id: UUID,
        rooms: frozenset[UUID],
        staff: bool,
        session_id: UUID | None = None,
        role: str = "",
    ) -> None:
        self.account_id = account_id
        self.session_id = session_id
        self.rooms = rooms
        self.staff = staff
        self.role = role
        self.queue: asyncio.Queue[bytes | None] = asyncio.Queue(maxsize=_QUEUE)
        self.ended = False

    def put(self, chunk: bytes) -> None:
        """Queue an encoded event; a reader who is too far behind is ended."""
        if self.ended:
            return
        try:
            self.queue.put_nowait(chunk)
        except asyncio.QueueFull:
            self.end()

    def end(self) -> None:
        """Close the stream; the device reconnects and catches up."""
        if self.ended:
            return
        self.ended = True
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
        self._told: dict[UUID, int] = {}  # the highest seq that was told of each room somebody listens to
        self._suspects: dict[UUID, int] = {}  # rooms that had come further when they were last looked at
        self._turn = 0
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
        self,
        account_id: UUID,
        rooms: frozenset[UUID],
        *,
        staff: bool,
        session_id: UUID | None = None,
        role: str = "",
    ) -> Stream:
        """A stream for one device. `staff`: hears of the boards too."""
        stream = Stream(account_id, rooms, staff, session_id, role)
        self._by_account[account_id].add(stream)
        for room in rooms:
            self._by_room[room].add(stream)
        if staff:
            self._staff.add(stream)
        return stream

    def close(self, stream: Stream) -> None:
        """Forget a stream."""
        _discard(self._by_account, stream.account_id, stream)
        for room in stream.rooms:
            _discard(self._by_room, room, stream)
            if room not in self._by_room:
                self._told.pop(room, None)
        self._staff.discard(stream)

    def know(self, seqs: Mapping[UUID, int]) -> None:
        """How far rooms had come when a stream began: what comes further has to be told."""
        for room, seq in seqs.items():
            if room in self._by_room:
                self._told.setdefault(room, seq)  # an earlier listener may have been told less

    def end_streams_of(self, account_id: UUID) -> None:
        """Make a person's devices reconnect: their rooms changed, or a device was revoked."""
        for stream in list(self._by_account.get(account_id, ())):
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
        """Encoded events, and heartbeats between them; ends when the stream does."""
        while (chunk := await stream.queue.get()) is not None:
            yield chunk

    async def _listen(self) -> None:
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(
                    self._dsn, autocommit=True, connect_timeout=5, application_name="hub"
                ) as conn:
                    await conn.execute(f"LISTEN {CHANNEL}")
                    self.listening.set()
                    self._resync()
                    while True:
                        async for notification in conn.notifies(timeout=_TURN_SECONDS):
                            for packed in json.loads(notification.payload):
                                self._deliver(Event.unpack(packed))
                        async with asyncio.timeout(_AWAY_SECONDS):
                            await self._look_after(conn)
            except (psycopg.Error, TimeoutError):
                self.listening.clear()
                await asyncio.sleep(0.5)

    async def _look_after(self, conn: psycopg.AsyncConnection) -> None:
        """A turn: streams with rooms that are not their person's any more end, the others get a heartbeat."""
        for room, seq in self._suspects.items():
            if (
                self._told.get(room, seq) < seq
            ):  # announced more than a moment ago, and not heard: it was lost
                self._deliver(Event(EventKind.MESSAGE, room_id=room, seq=seq))
        self._suspects.clear()
        self._turn = (self._turn + 1) % _TURNS
        people = {who: streams for who, streams in self._by_account.items() if who.int % _TURNS == self._turn}
        if not people:
            return
        roles = [next(iter(streams)).role for streams in people.values()]
        for account_id, rooms, seqs in await (await conn.execute(_HEARD, (list(people), roles))).fetchall():
            for stream in list(self._by_account.get(account_id, ())):
                if stream.ended:
                    self.close(stream)  # nobody has read its end for a while
                elif stream.rooms == frozenset(rooms):
                    stream.put(_HEARTBEAT)
                else:
                    stream.end()
            for room, seq in zip(rooms, seqs, strict=True):
                if self._told.get(room, seq) < seq:
                    self._suspects[room] = seq

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
            if event.kind is EventKind.MESSAGE and event.seq is not None and event.room_id in self._told:
                self._told[event.room_id] = max(self._told[event.room_id], event.seq)
        elif event.account_id is not None:
            streams = self._by_account.get(event.account_id, set())
        else:
            streams = self._staff
        if not streams:
            return
        chunk = encode(event)
        for stream in list(streams):
            stream.put(chunk)


def _discard(streams: defaultdict[UUID, set[Stream]], name: UUID, stream: Stream) -> None:
    streams[name].discard(stream)
    if not streams[name]:
        del streams[name]


def encode(event: Event) -> bytes:
    """One server-sent event."""
    data = {"room_id": str(event.room_id) if event.room_id else None, "seq": event.seq}
    return f"event: {event.kind.value}\ndata: {json.dumps(data, separators=(',', ':'))}\n\n".encode()
