"""The port for waking browsers. A push is empty: there is no field in which a word could travel."""

from typing import ClassVar, Protocol
from urllib.parse import urlsplit

from domain.errors import KindroomError

LONGEST = 1_000
"""Characters of an endpoint; those of the known push services have 100 to 500."""


class Pusher(Protocol):
    """Wakes one browser. What it then shows is its own and the same for everybody."""

    refuses_production: ClassVar[bool]

    async def wake(self, endpoint: str) -> None:
        """Hand over one empty push. Raises `EndpointGone` (forget it) or `NotWoken` (it may work later)."""
        ...


class EndpointGone(KindroomError):
    """Nobody listens there any more, or nobody may: the subscription is to be deleted."""

    code = "push_endpoint_gone"


class NotWoken(KindroomError):
    """The push service cannot take it now."""

    code = "push_not_handed_over"


def allowed(endpoint: str, hosts: tuple[str, ...]) -> bool:
    """Whether an endpoint is an address at one of these push services: HTTPS, on the usual port, and nothing else.

    A subscription comes from a browser, so it names where this service will connect to: without a list of hosts
    it could be pointed at machines that only this service can reach.
    """
    if len(endpoint) > LONGEST or not (endpoint.isascii() and endpoint.isprintable()) or "\\" in endpoint:
        return False
    try:
        parts = urlsplit(endpoint)
        port = parts.port
    except ValueError:
        return False
    if parts.scheme != "https" or port not in {None, 443} or "@" in parts.netloc or parts.fragment:
        return False
    name = parts.hostname or ""
    return any(name == host or name.endswith(f".{host}") for host in hosts)
