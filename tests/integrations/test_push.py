"""Waking browsers: an empty push to a known service outside, signed as this installation; and one contract."""

from collections.abc import Callable
from datetime import UTC, datetime

import httpx
import pytest
from py_vapid import Vapid02

from integrations.push.fake import FakePusher
from integrations.push.port import EndpointGone, NotWoken, Pusher
from integrations.push.vapid import Vapid
from integrations.push.web_push import WebPusher

ENDPOINT = "https://push.example/send/abc"
NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
VAPID = Vapid(bytes(range(32)), "mailto:care@kindroom.test")


class Service:
    """A push service that answers as told, and keeps what it was sent."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []
        self.answer: httpx.Response | httpx.TransportError = httpx.Response(201)
        self.addresses = ["8.8.8.8", "2600::1"]

    async def take(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if isinstance(self.answer, httpx.TransportError):
            raise self.answer
        return self.answer

    async def resolve(self, host: str) -> list[str]:
        assert host == "push.example"
        return self.addresses

    def pusher(self) -> WebPusher:
        client = httpx.AsyncClient(transport=httpx.MockTransport(self.take))
        return WebPusher(client, VAPID, ("push.example",), resolve=self.resolve, now=lambda: NOW)


@pytest.fixture
def service() -> Service:
    return Service()


async def test_a_push_is_empty_and_signed_for_this_service_alone(service: Service) -> None:
    await service.pusher().wake(ENDPOINT)
    (request,) = service.requests
    assert (request.method, str(request.url), request.content) == ("POST", ENDPOINT, b"")
    assert request.headers["topic"] == "waiting"
    shown = request.headers["authorization"]
    assert Vapid02.verify(shown.replace(", ", ","))  # an independent reader of RFC 8292, strict about blanks
    assert not Vapid02.verify(shown.replace(", ", "A,"))
    assert shown.endswith(f", k={VAPID.public_key}")
    token = shown.partition("t=")[2].partition(",")[0]
    claims = httpx.Response(200, content=_decoded(token.split(".")[1])).json()
    assert claims == {
        "aud": "https://push.example",
        "exp": int(NOW.timestamp()) + 12 * 3600,
        "sub": "mailto:care@kindroom.test",
    }


def _decoded(text: str) -> bytes:
    from base64 import urlsafe_b64decode

    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


@pytest.mark.parametrize("status", [404, 410])
async def test_a_browser_that_unsubscribed_is_gone(service: Service, status: int) -> None:
    service.answer = httpx.Response(status)
    with pytest.raises(EndpointGone):
        await service.pusher().wake(ENDPOINT)


@pytest.mark.parametrize("status", [302, 400, 403, 413, 429, 500])
async def test_any_other_refusal_forgets_nobody_and_follows_nowhere(service: Service, status: int) -> None:
    service.answer = httpx.Response(status, headers={"Location": "http://127.0.0.1/"})
    with pytest.raises(NotWoken):
        await service.pusher().wake(ENDPOINT)
    assert len(service.requests) == 1


async def test_a_service_that_is_away_may_be_back_later(service: Service) -> None:
    service.answer = httpx.ConnectError("away")
    with pytest.raises(NotWoken):
        await service.pusher().wake(ENDPOINT)


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "192.168.0.1", "169.254.169.254", "::1", "fd00::1", "::ffff:10.0.0.1"],
)
async def test_a_name_that_leads_inside_is_not_connected_to(service: Service, address: str) -> None:
    service.addresses = ["8.8.8.8", address]
    with pytest.raises(EndpointGone):
        await service.pusher().wake(ENDPOINT)
    assert service.requests == []


@pytest.mark.parametrize("make", [FakePusher, lambda: Service().pusher()])
async def test_every_pusher_wakes_and_says_whether_it_may_be_used_in_production(
    make: Callable[[], Pusher],
) -> None:
    pusher = make()
    await pusher.wake(ENDPOINT)
    assert pusher.refuses_production is isinstance(pusher, FakePusher)


def test_the_key_stays_out_of_what_is_printed_and_is_the_same_after_a_restart() -> None:
    assert repr(VAPID) == "Vapid(***)"
    assert Vapid(bytes(range(32)), "mailto:x@y").public_key == VAPID.public_key
    assert Vapid(bytes(32), "mailto:x@y").public_key != VAPID.public_key
