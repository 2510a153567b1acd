"""One person's device as the load drives it: signed in first, then posting, reading a page, hearing of a message."""

import asyncio
import json
from collections import deque
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import uuid4

PAGE = 50
"""Messages a page of history has."""


class Failed(Exception):
    """The server answered something else than was asked for."""


@dataclass(frozen=True)
class Place:
    """Where a device talks, and with what: a bearer token over HTTP, a password over XMPP."""

    dialect: str  # kindroom | ejabberd | synapse
    port: int
    room: str
    person: str
    secret: str


class Device(Protocol):
    """What every dialect can do."""

    async def open(self) -> None:
        """Connect and sign in: not part of any measurement."""
        ...

    async def post(self, text: str) -> None:
        """Returns when the server has said that it is kept."""
        ...

    async def page(self) -> int:
        """The newest messages of the room, readable. How many came."""
        ...

    async def listen(self) -> None:
        """From now on `hear` answers what comes."""
        ...

    async def hear(self) -> str:
        """The text of the next message of the room, as it would be shown."""
        ...

    async def close(self) -> None:
        """Hang up."""
        ...


class Http:
    """HTTP/1.1 over one kept connection."""

    def __init__(self, port: int, token: str) -> None:
        self._port, self._token = port, token

    async def open(self) -> None:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port, limit=1 << 22)

    async def close(self) -> None:
        self._writer.close()

    async def send(self, method: str, path: str, body: object = None, *, headers: str = "") -> None:
        """Write a request."""
        content = b"" if body is None else json.dumps(body).encode()
        kind = "" if body is None else "Content-Type: application/json\r\n"
        authority = f"Authorization: Bearer {self._token}\r\n" if self._token else ""
        self._writer.write(
            f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\n{authority}{kind}{headers}"
            f"Content-Length: {len(content)}\r\n\r\n".encode()
            + content
        )
        await self._writer.drain()

    async def ask(self, method: str, path: str, body: object = None, *, headers: str = "") -> Any:
        """Write a request and read its answer. Raises Failed."""
        await self.send(method, path, body, headers=headers)
        status, length = await self.head()
        content = await (self._chunked() if length is None else self._reader.readexactly(length))
        if status >= 300:
            raise Failed(f"{method} {path.partition('?')[0]}: {status} {content[:200].decode()}")
        return json.loads(content or b"null")

    async def head(self) -> tuple[int, int | None]:
        """Status and length of an answer; no length when it comes in chunks."""
        head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        length = head.partition(b"content-length:")[2].split(b"\r\n", 1)[0]
        return int(head[9:12]), int(length) if length else None

    async def line(self) -> bytes:
        """The next line of a stream of chunks."""
        return await self._reader.readline()

    async def _chunked(self) -> bytes:
        content = b""
        while size := int(await self._reader.readline(), 16):
            content += await self._reader.readexactly(size)
            await self._reader.readline()
        await self._reader.readline()
        return content


class Kindroom:
    """Messages by `/v1/rooms`, news by server-sent events; what an event names is fetched by its seq."""

    def __init__(self, place: Place) -> None:
        self._http, self._news = Http(place.port, place.secret), Http(place.port, place.secret)
        self._path = f"/v1/rooms/{place.room}"
        self._room = place.room

    async def open(self) -> None:
        await self._http.open()

    async def post(self, text: str) -> None:
        key = f"Idempotency-Key: {uuid4().hex}\r\n"
        await self._http.ask("POST", f"{self._path}/messages", {"kind": "text", "text": text}, headers=key)

    async def page(self) -> int:
        found = await self._http.ask("GET", f"{self._path}/messages?limit={PAGE}")
        return sum(bool(item["text"]) for item in found["items"])

    async def listen(self) -> None:
        await self._news.open()
        await self._news.send("GET", "/v1/events")
        await self._news.head()
        while b"event: hello" not in await self._news.line():
            pass
        await self._news.line()

    async def hear(self) -> str:
        while b"event: message" not in await self._news.line():
            pass
        seq = json.loads((await self._news.line()).removeprefix(b"data: "))["seq"]
        found = await self._http.ask("GET", f"{self._path}/messages?after={seq - 1}&limit=1")
        return str(found["items"][0]["text"])

    async def close(self) -> None:
        await self._http.close()


class Synapse:
    """The client-server API of Matrix; news by long polls of `/sync`."""

    def __init__(self, place: Place) -> None:
        self._http = Http(place.port, place.secret)
        self._room, self._since = place.room, ""
        self._path = f"/_matrix/client/v3/rooms/{place.room}"
        self._heard: deque[str] = deque()

    async def open(self) -> None:
        await self._http.open()

    async def post(self, text: str) -> None:
        body = {"msgtype": "m.text", "body": text}
        await self._http.ask("PUT", f"{self._path}/send/m.room.message/{uuid4().hex}", body)

    async def page(self) -> int:
        found = await self._http.ask("GET", f"{self._path}/messages?dir=b&limit={PAGE}")
        return len(found["chunk"])

    async def listen(self) -> None:
        found = await self._http.ask("GET", "/_matrix/client/v3/sync?timeout=0")
        self._since = found["next_batch"]

    async def hear(self) -> str:
        while not self._heard:
            path = f"/_matrix/client/v3/sync?timeout=10000&since={self._since}"
            found = await self._http.ask("GET", path)
            self._since = found["next_batch"]
            joined = found.get("rooms", {}).get("join", {}).get(self._room, {})
            for event in joined.get("timeline", {}).get("events", []):
                if event["type"] == "m.room.message":
                    self._heard.append(event["content"]["body"])
        return self._heard.popleft()

    async def close(self) -> None:
        await self._http.close()


def device(place: Place) -> Device:
    """The device that speaks the place's dialect."""
    from bench.peers.xmpp import Xmpp

    kinds: dict[str, type[Kindroom] | type[Synapse] | type[Xmpp]] = {
        "kindroom": Kindroom,
        "synapse": Synapse,
        "ejabberd": Xmpp,
    }
    return kinds[place.dialect](place)
