"""What nobody foresaw: answered as a problem, and noted by kind and place only."""

import logging
import traceback

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import unexpected

log = logging.getLogger(__name__)


class Unexpected:
    """ASGI middleware, inside the one that sets headers. Logs the kinds and lines of an error, never its text.

    An error's text can carry what was sent (a validation names its input, a driver its values).
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def noting_send(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, noting_send)
        except Exception as error:  # the last line of defence
            log.error("unexpected %s", _told(error))
            if started:
                raise _Cut from None
            await unexpected()(scope, receive, send)


class _Cut(Exception):
    """An answer that had begun could not be finished: the server closes the connection."""


def _told(error: BaseException) -> str:
    """Kinds of the error and its causes, and where each was raised."""
    lines = []
    cause: BaseException | None = error
    while cause is not None:
        lines.append(type(cause).__qualname__)
        places = traceback.extract_tb(cause.__traceback__)
        lines += [f"  {place.filename}:{place.lineno} {place.name}" for place in places]
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return "\n".join(lines)
