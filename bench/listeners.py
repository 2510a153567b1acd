"""Devices that only listen, in a process of their own: one event stream each, every event noted as it comes in.

Reads a plan as one line of JSON from standard input, says `ready` when every stream had its hello, and at the end of
the input writes what was heard: `python -m bench.listeners`.
"""

import asyncio
import json
import sys
import time
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from typing import Any, cast

_AT_ONCE = 50


@dataclass(frozen=True)
class Plan:
    """Whose streams to open, where."""

    port: int
    tokens: list[str]


@dataclass
class Heard:
    """Events as (kind, room or None, seq or None, seconds of the machine's monotonic clock); streams that broke off."""

    events: list[tuple[str, str | None, int | None, float]] = field(default_factory=list)
    heartbeats: int = 0
    lost: int = 0


class _Listener(asyncio.Protocol):
    """One device."""

    def __init__(self, token: str, port: int, heard: Heard) -> None:
        self._token, self._port, self._heard = token, port, heard
        self._buffer = b""
        self.hello: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        head = f"GET /v1/events HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\nAuthorization: Bearer {self._token}\r\n\r\n"
        cast(asyncio.Transport, transport).write(head.encode())

    def data_received(self, data: bytes) -> None:
        at = time.perf_counter()
        *whole, self._buffer = (self._buffer + data).split(b"\n\n")
        for each in whole:
            if b": heartbeat" in each:
                self._heard.heartbeats += 1
                continue
            _, _, rest = each.partition(b"event: ")
            kind, _, told = rest.partition(b"\ndata: ")
            if kind == b"hello":
                self.hello.set_result(None)
            elif kind:
                document = _read(told)
                self._heard.events.append((kind.decode(), document["room_id"], document["seq"], at))

    def connection_lost(self, error: Exception | None) -> None:
        self._heard.lost += 1
        if not self.hello.done():
            self.hello.set_exception(error or ConnectionError("no stream"))


@lru_cache
def _read(told: bytes) -> dict[str, Any]:
    """An event's data; what all hear is read once."""
    document: dict[str, Any] = json.loads(told)
    return document


async def listen(plan: Plan) -> Heard:
    """Open the streams, say so, note events until the input ends."""
    heard = Heard()
    loop = asyncio.get_running_loop()
    free = asyncio.Semaphore(_AT_ONCE)

    async def open_one(token: str) -> asyncio.BaseTransport:
        async with free:
            transport, listener = await loop.create_connection(
                lambda: _Listener(token, plan.port, heard), "127.0.0.1", plan.port
            )
            await listener.hello
            return transport

    transports = await asyncio.gather(*(open_one(token) for token in plan.tokens))
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    found = Heard(heard.events, heard.heartbeats, heard.lost)
    for transport in transports:
        transport.close()
    return found


if __name__ == "__main__":
    import uvloop

    given = Plan(**json.loads(sys.stdin.readline()))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        json.dump(asdict(runner.run(listen(given))), sys.stdout)
