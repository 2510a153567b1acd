"""Static files under one content hash: browsers keep them for ever, a release changes every URL."""

from __future__ import annotations

import hashlib
import mimetypes
from functools import cache
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

STATIC = Path(__file__).resolve().parent / "static"
_KEPT = {".css", ".js", ".svg", ".woff2"}
IMMUTABLE = "public, max-age=31536000, immutable"

# Not every machine's table knows these; browsers refuse a font or module of the wrong type under nosniff.
mimetypes.add_type("font/woff2", ".woff2")
mimetypes.add_type("text/javascript", ".js")


@cache
def digest(root: Path = STATIC) -> str:
    """Sixteen hex digits that change with any byte of any static file."""
    total = hashlib.sha256()
    for path in sorted(root.rglob("*")):
        if path.is_file():
            total.update(str(path.relative_to(root)).encode() + b"\0")
            total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()[:16]


def static_url(path: str) -> str:
    """The address of a static file. Refuses a file that is not there, so that a typo fails in a test."""
    if not (STATIC / path).is_file():
        raise LookupError(f"no static file {path}")
    return f"/static/{digest()}/{path}"


def kept_offline() -> list[str]:
    """Addresses of what an installed app keeps: styles, scripts, the font, the icons of its notices."""
    kept = sorted(path.relative_to(STATIC).as_posix() for path in STATIC.rglob("*") if path.suffix in _KEPT)
    return [static_url(path) for path in (*kept, "icons/icon-192.png", "icons/badge-96.png")]


class HashedFiles(StaticFiles):
    """Serves `/static/<hash>/<path>`: our own hash for a year, an older one only until the next request."""

    def __init__(self) -> None:
        super().__init__(directory=STATIC)

    async def get_response(self, path: str, scope: Scope) -> Response:
        asked, _, rest = path.partition("/")
        if not rest or rest.endswith(".json"):
            raise HTTPException(status_code=404)
        response = await super().get_response(rest, scope)
        response.headers["Cache-Control"] = IMMUTABLE if asked == digest() else "no-cache"
        return response
