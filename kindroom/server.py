"""The HTTP server around the one ASGI app: on a socket of its own, or one inherited from the supervisor."""

import asyncio
import gc
import signal
import socket
from contextlib import AbstractAsyncContextManager
from types import FrameType
from typing import NoReturn

import uvicorn
from starlette.types import ASGIApp

from kindroom.settings import Settings

GRACEFUL_SECONDS = 3


def serve_api(
    application: AbstractAsyncContextManager[ASGIApp], settings: Settings, fd: int | None = None
) -> None:
    """Serve until SIGTERM or SIGINT; open requests and streams have three seconds, pools close last.

    `fd` is a listening socket that stays open when this process dies: visitors wait for the next one instead
    of being refused.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _leave)
    with asyncio.Runner(loop_factory=uvicorn.Config("").get_loop_factory()) as runner:
        runner.run(_serve(application, settings, fd))


async def _serve(
    application: AbstractAsyncContextManager[ASGIApp], settings: Settings, fd: int | None
) -> None:
    async with application as app:
        settle()
        config = uvicorn.Config(
            app,
            host=settings.host,
            port=settings.port,
            log_level=settings.log_level,
            access_log=False,  # addresses name rooms and people
            server_header=False,
            timeout_graceful_shutdown=GRACEFUL_SECONDS,
        )
        listener = config.bind_socket() if fd is None else socket.socket(fileno=fd)
        await uvicorn.Server(config).serve(sockets=[listener])


def settle() -> None:
    """Set aside what lives as long as the process: no collection goes through it again while somebody waits."""
    gc.collect()
    gc.freeze()


def _leave(_number: int, _frame: FrameType | None) -> NoReturn:
    """Uvicorn raises a signal again when it has stopped; the application is closed on the way out."""
    raise SystemExit(0)
