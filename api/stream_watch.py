"""Streams end with the session they were opened under: also one that only grew idle, and that nobody asked for since.

A revoked or locked device is announced and its streams end at once. This looks after what no request tells of, and
after announcements that were lost.
"""

import asyncio
from contextlib import suppress
from typing import Final

from api.services import Services
from domain.errors import KindroomError
from records.sessions import spent

_EVERY_SECONDS: Final = 5.0


async def look(services: Services) -> int:
    """End the streams of sessions that ended, were locked, or are idle. How many sessions. Raises Unavailable."""
    listening = services.hub.sessions()
    if not listening:
        return 0
    over = await spent(
        services.care, listening, staff_idle=services.staff_idle, passcode_idle=services.passcode_idle
    )
    services.hub.end_sessions(over)
    return len(over)


class StreamWatch:
    """Looks every few seconds, from `start` to `stop`."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin, on the running event loop."""
        self._task = asyncio.create_task(self._run(), name="stream-watch")

    async def stop(self) -> None:
        """End."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(_EVERY_SECONDS)
            with suppress(KindroomError):  # PostgreSQL is away; streams hear nothing meanwhile either
                await look(self._services)
