"""How much may be sent at once."""

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST_BODY = 12_000_000
"""Bytes of one request's body: a whole remittance file and some; texts are a hundredth of it."""


class BodyLimit:
    """ASGI middleware: reading more than the limit is refused with 413, whatever length was announced."""

    def __init__(self, app: ASGIApp, largest: int = LARGEST_BODY) -> None:
        self._app = app
        self._largest = largest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        read = 0

        async def counting_receive() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > self._largest:
                raise HTTPException(413)
            return message

        await self._app(scope, counting_receive, send)
