"""A real Chromium and the sample pages over HTTP with the real headers."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from socket import socket

import pytest
import uvicorn
from playwright.async_api import Browser, Playwright, async_playwright
from starlette.types import ASGIApp

from tests.web.preview import preview

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
AXE = Path(__file__).parent / "vendor" / "axe" / "axe.min.js"


def system_browser() -> str | None:
    """A browser of this machine; None leaves it to Playwright's own."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next((path for name in names if (path := shutil.which(name))), None)


@pytest.fixture(scope="session")
def axe_source() -> str:
    """The accessibility checker, to be evaluated in a page: the policy of the page does not bind it."""
    return AXE.read_text(encoding="utf-8")


@pytest.fixture
async def playwright() -> AsyncIterator[Playwright]:
    async with async_playwright() as engine:
        yield engine


@pytest.fixture
async def browser(playwright: Playwright) -> AsyncIterator[Browser]:
    """A fresh browser with an empty profile."""
    found = await playwright.chromium.launch(executable_path=system_browser(), args=FLAGS)
    yield found
    await found.close()


class Quiet(uvicorn.Server):
    """A server inside the test's own loop that tells when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()


@asynccontextmanager
async def serving(app: ASGIApp) -> AsyncIterator[str]:
    """The address of an application that is served for as long as needed."""
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning", lifespan="off", ws="none")
    server = Quiet(config)
    task = asyncio.create_task(server._serve())  # serve() would take pytest's signals
    await server.ready.wait()
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    server.force_exit = True  # event streams would keep it open
    await task


@pytest.fixture
async def samples() -> AsyncIterator[str]:
    """The address under which the sample pages are served."""
    async with serving(preview()) as address:
        yield f"{address}/sample"


@pytest.fixture(autouse=True)
def _no_proxy() -> Iterator[None]:
    """Loopback is never asked of a proxy."""
    kept = os.environ.get("NO_PROXY")
    os.environ["NO_PROXY"] = "127.0.0.1,localhost"
    yield
    if kept is None:
        del os.environ["NO_PROXY"]
    else:
        os.environ["NO_PROXY"] = kept
