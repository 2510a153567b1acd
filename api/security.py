"""Headers on every answer, and the check that a cookie was not used by another site (CSRF)."""

import secrets
from http import HTTPStatus

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import problem

CSRF_COOKIE = "kindroom_csrf"
CSRF_HEADER = "x-csrf-token"
CSRF_FIELD = "csrf_token"
_SAFE = {"GET", "HEAD", "OPTIONS"}
_CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self';"
    " connect-src 'self'; media-src 'self' blob:; worker-src 'self'; manifest-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "content-security-policy": _CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(self), microphone=(self), geolocation=()",
}


def new_csrf_token() -> str:
    """A token for the readable cookie; unsafe requests must send it back in a header or form field."""
    return secrets.token_urlsafe(24)


class Security:
    """ASGI middleware: security headers always; same-origin check on unsafe requests that bring a cookie.

    A bearer token is not sent by browsers on their own, so requests with one need no check. Calls of `/v1` must
    bring the double-submit token in a header; page forms bring it in a field, which `web` compares.
    """

    def __init__(self, app: ASGIApp, origins: tuple[str, ...], secure: bool) -> None:
        self._app = app
        self._origins = frozenset(origins)
        self._secure = secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if self._forged(scope["method"], scope["path"], Headers(scope=scope)):
            await problem(HTTPStatus.FORBIDDEN, "Sent from another site", "cross_site")(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                if not scope["path"].startswith("/static/"):
                    headers.setdefault("cache-control", "no-store")
                if self._secure:
                    headers.setdefault("strict-transport-security", "max-age=63072000; includeSubDomains")
            await send(message)

        await self._app(scope, receive, send_with_headers)

    def _forged(self, method: str, path: str, headers: Headers) -> bool:
        if method in _SAFE or "authorization" in headers or "cookie" not in headers:
            return False
        if path.startswith("/v1/") and not _submitted_twice(headers):
            return True
        site = headers.get("sec-fetch-site")
        if site is not None and site not in {"same-origin", "none"}:
            return True
        origin = headers.get("origin")
        if origin is not None:
            return origin not in self._origins and not _same_host(origin, headers.get("host", ""))
        return site is None


def _submitted_twice(headers: Headers) -> bool:
    """The readable cookie came back in the header: only a script of our own origin could read it."""
    token = cookie_parser(headers["cookie"]).get(CSRF_COOKIE, "")
    return bool(token) and secrets.compare_digest(token.encode(), headers.get(CSRF_HEADER, "").encode())


def _same_host(origin: str, host: str) -> bool:
    """The page's own origin, when it is served under a name that the settings do not list (loopback)."""
    return origin in {f"http://{host}", f"https://{host}"}
