"""What makes the pages an app on a device: its manifest, its service worker, the page without a connection."""

from __future__ import annotations

import json

from fastapi import APIRouter, Response

from web.assets import STATIC, digest, kept_offline, static_url
from web.templating import environment

router = APIRouter()

PAPER, INK = "#faf8f4", "#141a1a"


@router.get("/manifest.webmanifest")
async def manifest() -> Response:
    """The name, the icons and the first places, for a device that installs it."""
    icons = [
        _icon("icon-192", 192),
        _icon("icon-512", 512),
        _icon("maskable-512", 512, "maskable"),
        {"src": static_url("mark.svg"), "sizes": "any", "type": "image/svg+xml", "purpose": "any"},
    ]
    described = {
        "id": "/",
        "name": "Kindroom",
        "short_name": "Kindroom",
        "description": "Your room, at any hour.",
        "lang": "en",
        "dir": "ltr",
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        # Of the light scheme; each page says its own for light and dark.
        "background_color": PAPER,
        "theme_color": PAPER,
        "user_preferences": {"color_scheme": {"dark": {"background_color": INK, "theme_color": INK}}},
        "icons": icons,
        "shortcuts": [
            {"name": "Open Kindroom", "url": "/", "icons": icons[:1]},
            {"name": "Get help now", "url": "/help", "icons": icons[:1]},
        ],
    }
    return Response(json.dumps(described), media_type="application/manifest+json")


def _icon(name: str, size: int, purpose: str = "any") -> dict[str, str]:
    return {
        "src": static_url(f"icons/{name}.png"),
        "sizes": f"{size}x{size}",
        "type": "image/png",
        "purpose": purpose,
    }


@router.get("/sw.js")
async def service_worker() -> Response:
    """The worker of this release: its bytes change with every static file, so browsers take the new one."""
    icons = {"icon": static_url("icons/icon-192.png"), "badge": static_url("icons/badge-96.png")}
    known = (
        f"const VERSION = {json.dumps(digest())};\nconst ASSETS = {json.dumps(kept_offline())};\n"
        f"const ICONS = {json.dumps(icons)};\n"
    )
    script = known + (STATIC / "js/sw.js").read_text(encoding="utf-8")
    return Response(script, media_type="text/javascript", headers={"Cache-Control": "no-cache"})


@router.get("/offline")
async def offline() -> Response:
    """The same page for everybody: kept by the service worker, so nothing of anybody may stand in it."""
    return Response(environment().get_template("offline.html").render(), media_type="text/html")
