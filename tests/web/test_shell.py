"""The installed app: its manifest, what its worker keeps, and that the page without a connection is nobody's."""

from __future__ import annotations

import json
import re
import struct

import httpx
import pytest
from fastapi import FastAPI

from api.problems import install_problems
from web.app import mount_pages
from web.assets import STATIC, digest


@pytest.fixture
def web() -> httpx.AsyncClient:
    app = FastAPI()  # without any services: these pages ask for none
    install_problems(app)
    mount_pages(app)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://web")


async def test_every_icon_of_the_manifest_is_there_and_as_large_as_it_says(web: httpx.AsyncClient) -> None:
    answer = await web.get("/manifest.webmanifest")
    assert answer.headers["content-type"] == "application/manifest+json"
    described = json.loads(answer.content)
    assert (described["start_url"], described["scope"], described["display"]) == ("/", "/", "standalone")
    assert {icon["purpose"] for icon in described["icons"]} == {"any", "maskable"}
    for icon in described["icons"]:
        file = await web.get(icon["src"])
        assert file.headers["content-type"] == icon["type"]
        assert "immutable" in file.headers["cache-control"]
        if icon["type"] == "image/png":
            width, height = struct.unpack(">II", file.content[16:24])
            assert icon["sizes"] == f"{width}x{height}"


async def test_the_worker_keeps_files_of_this_release_and_one_page(web: httpx.AsyncClient) -> None:
    answer = await web.get("/sw.js")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["cache-control"] == "no-cache"
    kept = json.loads(re.search(r"^const ASSETS = (.*);$", answer.text, re.M).group(1))  # type: ignore[union-attr]
    assert all(path.startswith(f"/static/{digest()}/") for path in kept)
    assert all((STATIC / path.split("/", 3)[3]).is_file() for path in kept)
    needed = {"app.css", "js/offline.js", "js/app.js", "vendor/htmx/htmx.min.js", "mark.svg"}
    assert needed <= {path.split("/", 3)[3] for path in kept}


async def test_the_page_without_a_connection_is_the_same_for_everybody(web: httpx.AsyncClient) -> None:
    plain = await web.get("/offline")
    mine = await web.get("/offline", headers={"Cookie": "kindroom=token; kindroom_csrf=mine"})
    assert plain.content == mine.content
    assert "set-cookie" not in mine.headers
    assert "988" in plain.text
    assert "<form" not in plain.text
