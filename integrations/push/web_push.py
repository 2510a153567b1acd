"""Web Push (RFC 8030) without a payload: the push service learns that a browser is woken, and nothing else."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import ClassVar, Final
from urllib.parse import urlsplit

import httpx

from integrations.push.port import EndpointGone, NotWoken, allowed
from integrations.push.vapid import Vapid

DEADLINE_S: Final = 10.0
_GONE: Final = frozenset({404, 410})

_HEADERS: Final = {
    "TTL": "14400",  # seconds that a sleeping device may be late; older news is left to e-mail
    "Urgency": "normal",
    "Topic": "waiting",  # a device that was off is woken once, whatever waited
    "Content-Length": "0",
}

Addresses = Callable[[str], Awaitable[list[str]]]


async def addresses_of(host: str) -> list[str]:
    """The addresses behind a name."""
    found = await asyncio.get_running_loop().getaddrinfo(host, 443, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


class WebPusher:
    """Connects to the listed push services only, and never to an address inside one's own network."""

    refuses_production: ClassVar[bool] = False

    def __init__(
        self,
        client: httpx.AsyncClient,
        vapid: Vapid,
        hosts: tuple[str, ...],
        *,
        resolve: Addresses = addresses_of,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """The client is made and closed by whoever wires the adapter; redirects are not followed."""
        self._client = client
        self._vapid = vapid
        self._hosts = hosts
        self._resolve = resolve
        self._now = now

    async def wake(self, endpoint: str) -> None:
        if not allowed(endpoint, self._hosts):
            raise EndpointGone
        await self._refuse_inside(urlsplit(endpoint).hostname or "")
        headers = {**_HEADERS, "Authorization": self._vapid.authorization(endpoint, self._now())}
        try:
            async with asyncio.timeout(DEADLINE_S):
                answer = await self._client.post(endpoint, headers=headers, follow_redirects=False)
        except (TimeoutError, httpx.HTTPError):
            raise NotWoken from None
        if answer.status_code in _GONE:
            raise EndpointGone
        if not answer.is_success:
            raise NotWoken

    async def _refuse_inside(self, host: str) -> None:
        try:
            found = await self._resolve(host)
        except OSError:
            raise NotWoken from None
        if not found or not all(ip_address(each).is_global for each in found):
            raise EndpointGone
