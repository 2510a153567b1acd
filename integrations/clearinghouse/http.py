"""What the HTTP adapters share: the deadline, and which answer means which failure."""

import asyncio
from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any

import httpx

from integrations.clearinghouse.port import ConfigurationRefused, Malformed, PayerDown, TimedOut

CORE_DEADLINE_S = 20.0  # CAQH CORE real-time response-time rule
TRY_LATER = frozenset({408, 425, 429})
SEGMENT_COUNT_MINIMUM = 3  # ISA, IEA and something between
ISA_LENGTH = 106
KEPT = httpx.Limits(keepalive_expiry=2.0)
"""For clients of `Exchange`: given up before a server gives up (many after 5 s), so that no question meets a closing
connection.
"""


class Exchange:
    """One HTTP request within one deadline. The client is made and closed by whoever wires the adapters."""

    def __init__(self, client: httpx.AsyncClient, base_url: str, deadline_s: float = CORE_DEADLINE_S) -> None:
        self._client = client
        self._base = base_url.rstrip("/")
        self._deadline_s = deadline_s
        self._turn = asyncio.Lock()

    async def post(
        self, path: str, *, content: bytes | None = None, files: Mapping[str, Any] | None = None
    ) -> httpx.Response:
        headers = {"Content-Type": "application/edi-x12"} if content is not None else None
        return await self._send("POST", path, content=content, files=files, headers=headers)

    async def get(self, path: str, params: Mapping[str, str | int]) -> httpx.Response:
        return await self._send("GET", path, params=params)

    async def _send(self, method: str, path: str, **parts: Any) -> httpx.Response:
        request = self._client.build_request(method, self._base + path, timeout=None, **parts)
        try:
            # httpx limits each read, not the whole exchange: a trickling answer would never end.
            async with asyncio.timeout(self._deadline_s):
                await request.aread()  # a form would be written to the wire in thirty small pieces
                response = await self._begin(request)
                await _read(response)
        except (TimeoutError, httpx.TimeoutException):
            raise TimedOut from None
        except httpx.TransportError:  # also a connection that was closed before a word came
            raise PayerDown from None
        _refuse_failures(response.status_code)
        return response

    async def _begin(self, request: httpx.Request) -> httpx.Response:
        """Send it, once those before it have a connection each; answers as soon as the head of the answer is there.

        The pool of httpx names a free connection to whoever asks until one of them has taken it; the others start
        again, in no order: with 50 at once four times each, and some of them last every time.
        """
        turn = ExitStack()

        async def taken(event: str, info: dict[str, Any]) -> None:  # noqa: ARG001  the first event: it has one
            turn.close()

        request.extensions["trace"] = taken
        await self._turn.acquire()
        with turn:
            turn.callback(self._turn.release)
            return await self._client.send(request, stream=True)


async def _read(response: httpx.Response) -> None:
    """The whole body. Raises `Malformed` when it breaks off or cannot be unpacked: an answer had begun."""
    try:
        await response.aread()
    except (httpx.RemoteProtocolError, httpx.ReadError, httpx.DecodingError):
        raise Malformed from None
    finally:
        await response.aclose()


def _refuse_failures(status: int) -> None:
    if status in TRY_LATER or status >= 500:
        raise PayerDown(status)
    if status >= 300 or status < 200:
        raise ConfigurationRefused(status)


def whole_interchange(content: bytes) -> bytes:
    """The content, if it begins with ISA and ends with IEA (BOM and white space around are tolerated).

    Raises `Malformed` when it was cut off. What stands between is for the X12 reader to judge.
    """
    body = content.removeprefix(b"\xef\xbb\xbf").strip()
    if len(body) <= ISA_LENGTH or not body.startswith(b"ISA"):
        raise Malformed
    separator, terminator = body[3:4], body[ISA_LENGTH - 1 : ISA_LENGTH]
    segments = [part.strip() for part in body.split(terminator) if part.strip()]
    ended = body.endswith(terminator) or terminator.isspace()
    if not ended or len(segments) < SEGMENT_COUNT_MINIMUM or not segments[-1].startswith(b"IEA" + separator):
        raise Malformed
    return content
