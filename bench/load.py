"""A load generator in a process of its own: HTTP/1.1 over kept connections, one per sender, next when answered.

Reads a plan as JSON from standard input, writes what it saw as JSON to standard output:
`python -m bench.load < plan.json`.
"""

import asyncio
import json
import sys
import time
from dataclasses import asdict, dataclass
from typing import Any, cast
from uuid import uuid4


@dataclass(frozen=True)
class Sender:
    """Somebody who writes: the path they post to, and the tokens they post with, taken in turn."""

    path: str
    tokens: list[str]
    text: str


@dataclass(frozen=True)
class Plan:
    """Senders that work side by side until `requests` were answered."""

    port: int
    requests: int
    senders: list[Sender]


@dataclass(frozen=True)
class Seen:
    """What came back. Seconds; `refused` counts answers other than 201."""

    seconds: float
    answered: int
    refused: int
    latencies: list[float]


class _Connection(asyncio.Protocol):
    """One sender's connection: sends, waits for the whole answer, sends the next."""

    def __init__(self, sender: Sender, shared: "_Shared") -> None:
        self._sender, self._shared = sender, shared
        self._sent = 0
        self._began = 0.0
        self._buffer = b""
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def begin(self) -> None:
        """Send the first request."""
        self._next()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, rest = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        if len(rest) < length:
            return
        self._buffer = b""
        self._shared.note(time.perf_counter() - self._began, head[9:12] == b"201")
        self._next()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(error or ConnectionError("the server closed the connection"))

    def _next(self) -> None:
        if not self._shared.take():
            self.done.set_result(None)
            self._transport.close()
            return
        sender, shared = self._sender, self._shared
        token = sender.tokens[self._sent % len(sender.tokens)]
        self._sent += 1
        body = json.dumps({"kind": "text", "text": sender.text}).encode()
        head = (
            f"POST {sender.path} HTTP/1.1\r\nHost: 127.0.0.1:{shared.port}\r\nAuthorization: Bearer {token}\r\n"
            f"Content-Type: application/json\r\nIdempotency-Key: {uuid4().hex}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        self._began = time.perf_counter()
        self._transport.write(head.encode() + body)


class _Shared:
    def __init__(self, port: int, requests: int) -> None:
        self.port = port
        self._left = requests
        self.latencies: list[float] = []
        self.refused = 0

    def take(self) -> bool:
        self._left -= 1
        return self._left >= 0

    def note(self, seconds: float, accepted: bool) -> None:
        self.latencies.append(seconds)
        self.refused += not accepted


async def run(plan: Plan) -> Seen:
    """Carry out a plan."""
    shared = _Shared(plan.port, plan.requests)
    loop = asyncio.get_running_loop()
    connections = []
    for sender in plan.senders:
        _, connection = await loop.create_connection(
            lambda sender=sender: _Connection(sender, shared),  # type: ignore[misc]
            "127.0.0.1",
            plan.port,
        )
        connections.append(connection)
    began = time.perf_counter()
    for connection in connections:
        connection.begin()
    await asyncio.gather(*(connection.done for connection in connections))
    return Seen(time.perf_counter() - began, len(shared.latencies), shared.refused, shared.latencies)


def _plan(given: dict[str, Any]) -> Plan:
    return Plan(given["port"], given["requests"], [Sender(**sender) for sender in given["senders"]])


if __name__ == "__main__":
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        json.dump(asdict(runner.run(run(_plan(json.load(sys.stdin))))), sys.stdout)
