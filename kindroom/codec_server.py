"""Where the Temporal UI asks for payloads in clear: one origin, a token, and every request on record."""

import hmac
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from google.protobuf.json_format import MessageToJson, Parse, ParseError
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send
from temporalio.api.common.v1 import Payload, Payloads
from temporalio.converter import PayloadCodec

from domain.errors import KindroomError
from encryption.codec import place_of

MAX_BODY: Final = 8 * 1024 * 1024
MAX_PAYLOADS: Final = 1000
_ALLOWED_HEADERS: Final = "content-type, x-namespace, authorization"
_NO_STORE: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


@dataclass(frozen=True, slots=True)
class Decoded:
    """One request to read payloads, for the audit: whose workflows (`namespace/workflow id`) and how many."""

    namespace: str
    places: frozenset[str]
    payloads: int


class _Refused(Exception):
    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status, self.code = status, code


def codec_app(
    codec: PayloadCodec,
    *,
    token: str,
    origins: Sequence[str],
    namespace: str,
    on_decode: Callable[[Decoded], Awaitable[None]],
) -> Starlette:
    """An ASGI app with POST `/decode` and `/encode`, to be mounted.

    `origins`: the Temporal UI's, compared exactly. `on_decode` is awaited before any byte leaves: if it
    raises, nothing is shown. Answers carry codes, never content: 401 without the token, 403 for another
    origin or namespace, 400 for what cannot be read, 413 for too much.
    """
    if len(token) < 32:
        raise ValueError("the codec token is too short")
    allowed = frozenset(origins)

    async def decode(request: Request) -> Response:
        async def opened(payloads: list[Payload]) -> list[Payload]:
            plain = await codec.decode(payloads)
            places = frozenset(place_of(payload) for payload in payloads)
            if any(place.partition("/")[0] != namespace for place in places):
                raise _Refused(403, "other_namespace")
            await on_decode(Decoded(namespace, places, len(payloads)))
            return plain

        return await answered(request, opened)

    async def encode(request: Request) -> Response:
        return await answered(request, codec.encode)

    async def answered(
        request: Request, work: Callable[[list[Payload]], Awaitable[list[Payload]]]
    ) -> Response:
        try:
            origin = _origin(request, allowed)
        except _Refused as refused:
            return _problem(refused, None)
        try:
            _authorise(request, token, namespace)
            payloads = await _payloads(request)
            body = MessageToJson(Payloads(payloads=await work(payloads)), indent=None)
        except _Refused as refused:
            return _problem(refused, origin)
        except KindroomError as error:
            return _problem(_Refused(400, error.code), origin)
        return Response(body, media_type="application/json", headers=_NO_STORE | _cors(origin))

    async def preflight(request: Request) -> Response:
        try:
            origin = _origin(request, allowed)
        except _Refused as refused:
            return _problem(refused, None)
        asked = {
            "Access-Control-Allow-Methods": "POST",
            "Access-Control-Allow-Headers": _ALLOWED_HEADERS,
            "Access-Control-Max-Age": "600",
        }
        return Response(status_code=204, headers=_NO_STORE | _cors(origin) | asked)

    return Starlette(
        routes=[
            Route(path, handler, methods=[method])
            for path, post in (("/decode", decode), ("/encode", encode))
            for method, handler in (("POST", post), ("OPTIONS", preflight))
        ]
    )


def with_token(app: ASGIApp, token: str) -> ASGIApp:
    """The same app for a caller that cannot send a header: the development server's UI.

    Mounted under an address that ends in the token, on the embedded stack only; in production the front adds it.
    """

    async def authorised(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            others = [pair for pair in scope["headers"] if pair[0] != b"authorization"]
            scope = {**scope, "headers": [*others, (b"authorization", b"Bearer " + token.encode())]}
        await app(scope, receive, send)

    return authorised


def _origin(request: Request, allowed: frozenset[str]) -> str | None:
    """The page's origin; None for a caller that is no browser, which still needs the token."""
    origin = request.headers.get("origin")
    if origin is not None and origin not in allowed:
        raise _Refused(403, "other_origin")
    return origin


def _cors(origin: str | None) -> dict[str, str]:
    return {"Vary": "Origin"} | ({"Access-Control-Allow-Origin": origin} if origin else {})


def _authorise(request: Request, token: str, namespace: str) -> None:
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not hmac.compare_digest(given.strip().encode(), token.encode()):
        raise _Refused(401, "not_signed_in")
    if request.headers.get("x-namespace") != namespace:
        raise _Refused(403, "other_namespace")


async def _payloads(request: Request) -> list[Payload]:
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > MAX_BODY:
                raise _Refused(413, "too_large")
    except ClientDisconnect:
        raise _Refused(400, "cut_off") from None
    try:
        payloads = list(Parse(bytes(body), Payloads()).payloads)
    except (ParseError, UnicodeDecodeError, RecursionError):
        raise _Refused(400, "unreadable_request") from None
    if not payloads:
        raise _Refused(400, "unreadable_request")
    if len(payloads) > MAX_PAYLOADS:
        raise _Refused(413, "too_many")
    return payloads


def _problem(refused: _Refused, origin: str | None) -> Response:
    headers = _NO_STORE | _cors(origin) | ({"WWW-Authenticate": "Bearer"} if refused.status == 401 else {})
    body = f'{{"type": "about:blank", "status": {refused.status}, "code": "{refused.code}"}}'
    return Response(body, refused.status, headers, media_type="application/problem+json")
