"""Static files: vendored bytes are the locked ones, addresses change with content, old ones are not kept."""

from __future__ import annotations

import re
import subprocess
import sys

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from web.assets import STATIC, HashedFiles, digest, static_url
from web.templating import TEMPLATES, icon, icon_names


@pytest.fixture
def files() -> httpx.AsyncClient:
    app = Starlette(routes=[Mount("/static", HashedFiles())])
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://web")


def test_vendored_files_are_exactly_the_locked_ones() -> None:
    done = subprocess.run(
        [sys.executable, "tools/vendor.py", "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


async def test_a_file_of_this_release_is_kept_for_ever_and_an_older_address_is_not(
    files: httpx.AsyncClient,
) -> None:
    fresh = await files.get(static_url("app.css"))
    assert fresh.headers["cache-control"] == "public, max-age=31536000, immutable"
    old = await files.get(f"/static/{'0' * 16}/app.css")
    assert (old.status_code, old.headers["cache-control"]) == (200, "no-cache")


async def test_scripts_and_fonts_come_with_the_type_that_nosniff_demands(files: httpx.AsyncClient) -> None:
    assert (await files.get(static_url("js/app.js"))).headers["content-type"].startswith("text/javascript")
    font = await files.get(static_url("vendor/figtree/figtree-latin-wght-normal.woff2"))
    assert font.headers["content-type"] == "font/woff2"


@pytest.mark.parametrize("path", ["../assets.py", "%2e%2e/assets.py", "vendor.lock.json", ""])
async def test_nothing_but_static_files_is_served(files: httpx.AsyncClient, path: str) -> None:
    assert (await files.get(f"/static/{digest()}/{path}")).status_code == 404


def test_a_missing_file_or_icon_fails_when_the_page_is_made() -> None:
    with pytest.raises(LookupError):
        static_url("nothing.css")
    with pytest.raises(LookupError):
        icon("nothing")


def test_every_icon_of_the_sprite_is_used_somewhere() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in TEMPLATES.rglob("*.html"))
    source += "".join(path.read_text(encoding="utf-8") for path in TEMPLATES.parent.rglob("*.py"))
    source += "".join(path.read_text(encoding="utf-8") for path in (STATIC / "js").rglob("*.js"))
    unused = {name for name in icon_names() if not re.search(rf'"{name}"', source)}
    assert unused == set()


def test_the_font_is_preloaded_from_the_address_the_stylesheet_uses() -> None:
    css = (STATIC / "app.css").read_text(encoding="utf-8")
    base = (TEMPLATES / "base.html").read_text(encoding="utf-8")
    assert 'url("vendor/figtree/figtree-latin-wght-normal.woff2")' in css
    assert "static_url('vendor/figtree/figtree-latin-wght-normal.woff2')" in base
